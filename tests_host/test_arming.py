"""Arm, then fire: every event in every state, the 5 s, the nonce, the pulse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernels import arming as kernel
from plumbline.kernels import slots as s

SAFE, ARMED, FIRING = range(3)
DONE, OUT_OF_RANGE, WRONG_MODE, NO_CONTACT, BUSY, NOT_ARMED, EXPIRED, OTHER_ACTUATOR, WRONG_NONCE = range(9)
HAS_EXPIRED = -1
NO, YES, BLIND = range(3)
CRUISE, SURFACE = 1, 3
LEGS, PRESSURANT, RAMP, ROVER = range(4)
WIDTHS_US = (50_000, 50_000, 3_000_000, 100_000)
RELEASES = [2, 0, WIDTHS_US[0], 2, 0, WIDTHS_US[1], 8, 1, WIDTHS_US[2], 8, 1, WIDTHS_US[3]]
TICK_US, LONGEST_US = 10_000, 100_000


class Arming:
    """The kernel on the surface, with contact; `now` is the hardware's time in us."""

    def __init__(self):
        self.memory = np.zeros(s.ARM_SIZE, np.int32)
        self.memory[s.ARM_NONCE] = 4_711
        self.releases = np.array(RELEASES, np.int32)
        self.mode, self.vote, self.stir = SURFACE, YES, 99

    def arm(self, actuator):
        self.stir += 1
        return kernel.arm(self.memory, self.releases, actuator, self.mode, self.vote, self.stir)

    def fire(self, actuator, nonce=None):
        nonce = self.nonce if nonce is None else nonce
        return kernel.fire(self.memory, self.releases, actuator, nonce, self.mode, self.vote)

    def tick(self, count=1):
        return [kernel.tick(self.memory) for _ in range(count)]

    @property
    def nonce(self):
        return int(self.memory[s.ARM_NONCE])

    @property
    def state(self):
        return int(self.memory[s.ARM_STATE])


def in_state(state):
    """Armed or firing is the rover."""
    arming = Arming()
    if state != SAFE:
        assert arming.arm(ROVER) == DONE
    if state == FIRING:
        assert arming.fire(ROVER) == DONE
    assert arming.state == state
    return arming


def _in_cruise(arming):
    arming.mode = CRUISE


def _without_contact(arming):
    arming.vote = NO


EVENTS = {
    "arm": lambda a: a.arm(ROVER),
    "arm another": lambda a: a.arm(RAMP),
    "arm unknown": lambda a: a.arm(4),
    "arm negative": lambda a: a.arm(-1),
    "arm in the wrong mode": lambda a: (_in_cruise(a), a.arm(ROVER))[1],
    "arm without contact": lambda a: (_without_contact(a), a.arm(ROVER))[1],
    "fire": lambda a: a.fire(ROVER),
    "fire another": lambda a: a.fire(RAMP),
    "fire unknown": lambda a: a.fire(17),
    "fire with a wrong nonce": lambda a: a.fire(ROVER, a.nonce ^ 1),
    "fire with nonce 0": lambda a: a.fire(ROVER, 0),
    "fire in the wrong mode": lambda a: (_in_cruise(a), a.fire(ROVER))[1],
    "fire without contact": lambda a: (_without_contact(a), a.fire(ROVER))[1],
    "disarm": lambda a: kernel.disarm(a.memory),
    "tick": lambda a: a.tick()[0],
}
# event: (answer, next state) from safe, armed and firing
TABLE = {
    "arm": ((DONE, ARMED), (DONE, ARMED), (BUSY, FIRING)),
    "arm another": ((DONE, ARMED), (BUSY, ARMED), (BUSY, FIRING)),
    "arm unknown": ((OUT_OF_RANGE, SAFE), (OUT_OF_RANGE, ARMED), (OUT_OF_RANGE, FIRING)),
    "arm negative": ((OUT_OF_RANGE, SAFE), (OUT_OF_RANGE, ARMED), (OUT_OF_RANGE, FIRING)),
    "arm in the wrong mode": ((WRONG_MODE, SAFE), (WRONG_MODE, ARMED), (WRONG_MODE, FIRING)),
    "arm without contact": ((NO_CONTACT, SAFE), (NO_CONTACT, ARMED), (NO_CONTACT, FIRING)),
    "fire": ((NOT_ARMED, SAFE), (DONE, FIRING), (BUSY, FIRING)),
    "fire another": ((NOT_ARMED, SAFE), (OTHER_ACTUATOR, SAFE), (BUSY, FIRING)),
    "fire unknown": ((NOT_ARMED, SAFE), (OTHER_ACTUATOR, SAFE), (BUSY, FIRING)),
    "fire with a wrong nonce": ((NOT_ARMED, SAFE), (WRONG_NONCE, SAFE), (BUSY, FIRING)),
    "fire with nonce 0": ((NOT_ARMED, SAFE), (WRONG_NONCE, SAFE), (BUSY, FIRING)),
    "fire in the wrong mode": ((NOT_ARMED, SAFE), (WRONG_MODE, SAFE), (BUSY, FIRING)),
    "fire without contact": ((NOT_ARMED, SAFE), (NO_CONTACT, SAFE), (BUSY, FIRING)),
    "disarm": ((SAFE, SAFE), (ARMED, SAFE), (FIRING, SAFE)),
    "tick": ((0, SAFE), (0, ARMED), (LONGEST_US, FIRING)),
}


@pytest.mark.parametrize("state", [SAFE, ARMED, FIRING], ids=["safe", "armed", "firing"])
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_in_every_state_does_what_the_table_says(event, state):
    arming = in_state(state)
    fired = int(arming.memory[s.ARM_FIRED])
    assert (EVENTS[event](arming), arming.state) == TABLE[event][state]
    begins = state == ARMED and arming.state == FIRING
    assert int(arming.memory[s.ARM_FIRED]) == (1 << ROVER if begins else fired)


def test_the_table_has_every_event():
    assert list(TABLE) == list(EVENTS)


def test_a_refused_arm_changes_nothing():
    for event in ("arm another", "arm unknown", "arm in the wrong mode", "arm without contact"):
        arming = in_state(ARMED)
        before = arming.memory.copy()
        EVENTS[event](arming)
        assert (arming.memory == before).all(), event


def test_blind_legs_forbid_nothing_and_an_actuator_that_needs_no_contact_has_none():
    arming = Arming()
    arming.vote = BLIND
    assert arming.arm(ROVER) == DONE
    arming = Arming()
    arming.vote, arming.mode = NO, CRUISE
    assert arming.arm(LEGS) == DONE


@pytest.mark.parametrize("mode", range(4))
@pytest.mark.parametrize("actuator", range(4))
def test_an_actuator_is_armed_in_its_modes_alone(actuator, mode):
    arming = Arming()
    arming.mode = mode
    allowed = mode == (CRUISE if actuator in (LEGS, PRESSURANT) else SURFACE)
    assert arming.arm(actuator) == (DONE if allowed else WRONG_MODE)


def test_fire_is_taken_in_the_last_tick_of_5_s_and_told_expired_in_the_next():
    arming = in_state(ARMED)
    assert arming.tick(499) == [0] * 499
    assert arming.fire(ROVER) == DONE
    arming = in_state(ARMED)
    assert arming.tick(500) == [0] * 499 + [HAS_EXPIRED]
    assert (arming.fire(ROVER, arming.nonce ^ 1), arming.fire(ROVER)) == (NOT_ARMED, EXPIRED)
    assert arming.state == SAFE


def test_arming_again_begins_the_5_s_anew_and_ends_the_old_nonce():
    arming = in_state(ARMED)
    old = arming.nonce
    arming.tick(400)
    assert arming.arm(ROVER) == DONE
    assert arming.nonce != old
    assert arming.tick(499) == [0] * 499
    assert arming.fire(ROVER, old) == WRONG_NONCE


def test_a_nonce_fires_once():
    arming = in_state(ARMED)
    nonce = arming.nonce
    assert arming.fire(ROVER) == DONE
    arming.tick(20)
    assert arming.state == SAFE
    assert arming.fire(ROVER, nonce) == NOT_ARMED
    assert arming.arm(ROVER) == DONE
    assert arming.fire(ROVER, nonce) == WRONG_NONCE


def test_no_nonce_is_0_or_the_last_one_whatever_stirs_it():
    nonces = np.arange(65_536)
    for stir in (0, 1, 2, 3, 65_535, -1, 2**30 - 1, -(2**30)):
        found = np.array([kernel.next_nonce(int(nonce), stir) for nonce in nonces])
        assert found.min() >= 1
        assert found.max() <= 65_535
        assert (found != nonces).all()
        # a step is a permutation, but for the few that would be 0 or the last one
        assert len(np.unique(found)) >= 65_530


def played(arming, ticks):
    """(on, off) in us of the one pulse that the hardware plays, and how long it was after the last ask."""
    on = off = None
    for tick in range(ticks):
        asked = arming.tick()[0]
        if asked > 0:
            now = tick * TICK_US
            assert off is None or now <= off, "a gap"
            on = now if on is None else on
            off = now + asked
            assert asked <= LONGEST_US
    return on, off


@given(st.integers(1, 10_000_000), st.integers(0, 1_100))
@settings(max_examples=200, deadline=None)
def test_a_pulse_has_its_width_and_ends_within_100_ms_when_nobody_asks_any_more(width_us, dies):
    arming = in_state(ARMED)
    arming.releases[3 * ROVER + s.REL_WIDTH_US] = width_us
    assert arming.fire(ROVER) == DONE
    on, off = played(arming, dies)
    if dies:
        assert on == 0
        assert off <= min(width_us, (dies - 1) * TICK_US + LONGEST_US)
        if dies * TICK_US > width_us:
            assert off == width_us
            arming.tick()
            assert arming.state == SAFE


def test_while_it_fires_nothing_else_can_be_armed_until_the_pulse_is_over():
    arming = Arming()
    arming.arm(RAMP)
    arming.fire(RAMP)
    for tick in range(WIDTHS_US[RAMP] // TICK_US):
        arming.tick()
        assert arming.arm(ROVER) == BUSY, tick
    arming.tick()
    assert arming.arm(ROVER) == DONE
