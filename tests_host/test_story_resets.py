"""Boards that are reset in the story's descent: it lands, the story goes on, and each board did reset."""

import os

import pytest

from host_tools.host_board.reset import READY_US, WATCHDOG_US
from host_tools.scenarios.library import ScenarioError
from host_tools.story import reset_table
from host_tools.story.branches import BranchError, Branches
from host_tools.story.play import begun, play
from host_tools.story.reset_table import AT_REST, COMPLETE, NAME, PHASES, expected, outcome, page
from host_tools.story.resets import Resets
from host_tools.story.script import FLYING, FOLDER, load_script
from plumbline.link import dictionary as d
from plumbline.services.reset_log import WATCHDOG

SOURCE = (FOLDER / f"{NAME}.toml").read_text()
BY_NAME = {phase.name: phase for phase in PHASES}
# what there is time for; the whole table: python -m host_tools.story.reset_table
CHOSEN = [
    ("power", "approach"),
    ("power", "terminal"),
    ("structure", "cruise, a pyro armed"),
    ("structure", "terminal"),
    ("structure", "ramp going down"),
    ("rover", "approach"),
    ("propulsion", "touchdown"),
]


def told_with(board, phase):
    return play(BY_NAME[phase].script(load_script(NAME), board), seed=1, late=True)


@pytest.mark.parametrize(("board", "phase"), CHOSEN)
def test_a_board_that_hangs_is_reset_says_so_and_the_story_goes_on(board, phase):
    told = told_with(board, phase)
    assert outcome(told, board) == COMPLETE == expected(board, BY_NAME[phase])
    hung_s = told.figures["hung_at_s"][board]
    said = [e for e in told.events if e.board == board and e.time_s > hung_s]
    # the watchdog, the chip's start, and the first thing that it says
    back_s = hung_s + (WATCHDOG_US + READY_US[board]) * 1e-6
    assert [(e.name, e.argument) for e in said[:2]] == [("boot", 0), ("restarted", WATCHDOG)]
    assert said[0].time_s == pytest.approx(back_s, abs=0.03)
    assert told.descent is not None and told.descent.landed
    others = {name: count for name, count in told.figures["resets"].items() if name != board}
    assert set(others.values()) == {0}


def test_a_flight_that_branches_off_is_the_one_that_was_flown_with_the_reset_from_its_beginning():
    base = load_script(NAME).model_copy(update={"late": reset_table._LOW})
    script = BY_NAME["touchdown"].script(base, "structure")
    with begun(base, 1, True) as player:
        watch = Resets(script.resets, player.craft.chips)
        due = []
        while not due:
            player.step()
            due = watch.due(player.now_s, player.craft.ground.marks, player.phase)
        player.go_on_by(script.model_copy(update={"resets": []}))
        player.resets.strike(due[0], player.craft.chips, player.now_s)
        while not player.is_over:
            player.step()
        branched = player.told(script, 1, True, 0.0)
    whole = told_with("structure", "touchdown")
    assert branched.events == whole.events
    assert branched.trace == whole.trace
    assert {**branched.figures, "wall_s": 0} == {**whole.figures, "wall_s": 0}


def test_copies_go_on_by_themselves_and_what_they_say_comes_back(capsys):
    said, place = {}, ["here"]

    def fly_on(what):
        place[0] = what
        return f"{what} from {place[0]}"

    def fails():
        raise ValueError("no fuel")

    with Branches(2, said.__setitem__) as branches:
        for what in ("a", "b", "c"):
            branches.off(what, lambda what=what: fly_on(what))
        branches.off("bad", fails)
    assert place == ["here"]  # a copy's deeds are its own
    assert {key: said[key] for key in "abc"} == {"a": "a from a", "b": "b from b", "c": "c from c"}
    assert said["bad"].startswith("failed: ") and "no fuel" in said["bad"]


def test_a_copy_that_dies_is_an_error():
    silent = pytest.raises(BranchError, match="a: its process has ended without a word")
    with silent, Branches(1, lambda *_: None) as branches:
        branches.off("a", lambda: os._exit(3))


def test_the_table_is_flown_by_two_at_a_time_and_has_its_rows_in_their_order(monkeypatch, capsys, tmp_path):
    page = tmp_path / "README.md"
    page.write_text("<!-- resets: begin -->\n<!-- resets: end -->\n")
    monkeypatch.setattr(reset_table, "PHASES", (BY_NAME["touchdown"], BY_NAME["approach"]))
    assert reset_table.main(["--board", "rover", "--workers", "2", "--readme", str(page)]) == 0
    rows = [line.split("|")[1:3] for line in page.read_text().splitlines() if line.startswith("| ")]
    assert rows[2:] == [[" touchdown ", " complete "], [" approach ", " complete "]]
    assert "2 of 2 stories flown" in capsys.readouterr().err
    assert reset_table.main(["--workers", "0"]) == 2


def test_a_reset_of_the_power_board_costs_the_valves_no_tick_of_their_supply():
    told = told_with("power", "approach")
    times = {mark.name: mark.time_s for mark in told.marks}
    flying = [on for time_s, on in zip(told.trace["time_s"], told.trace["arm_supply"], strict=True)
              if times["go"] + 0.5 < time_s < times["engine_off"]]  # fmt: skip
    assert len(flying) > 80
    assert set(flying) == {1.0}
    assert told.figures["resets"]["power"] == 1
    # and the range finders kept theirs: no altimeter was lost
    assert "altimeter_lost" not in {e.name for e in told.events}


def test_a_story_without_the_reset_that_it_asks_for_is_no_success():
    told = told_with("structure", "terminal")
    told.events[:] = [e for e in told.events if e.name != "restarted"]
    assert "was not reset" in outcome(told, "structure")


def test_a_story_that_fails_is_not_called_good():
    outcomes = {
        ("terminal", "power"): "crashed",
        ("approach", "power"): COMPLETE,
        ("downlink", "rover"): AT_REST,
    }
    made = page(outcomes, seed=1)
    assert "| terminal | crashed |" in made
    assert "3 stories, host tier, seed 1; 2 as the boards' tables say" in made


@pytest.mark.parametrize(
    ("reset", "said"),
    [
        ('board = "bench"\nat_s = 3', "resets.0.board: 'bench' is not one of navigation"),
        ('board = "power"', "resets.0: needs one of at_s, step and phase"),
        ('board = "power"\nat_s = 3\nphase = "braking"', "resets.0: needs one of at_s, step and phase"),
        ('board = "power"\nstep = "lunch"', "resets.0.step: no step 'lunch'"),
        ('board = "power"\nphase = "flight"', "resets.0.phase: 'flight' is not one of waiting, coast"),
    ],
)
def test_what_is_wrong_with_a_reset_is_one_line_with_its_key(tmp_path, reset, said):
    path = tmp_path / "story.toml"
    path.write_text(f"{SOURCE}\n[[resets]]\n{reset}\n")
    with pytest.raises(ScenarioError) as error:
        load_script(str(path))
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_reset_in_a_file_is_one_of_the_story_s(tmp_path):
    path = tmp_path / "story.toml"
    path.write_text(f'{SOURCE}\n[[resets]]\nboard = "rover"\nat_s = 2.5\n')
    assert [(reset.board, reset.at_s) for reset in load_script(str(path)).resets] == [("rover", 2.5)]
    assert set(FLYING) == {name for _, name in d.BOARDS} - {"spacecraft"}
