"""The supervisor's table: one answer for every mode and every mask, no row in vain, no trap."""

import numpy as np
import pytest

from host_tools.supervisor import __main__ as command
from host_tools.supervisor.page import PAGE, markdown
from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.services import modes
from plumbline.services.conditions import Conditions
from plumbline.services.modes import BOOT, CRUISE, LANDED, MODES, POWERED, SAFE, SURFACE, TRANSITIONS
from plumbline.services.supervisor import Supervisor
from plumbline.services.transitions import ROWS, TABLE, next_mode

MASKS = np.arange(1 << len(modes.CONDITIONS))
PHASES = {
    modes.BRAKING: 2,
    modes.APPROACH: 3,
    modes.TERMINAL: 4,
    modes.CONTACT: 5,
    modes.LANDED: 6,
    modes.ABORT: 7,
    modes.ORBIT: 8,
}
DESCENT = (modes.COAST, modes.BRAKING, modes.APPROACH, modes.TERMINAL, modes.CONTACT)
# as guidance has it: nothing leads back to the braking burn, and who touches or aborts does no other thing
NEVER = {(mode, modes.BRAKING) for mode in DESCENT[2:]} | {(modes.CONTACT, modes.ABORT)}


class Events:
    def __init__(self):
        self.said = []

    def emit(self, event, tick, argument=0):
        self.said.append((event, tick, argument))


def deciding_rows(mode):
    """For every mask the index of the row that decides, -1 where the mode stays, by the table."""
    decided = np.full(MASKS.shape, -1)
    for index, (of, needs, forbids, _) in enumerate(TRANSITIONS):
        if of == mode:
            fits = ((MASKS & needs) == needs) & ((MASKS & forbids) == 0) & (decided < 0)
            decided[fits] = index
    return decided


def reachable(start):
    """Modes that some sequence of masks leads to."""
    found, waiting = {start}, [start]
    while waiting:
        mode = waiting.pop()
        for of, _, _, to in TRANSITIONS:
            if of == mode and to not in found:
                found.add(to)
                waiting.append(to)
    return found


@pytest.mark.parametrize("mode", range(len(MODES)), ids=MODES)
def test_every_mask_has_the_answer_of_the_first_row_that_fits(mode):
    expected = [mode if row < 0 else TRANSITIONS[row][3] for row in deciding_rows(mode)]
    assert [next_mode(TABLE, ROWS, mode, int(mask)) for mask in MASKS] == expected


def test_every_row_decides_something_and_leads_elsewhere():
    for index, (mode, needs, forbids, to) in enumerate(TRANSITIONS):
        assert index in deciding_rows(mode), f"row {index} never decides"
        assert to != mode and needs and not needs & forbids
        assert 0 <= mode < len(MODES) and 0 <= to < len(MODES)


def test_every_condition_decides_something_and_has_a_bit_of_its_own():
    used = 0
    for _, needs, forbids, _ in TRANSITIONS:
        used |= needs | forbids
    assert used == (1 << len(modes.CONDITIONS)) - 1
    assert len(modes.ALLOWED) == len(MODES)
    assert max(modes.ALLOWED) < 1 << len(modes.PERMISSIONS)


def test_no_mode_is_a_trap():
    for mode in range(len(MODES)):
        assert SAFE in reachable(mode), f"there is no way out of {MODES[mode]}"
    assert reachable(BOOT) == set(range(len(MODES)))
    assert SURFACE in reachable(SAFE) and CRUISE in reachable(SAFE)


def test_no_mask_ends_a_powered_flight_but_the_ground_and_the_orbit_after_an_abort():
    for mode in POWERED:
        after = {TRANSITIONS[row][3] for row in deciding_rows(mode) if row >= 0}
        assert after == {modes.ORBIT} if mode == modes.ABORT else after <= {*POWERED, LANDED}
    assert {of for of, _, _, to in TRANSITIONS if of in POWERED and to == LANDED} == {*POWERED} - {
        modes.ABORT
    }


@pytest.mark.parametrize("mode", DESCENT)
def test_a_descent_follows_guidance_whatever_phase_was_missed(mode):
    for of, phase in PHASES.items():
        if of != modes.ORBIT:
            conditions = Conditions()
            conditions.guidance(phase)
            assert next_mode(TABLE, ROWS, mode, conditions.take()) == (mode if (mode, of) in NEVER else of)


def test_what_has_landed_does_not_fly_again_without_a_boot():
    mode, mask = SAFE, modes.ON_GROUND
    for conditions in MASKS:
        assert next_mode(TABLE, ROWS, mode, int(conditions) | mask) in (SAFE, SURFACE)


def test_flash_is_erased_and_parameters_are_set_in_no_mode_that_steers():
    for mode, allowed in enumerate(modes.ALLOWED):
        steers = mode in (*POWERED, modes.COAST, modes.ORBIT)
        assert bool(allowed & modes.ARM) == steers
        assert not (steers and allowed & (modes.ERASE | modes.SET_PARAMETERS))
        assert bool(allowed & modes.WORK) == (mode == SURFACE)


@pytest.mark.parametrize("mode", PHASES)
def test_a_fresh_checkpoint_resumes_whatever_else_is_wrong(mode):
    conditions = Conditions()
    conditions.guidance(PHASES[mode])
    for condition in (modes.RESUMABLE, modes.UNFIT, modes.TOO_MANY_RESETS, modes.OVERDUE, modes.READY):
        conditions.hold(condition, True)
    assert next_mode(TABLE, ROWS, BOOT, conditions.take()) == mode


def test_a_descent_runs_through_its_modes_and_each_change_is_said_once():
    events = Events()
    supervisor, conditions = Supervisor(events), Conditions()
    conditions.hold(modes.READY, True)
    seen = []
    # ready; initial state; braking, approach, terminal, up again, terminal, a bounce, contact, landed
    for tick, phase in enumerate((0, 0, 1, 1, 2, 3, 4, 3, 4, 5, 4, 5, 6, 6)):
        conditions.guidance(phase)
        if supervisor.step(conditions.take(), tick):
            seen.append(supervisor.mode)
        assert not supervisor.step(conditions.take(), tick)
    conditions.command(modes.GO_SURFACE)
    supervisor.step(conditions.take(), 99)
    names = [MODES[mode] for mode in [*seen, supervisor.mode]]
    assert names == [
        "cruise", "coast", "braking", "approach", "terminal", "approach", "terminal", "contact", "terminal",
        "contact", "landed", "surface",
    ]  # fmt: skip
    assert [argument for _, _, argument in events.said] == [*seen, SURFACE]
    assert {event for event, _, _ in events.said} == {dictionary.MODE_CHANGED}


def test_an_aborted_descent_ends_in_orbit_and_is_safed_from_there():
    supervisor, conditions = Supervisor(Events()), Conditions()
    conditions.hold(modes.READY, True)
    seen = []
    for phase in (0, 1, 2, 7, 8):
        conditions.guidance(phase)
        conditions.command(modes.GO_SAFE if phase == 7 else 0)  # not while it climbs
        supervisor.step(conditions.take(), 0)
        seen.append(MODES[supervisor.mode])
    assert seen == ["cruise", "coast", "braking", "abort", "orbit"]
    conditions.command(modes.GO_SAFE)
    supervisor.step(conditions.take(), 9)
    assert supervisor.mode == SAFE


def test_a_command_is_good_for_one_step():
    supervisor, conditions = Supervisor(Events()), Conditions()
    conditions.hold(modes.UNFIT, True)
    supervisor.step(conditions.take(), 0)
    conditions.command(modes.GO_CRUISE)
    conditions.hold(modes.READY, True)
    supervisor.step(conditions.take(), 1)
    assert supervisor.mode == SAFE  # refused: it is unfit
    conditions.hold(modes.UNFIT, False)
    supervisor.step(conditions.take(), 2)
    assert supervisor.mode == SAFE  # the command is gone
    conditions.command(modes.GO_CRUISE)
    supervisor.step(conditions.take(), 3)
    assert supervisor.mode == CRUISE


def test_nothing_but_a_command_can_be_commanded():
    conditions = Conditions()
    conditions.command(modes.RESUMABLE | modes.PHASE_LANDED | modes.GO_SAFE)
    assert conditions.take() == modes.GO_SAFE


def test_the_phases_are_those_of_guidance():
    conditions = Conditions()
    expected = [0, modes.INITIALISED]
    for bit in (modes.PHASE_BRAKING, modes.PHASE_APPROACH, modes.PHASE_TERMINAL, modes.PHASE_CONTACT):
        expected.append(modes.INITIALISED | bit)
    expected.append(modes.INITIALISED | modes.PHASE_LANDED | modes.ON_GROUND)
    expected += [modes.INITIALISED | modes.PHASE_ABORT, modes.INITIALISED | modes.PHASE_ORBIT]
    for phase, mask in enumerate(expected):
        conditions = Conditions()
        conditions.guidance(phase)
        assert conditions.mask == mask
    assert slots.GUI_PHASE == 0


def test_the_page_is_what_the_table_says(monkeypatch, capsys, tmp_path):
    assert PAGE.read_text() == markdown()
    assert command.main(["--check"]) == 0
    assert markdown().count("\n| boot |") == 11 + 1  # its transitions, and its permissions
    monkeypatch.setattr(command, "PAGE", tmp_path / "supervisor.md")
    assert command.main(["--check"]) == 1
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    assert command.main(["--what"]) == 2
    assert capsys.readouterr().err.count("\n") == 2
