"""The museum: what counts as survived, what the table says, and a page that needs nothing else."""

import dataclasses
import json
import re
import sys

import numpy as np
import pytest
import synthetic_flight

from host_tools import cli
from host_tools.campaign.courses import fly_courses
from host_tools.comparators.registry import VOTERS
from host_tools.landing.loop import fly as fly_alone
from host_tools.landing.record import COURSE_COLUMNS, Course, FlightRecord, Moment
from host_tools.museum import LANDINGS, command, fly, page, picture
from host_tools.museum.fly import MOST_NAMED, Flown, Task, fly_all, fly_group, rows, tasks
from host_tools.museum.outcome import Outcome, judge, perilune_m
from host_tools.museum.physics import impossible, lost_thrust_n
from host_tools.scenarios import library
from host_tools.scenarios.library import load, names
from host_tools.world.moon import MU_M3_S2, RADIUS_M

NOMINAL = load("resilience_nominal")
SLIM = load("slim")


def with_errors(error_m) -> FlightRecord:
    """A landing whose agl estimate is wrong by that much, sample by sample, from the end backwards."""
    record = synthetic_flight.landing()
    for column in ("agl", "altitude"):
        record.trace[f"estimated_{column}_m"] = record.trace[f"true_{column}_m"].copy()
    # the last sample is the touchdown itself, which is not judged
    record.trace["estimated_agl_m"][-1 - len(error_m) : -1] += error_m
    return record


def ending(altitude_m: float, up_m_s: float, along_m_s: float, propellant_kg: float) -> FlightRecord:
    """A flight that is still above the ground when its time ends."""
    record = synthetic_flight.landing()
    record.landed, record.touchdown = False, None
    record.propellant_left_kg = propellant_kg
    for column, value in (
        ("true_altitude_m", altitude_m),
        ("true_agl_m", altitude_m),
        ("true_vertical_speed_m_s", up_m_s),
        ("true_horizontal_speed_m_s", along_m_s),
    ):
        record.trace[column][-1] = value
    return record


# --- what counts ---------------------------------------------------------------------------------------


def test_a_landing_is_survived_and_a_crash_is_not():
    assert judge(synthetic_flight.landing(), NOMINAL).survived
    assert not judge(synthetic_flight.crash(), NOMINAL).survived


def test_who_still_hovers_when_the_time_is_up_has_not_survived():
    assert not judge(ending(3000.0, 0.0, 0.0, 100.0), NOMINAL).survived


def test_an_abort_survives_in_orbit_or_with_propellant_to_get_there():
    # circular at 20 km: sqrt(4902.8e9 / 1757.4e3) = 1670 m/s
    assert judge(ending(20_000.0, 0.0, 1670.5, 0.0), NOMINAL).aborted
    # 1,500 m/s at 12 km: 174 m/s are missing, 191 with the reserve; 30 kg on 370 kg are worth 245 m/s
    assert judge(ending(12_000.0, 0.0, 1500.0, 30.0), NOMINAL).survived
    # 20 kg are worth 165 m/s
    assert not judge(ending(12_000.0, 0.0, 1500.0, 20.0), NOMINAL).survived
    # speed enough, but straight into the ground
    assert not judge(ending(12_000.0, -400.0, 1670.0, 0.0), NOMINAL).survived


def test_the_perilune_of_a_100_by_20_km_orbit_is_at_20_km():
    high_m, low_m = RADIUS_M + 100e3, RADIUS_M + 20e3
    speed_m_s = np.sqrt(MU_M3_S2 * (2.0 / high_m - 2.0 / (high_m + low_m)))
    assert perilune_m(high_m, 0.0, speed_m_s) == pytest.approx(low_m, abs=1.0)


def test_an_error_counts_when_it_lasts_two_seconds_and_not_before():
    # the made-up trace has two samples a second
    assert judge(with_errors([900.0] * 3), NOMINAL).worst_error_m == 0.0
    assert judge(with_errors([900.0, 700.0, 800.0, 900.0]), NOMINAL).worst_error_m == pytest.approx(700.0)


def test_blind_is_the_time_in_which_the_height_is_wrong_by_more_than_100_m():
    assert judge(with_errors([150.0] * 20), NOMINAL).blind_s == pytest.approx(10.0, rel=0.01)
    assert judge(with_errors([-150.0] * 20), NOMINAL).blind_s == pytest.approx(10.0, rel=0.01)
    assert judge(with_errors([90.0] * 20), NOMINAL).blind_s == 0.0


def test_before_the_first_range_the_altitude_is_what_is_believed():
    record = with_errors([])
    record.trace["estimated_agl_m"][:] = np.nan
    record.trace["estimated_altitude_m"] = record.trace["true_agl_m"] + 1900.0
    outcome = judge(record, NOMINAL)
    assert outcome.worst_error_m == pytest.approx(1900.0)
    assert outcome.blind_s > 100.0


def test_engines_cut_off_above_the_ground_are_seen():
    record = synthetic_flight.landing()
    assert not judge(record, NOMINAL).cut_off_in_flight
    record.moments.append(Moment("cutoff", 700.0))
    assert judge(record, NOMINAL).cut_off_in_flight


# --- what no voter can save ----------------------------------------------------------------------------


def slim_at(height_m: float, sink_m_s: float, propellant_kg: float = 50.0) -> FlightRecord:
    """A crash that was at that height with that sink rate when the engines went."""
    record = synthetic_flight.crash()
    record.trace["true_agl_m"][:] = height_m
    record.trace["true_vertical_speed_m_s"][:] = -sink_m_s
    record.trace["true_horizontal_speed_m_s"][:] = 0.0
    record.trace["propellant_kg"][:] = propellant_kg
    record.moments.append(Moment("assist_thrusters_off", 100.0))
    return record


def test_three_assist_engines_take_600_of_1600_n():
    assert lost_thrust_n(SLIM.vehicle, SLIM.faults[0]) == 600.0


def test_a_stop_that_needs_more_thrust_than_is_left_is_impossible_and_says_so():
    # 20 m/s in 50 m, 3 m/s survived: 391 / 100 = 3.9 m/s2 and 1.6 for the weight, on some 419 kg: 2.3 kN
    reason = impossible(slim_at(50.0, 20.0), SLIM)
    assert reason is not None
    needed_n = float(re.findall(r"needed ([\d,]+) N", reason)[0].replace(",", ""))
    assert 2250 < needed_n < 2350
    assert reason.endswith("to stop 20 m/s within 50 m, available 1,000 N")


def test_a_stop_that_the_engines_could_have_made_is_not_called_impossible():
    # 7.3 m/s in 50 m: 0.44 and 1.63 m/s2 on 419 kg, 870 N of 1,000
    assert impossible(slim_at(50.0, 7.3), SLIM) is None


def test_a_crash_without_a_fault_of_the_engines_is_never_called_impossible():
    assert impossible(slim_at(50.0, 100.0), load("resilience")) is None


def test_a_speed_beyond_what_the_propellant_is_worth_is_impossible():
    # 10 kg on 370 kg are worth 84 m/s
    assert "propellant for 84 m/s" in str(impossible(slim_at(20_000.0, 120.0, 10.0), SLIM))


def test_engines_that_never_came_back_are_named():
    beresheet = load("beresheet")
    record = slim_at(50.0, 7.3)
    record.moments.append(Moment("engines_off", 100.0))
    assert impossible(record, beresheet) == "engines: silent from its fault to the ground"
    record.moments.append(Moment("engines_off_ends", 120.0))
    assert impossible(record, beresheet) is None


# --- the table -----------------------------------------------------------------------------------------


def flown(landing: str, voter: str, seed: int, survived: bool, error_m: float = 10.0, **more) -> Flown:
    outcome = Outcome(
        survived,
        False,
        False,
        error_m,
        more.pop("blind_s", 0.0),
        more.pop("false_landed", False),
        more.pop("settled_s", None),
        more.pop("overdue_m", None),
    )
    lost = None if survived else more.pop("lost", "hit the ground at 40.0 m/s; the legs survive 3")
    return Flown(landing, voter, seed, outcome, more.pop("impossible", None), more.pop("course", None), lost)


def test_the_table_counts_survivors_and_takes_the_worst_of_all_seeds():
    table = rows(
        [
            flown("slim", "flight", 1, True, 4.0, blind_s=1.5),
            flown("slim", "flight", 2, False, float("nan"), impossible="too fast"),
            flown("slim", "flight", 3, True, 7.0, false_landed=True),
            flown("slim", "as-flown", 1, False, float("nan")),
        ]
    )
    first = {"landing": "slim", "voter": "flight", "seeds": 3, "survived": 2, "worst_error_m": 7.0}
    assert dataclasses.asdict(table[0]).items() >= (first | {"blind_s": 1.5, "impossible": 1}).items()
    assert (table[0].reason, table[0].false_landed, table[1].false_landed) == ("too fast", 1, 0)
    assert (table[1].voter, table[1].survived, table[1].worst_error_m) == ("as-flown", 0, None)


def test_the_table_tells_who_knew_the_height_after_the_rim_and_where_a_range_was_missed():
    table = rows(
        [
            flown("hakuto_r_mission_1", "flight", 1, True, settled_s=5.0, overdue_m=4100.0),
            flown("hakuto_r_mission_1", "flight", 2, True, settled_s=5.1, overdue_m=3900.0),
            flown("hakuto_r_mission_1", "as-flown", 1, False, settled_s=float("inf")),
            flown("slim", "flight", 1, True),
        ]
    )
    rims = [(row.rims_passed, row.settled, row.settled_s) for row in table]
    assert rims == [(2, 1, 5.1), (1, 0, None), (0, 0, None)]
    assert [(row.overdue, row.overdue_least_m) for row in table] == [(2, 3900.0), (0, None), (0, None)]


def test_the_table_names_the_first_lost_flights_and_the_page_says_how_they_ended():
    table = rows([flown("slim", "flight", seed, seed == 1, lost="fell < 3") for seed in range(1, 16)])
    assert len(table[0].lost) == MOST_NAMED
    assert table[0].lost[0] == "seed 2: fell < 3"
    scenarios = {"slim": load("slim")}
    text = page.museum_html(table, scenarios, {"slim": b"PNG"}, {"slim": {}}).decode()
    assert "Lost by flight: 14 of 15, the first 10 of them" in text
    assert "<li>seed 11: fell &lt; 3</li>" in text
    assert "seed 12" not in text


def test_a_flight_that_was_lost_far_from_its_site_says_where(monkeypatch):
    lost = dataclasses.replace(synthetic_flight.crash(), outcome="touched down and tipped over")
    assert lost.touchdown is not None
    lost.touchdown = dataclasses.replace(lost.touchdown, miss_distance_m=5443.0)
    monkeypatch.setattr("host_tools.campaign.courses.fly_courses", lambda *_: [lost])
    flight = fly_group(Task("beresheet", "mid-value", 34))[0]
    assert flight.lost == "touched down and tipped over, 5.4 km from its site"


def test_engines_that_come_back_fly_the_lander_back_to_its_site():
    """It came down 7.7 km past it, on a slope, and tipped over, with 50 kg of propellant left."""
    scenario = load("beresheet")
    record = fly_alone(scenario, 138)
    assert record.landed, record.outcome
    assert record.touchdown is not None
    assert record.touchdown.miss_distance_m < scenario.terrain.smooth_radius_m
    burnt_kg = scenario.vehicle.ignition_mass_kg - scenario.vehicle.empty_mass_kg
    assert record.propellant_left_kg > scenario.requirement.propellant_left_fraction * burnt_kg


def test_every_landing_is_flown_by_every_voter_with_every_seed_and_the_first_one_of_each_is_shown():
    todo = tasks(["slim", "vikram"], ["flight", "as-flown"], 19, first_seed=3)
    for landing in ("slim", "vikram"):
        for voter in ("flight", "as-flown"):
            mine = [task for task in todo if (task.landing, task.voter) == (landing, voter)]
            seeds = [seed for t in mine for seed in range(t.first_seed, t.first_seed + t.count)]
            assert seeds == list(range(3, 22))
            assert [task.first_seed for task in mine if task.show] == [3]
            assert [task.first_seed for task in mine if task.record] == [3] * (voter == "flight")


def test_every_landing_of_the_museum_is_a_scenario_and_every_scenario_of_a_failure_is_in_the_museum():
    assert set(LANDINGS) == set(names()) - {"resilience_nominal"}


def test_museum_json_is_a_list_of_what_was_asked_for():
    table = rows([flown("slim", "flight", 1, True), flown("slim", "as-flown", 1, False, float("nan"))])
    said = json.loads(page.museum_json(table))
    wanted = {"landing", "voter", "seeds", "survived", "worst_error_m", "blind_s"}
    assert all(wanted <= set(entry) for entry in said)
    assert said[1]["worst_error_m"] is None


def test_the_page_needs_nothing_else_and_says_what_survived_means():
    table = rows(
        [flown("slim", "flight", 1, False, impossible="needed <2> N"), flown("vikram", "flight", 1, True)]
    )
    scenarios = {name: load(name) for name in ("slim", "vikram")}
    pictures = dict.fromkeys(scenarios, b"\x89PNG picture")
    text = page.museum_html(
        table, scenarios, pictures, {name: {"flight": "Crashed."} for name in scenarios}
    ).decode()
    assert text.count("data:image/png;base64,") == 2
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)
    assert "Survived: the lander came to stand" in text
    assert "needed &lt;2&gt; N" in text
    assert 'id="slim"' in text and 'href="#slim"' in text
    assert "public: 50 m" in text  # each number with its source


def test_the_picture_is_drawn_with_and_without_ranges_and_with_many_voters():
    blind = synthetic_flight.landing()
    for name in blind.altimeters:
        blind.trace[f"{name}_range_m"][:] = np.nan
    blind.trace["estimated_agl_m"][:] = np.nan
    blind.moments.append(Moment("assist_thrusters_off", 740.0))
    for record in (synthetic_flight.landing(), synthetic_flight.crash(), blind):
        png = picture.draw(SLIM, record, dict.fromkeys([*VOTERS, "one", "more", "voter"], record))
        assert png.startswith(b"\x89PNG")


# --- the command ---------------------------------------------------------------------------------------


@pytest.fixture
def made_up(monkeypatch):
    """Flights that take no time: a landing by the flight voter, a crash by the others."""

    def fly_group(task: Task) -> list[Flown]:
        good = task.voter == "flight"
        record = synthetic_flight.landing() if good else synthetic_flight.crash()
        courses = [record if task.show else None, *[None] * (task.count - 1)]
        seeds = range(task.first_seed, task.first_seed + task.count)
        return [
            flown(task.landing, task.voter, seed, good, course=course)
            for seed, course in zip(seeds, courses, strict=True)
        ]

    monkeypatch.setattr(fly, "fly_group", fly_group)
    monkeypatch.setattr(picture, "draw", lambda scenario, record, courses: b"picture")


def test_the_museum_writes_its_page_and_its_table(made_up, tmp_path, capsys):
    table = command.museum(11, tmp_path / "out", landings=("slim", "vikram"), workers=1)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"museum.html", "museum.json"}
    said = json.loads((tmp_path / "out" / "museum.json").read_text())
    assert len(said) == len(table) == 2 * len(VOTERS)
    assert [entry["survived"] for entry in said if entry["voter"] == "flight"] == [11, 11]
    assert re.search(rf"\b{11 * 2 * len(VOTERS)}\b.*landings flown", capsys.readouterr().err)


def test_an_interrupted_museum_leaves_nothing(made_up, monkeypatch, tmp_path):
    def interrupted(_task):
        raise KeyboardInterrupt

    monkeypatch.setattr(fly, "fly_group", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command.museum(1, tmp_path / "out", landings=("slim",), workers=1)
    assert list(tmp_path.iterdir()) == []


def test_the_command_hands_seeds_and_folder_on_and_tells_who_survived(monkeypatch, capsys, tmp_path):
    calls = []

    def museum(seeds, out):
        calls.append((seeds, out))
        crash = flown("vikram", "flight", 1, False, false_landed=True)
        return rows([flown("slim", "flight", 1, True), crash])

    monkeypatch.setattr(command, "museum", museum)
    monkeypatch.setattr(sys, "argv", ["plumbline", "museum", "--seeds", "3", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert calls == [(3, tmp_path / "out")]
    said = capsys.readouterr().out
    assert "flight: survived 1 of 2; every seed of 1 of 2 landings; 0 cut off in flight, " in said
    assert "1 said landed in flight" in said


def test_who_says_landed_before_a_foot_has_touched_is_seen():
    record = synthetic_flight.landing()
    assert record.touchdown is not None
    record.trace["phase"] = record.trace["phase"].astype("U10")
    record.trace["phase"][record.trace["time_s"] >= record.touchdown.time_s] = "landed"
    assert not judge(record, NOMINAL).false_landed
    record.trace["phase"][-2] = "contact"
    assert judge(record, NOMINAL).false_landed
    record.trace["phase"][-2:] = "terminal"
    assert not judge(record, NOMINAL).false_landed


JUDGED = [  # landed, crashed, aborted, impossible, with every kind of fault, by every voter
    ("schiaparelli", "flight", 1),
    ("beresheet", "px4-like", 2),
    ("slim", "mid-value", 3),
    ("resilience", "as-flown", 1),
    ("inav_false_touchdown", "ardupilot-like", 1),
    ("vikram", "luminary-099", 4),
]


@pytest.mark.parametrize(("landing", "voter", "seed"), JUDGED)
def test_a_landing_that_flies_abreast_is_judged_as_its_record_is(landing, voter, seed):
    scenario = load(landing)
    record = fly_alone(scenario, seed, voter)
    course = fly_courses(scenario, [seed + 50, seed], voter)[1]
    for name in COURSE_COLUMNS:
        np.testing.assert_array_equal(course.trace[name], record.trace[name], name)
    assert judge(course, scenario) == judge(record, scenario)
    assert impossible(course, scenario) == impossible(record, scenario)
    assert (course.headline, course.touchdown) == (record.headline, record.touchdown)
    others = {"first_range", "rim"}  # which nothing is judged by
    assert course.moments == [moment for moment in record.moments if moment.name not in others]


def test_workers_fly_what_one_process_flies(tmp_path):
    """Ten short descents by two voters, in two worker processes and in this one."""
    text = (library.FOLDER / "resilience_nominal.toml").read_text()
    path = tmp_path / "short.toml"
    path.write_text(text.replace("time_limit_s = 1500", "time_limit_s = 60"))
    todo = tasks([str(path)], ["flight", "mid-value"], 10)
    seen = []
    one, two = fly_all(todo, 1), fly_all(todo, 2, seen.append)
    assert sorted(len(flights) for flights in seen) == [2, 2, 8, 8]
    assert [(f.voter, f.seed) for f in one] == [
        (task.voter, task.first_seed + i) for task in todo for i in range(task.count)
    ]
    for ours, theirs in zip(one, two, strict=True):
        assert (ours.voter, ours.seed, ours.impossible) == (theirs.voter, theirs.seed, theirs.impossible)
        np.testing.assert_equal(dataclasses.asdict(ours.outcome), dataclasses.asdict(theirs.outcome))
        assert (ours.course is None) == (theirs.course is None) == (ours.seed > 1)
    assert [type(flight.course) for flight in one if flight.seed == 1] == [FlightRecord, Course]
    for ours, theirs in ((one[0], two[0]), (one[8], two[8])):
        assert ours.course is not None and theirs.course is not None
        for name in COURSE_COLUMNS:
            np.testing.assert_array_equal(ours.course.trace[name], theirs.course.trace[name], name)
