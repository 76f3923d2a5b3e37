"""The trials of the altitude vote: what is flown, what counts as wrong, and that a bad voter is found out."""

import json
import math

import numpy as np
import pytest

from host_tools.comparators.registry import FLIGHT, VOTERS
from host_tools.scenarios.faults import Fault
from host_tools.trials import command, page, trace
from host_tools.trials import measures as m
from host_tools.trials.flight import fly, fly_step
from host_tools.trials.questions import questions
from host_tools.trials.run import Row, run, tasks, trial
from host_tools.trials.streams import LASER, MIXES, RADAR, Plan, stream
from plumbline.kernels import altitude, ranging
from plumbline.kernels import slots as s

BY_NAME = {question.name: question for question in questions()}
SOUND = Plan(start_agl_m=3_000.0, over_ground_m_s=50.0, sink_m_s=50.0, duration_s=12.0)


def fault(kind, begin_s=6.0, **keys):
    return Fault(target="altimeter", kind=kind, time_s=begin_s, source="assumed", **keys)


def level_mm(vote, index):
    return int(vote[s.VOT_FIRST + index * s.VOT_STRIDE + ranging._LEVEL_MM])


def bends(change):
    """The flight code's vote, and then `change(vote, estimate)`."""

    def step(vote, estimate):
        voters = altitude.step(vote, estimate)
        change(vote, estimate)
        return voters

    return step


def failures(name, step, seeds=range(4)):
    """How many of these seeds a planted voter answers with no, and how many were asked."""
    question = BY_NAME[name]
    answers = []
    for seed in seeds:
        plan, readings, _ = trial(question.flown, question, seed)
        answers.append(question.good(readings, fly_step(readings, step), plan))
    return sum(answer is False for answer in answers), sum(answer is not None for answer in answers)


# --- a bad voter is found out ----------------------------------------------------------------------------


def test_who_believes_the_first_altimeter_whatever_it_says_takes_faults_for_terrain():
    def first(vote, estimate):
        estimate[s.EST_AGL_MM] = vote[s.VOT_ODOMETER_MM] - level_mm(vote, 0)

    missed, asked = failures("garbage, 1 of two: not terrain", bends(first), range(8))
    assert asked == 8
    assert missed >= 2  # those in which it is the first one that has the fault


def test_who_holds_on_to_the_first_level_misses_the_rim_and_is_wrong_without_a_flag():
    held = {}

    def latched(vote, estimate):
        if vote[s.VOT_ACQUIRED] == 0:
            held.clear()
            return
        held.setdefault("level", int(vote[s.VOT_GROUND_MM]))
        estimate[s.EST_AGL_MM] = vote[s.VOT_ODOMETER_MM] - held["level"]
        vote[s.VOT_PROTECTION_MM] = 1_000
        vote[s.VOT_FLAGS] = 0

    for asked_for in ("terrain within 2 s of being seen", "truth inside protection, or flag in 1 s"):
        missed, asked = failures(f"rim, two: {asked_for}", bends(latched))
        assert missed == asked >= 3


def test_who_puts_everybody_out_keeps_healthy_ones_out():
    def strict(vote, _estimate):
        for index in range(vote[s.VOT_FITTED]):
            vote[s.VOT_FIRST + index * s.VOT_STRIDE + s.VOT_VERDICT] = m.PUT_OUT

    for name in (
        "no fault: nobody put out",
        "stuck, 1 of three: healthy kept out at most 5 s",
        "back at 0 to 1,700 m/s, two: usable 1 s after 10 readings",
    ):
        missed, asked = failures(name, bends(strict))
        assert missed == asked >= 3, name


def test_who_forgets_the_latency_fails_at_66_m_s():
    def stale(vote, estimate):
        estimate[s.EST_AGL_MM] += 66 * 150  # what it sinks in 150 ms

    missed, asked = failures("latency of 0 to 0.3 s: costs less than 5 m at 66 m/s", bends(stale))
    assert missed == asked == 4


def test_the_flight_voter_keeps_what_is_easy():
    easy = [
        "rim, laser: terrain within 2 s of being seen",
        "off, 1 of three: not terrain",
        "stuck in hover, 1 of three: not terrain",
        "latency of 0 to 0.3 s: costs less than 5 m at 66 m/s",
        "no fault: nobody put out",
    ]
    for row in run([BY_NAME[name] for name in easy], (FLIGHT,), range(3), workers=1):
        assert (row.failures, row.kept) == (0, True), row


# --- what physics lets an altimeter tell -----------------------------------------------------------------


def test_a_radar_does_not_tell_of_the_floor_while_its_beam_sees_the_edge():
    # 4 degrees of beam: from 4 km its half reaches 4,000 m x tan 2 deg = 140 m back, 2.8 s at 50 m/s
    plan = Plan(
        start_agl_m=4_000.0,
        sink_m_s=0.0,
        over_ground_m_s=50.0,
        duration_s=20.0,
        kinds=(LASER, RADAR),
        rim=(8.0, 1_000.0, 20.0),
    )
    flown = stream(plan, [1])
    passed = 8.0 + 20.0 / 50.0
    left = passed + 4_000.0 * math.tan(math.radians(2.0)) / 50.0

    def told(index, from_s, to_s):
        within = (flown.seconds > from_s) & (flown.seconds < to_s)
        return flown.tells[within, index].mean()

    assert told(1, passed + 0.4, left - 0.2) == 0.0
    assert told(1, left + 0.6, 19.0) > 0.9
    assert told(0, passed + 0.4, 19.0) > 0.9


def test_one_of_two_that_sees_the_floor_alone_leaves_a_doubt():
    plan = Plan(
        start_agl_m=4_000.0, sink_m_s=0.0, over_ground_m_s=50.0, duration_s=20.0, rim=(8.0, 1_000.0, 20.0)
    )
    flown = stream(plan, [1])
    clear = m.clear(flown, fly(flown), plan)
    assert not clear[(flown.seconds > 9.0) & (flown.seconds < 10.5)].any()
    assert clear[(flown.seconds > 12.5) & (flown.seconds < 19.0)].mean() > 0.9
    assert clear[(flown.seconds > 2.0) & (flown.seconds < 7.0)].mean() > 0.9


def test_a_part_with_a_fault_tells_nothing_until_it_ends():
    flown = stream(
        Plan(**{**vars(SOUND), "faults": [(0, fault("bias", 4.0, size_m=9.0, duration_s=3.0))]}), [3]
    )
    within = (flown.seconds > 4.5) & (flown.seconds < 6.9)
    assert not flown.sound[within, 0].any() and not flown.tells[within, 0].any()
    assert flown.sound[:, 1].all()
    assert flown.tells[(flown.seconds > 7.5) & (flown.seconds < 11.0), 0].mean() > 0.9


def test_a_drift_shows_when_it_has_moved_further_than_ground_and_noise():
    # 30 m/s: after 8 s 240 m, against 2 sigma of both, 2 x 1.2 % x 3 km = 72 m, over level ground
    plan = Plan(
        start_agl_m=3_000.0,
        sink_m_s=20.0,
        over_ground_m_s=5.0,
        duration_s=15.0,
        faults=[(0, fault("drift", 4.0, rate_m_s=30.0))],
    )
    flown = stream(plan, [2])
    shows = m.shows(flown, plan)
    assert not shows[flown.seconds < 5.5].any()
    assert shows[flown.seconds > 12.0].all()


def test_a_jump_shows_at_once():
    plan = Plan(**{**vars(SOUND), "faults": [(0, fault("bias", size_m=300.0))]})
    assert m.shows(stream(plan, [2]), plan).all()


def test_what_stands_off_from_the_beginning_never_shows():
    plan = Plan(**{**vars(SOUND), "faults": [(0, fault("bias", 0.0, size_m=300.0))]})
    assert not m.shows(stream(plan, [2]), plan).any()


# --- times ---------------------------------------------------------------------------------------------


def test_a_short_relief_does_not_end_a_stretch_and_a_long_one_does():
    bad = np.zeros(1_000, np.bool_)
    bad[100:200] = bad[220:320] = True  # 0.2 s apart: one stretch of 2 s
    bad[400:550] = True  # 0.8 s later: another one, 1.5 s
    everything = np.ones(1_000, np.bool_)
    assert m.longest_s(bad, everything) == pytest.approx(2.0)
    counts = everything.copy()
    counts[150:320] = False  # of the first one only 0.5 s count
    assert m.longest_s(bad, counts) == pytest.approx(1.5)
    assert m.longest_s(np.zeros(10, np.bool_), np.ones(10, np.bool_)) == 0.0


def test_a_reading_says_how_old_it_is():
    flown = stream(Plan(**{**vars(SOUND), "latency_s": (0.1, 0.25)}), [4])
    ages_ms = flown.arrivals[:, 4]
    assert ages_ms.min() >= 100
    assert len(set(ages_ms)) > 5
    measured = flown.arrivals[:, 0] - ages_ms // 10
    for index in range(2):
        mine = measured[flown.arrivals[:, 1] == index]
        assert (np.diff(mine) == 10).all()  # 10 Hz, in turn


def test_a_delay_that_is_reported_comes_late_and_says_so():
    late = fault("delayed", 4.0, delay_s=0.3, reported=True)
    flown = stream(Plan(**{**vars(SOUND), "faults": [(1, late)]}), [4])
    radar = flown.arrivals[flown.arrivals[:, 1] == 1]
    assert set(radar[radar[:, 0] < 390, 4]) == {30}
    assert set(radar[radar[:, 0] > 450, 4]) == {330}


def test_what_a_surge_adds_to_the_sink_rate_stays():
    plain, surged = (
        stream(Plan(**{**vars(SOUND), "surge": surge}), [5]) for surge in (None, (4.0, 5.0, 20.0))
    )
    extra_mm = plain.climb_mm - surged.climb_mm  # mm of sinking more in each 10 ms
    assert np.abs(extra_mm[:390]).max() <= 1
    assert np.abs(extra_mm[510:] - 200).max() <= 1  # 20 m/s
    assert (plain.arrivals == surged.arrivals).all()


# --- trials ------------------------------------------------------------------------------------------


def test_questions_have_names_of_their_own_and_the_open_ones_a_reason():
    assert len(BY_NAME) == len(questions())
    for question in questions():
        assert (question.accepted is None) == bool(question.why_not), question.name
    plans = {}
    for question in questions():
        plan = question.plan(np.random.default_rng(7))
        assert plan == plans.setdefault(question.flown, plan), question.flown  # same name, same trials


@pytest.mark.parametrize("voter", sorted(VOTERS))
def test_every_voter_flies_the_same_stream(voter):
    question = BY_NAME["rim, two: terrain within 2 s of being seen"]
    _, readings, votes = trial(question.flown, question, 1, voter)
    _, same, _ = trial(question.flown, question, 1)
    assert (readings.arrivals == same.arrivals).all()
    before = (readings.seconds > 4.0) & (readings.seconds < 7.5)
    assert (np.abs(m.error_m(readings, votes)[before]) <= 3.0 * readings.allowed_m[before]).all()


def test_a_comparator_is_not_asked_for_a_protection_level():
    chosen = [question for question in questions() if question.flown == "stuck, 1 of two"]
    mine = {name for task in tasks(chosen, ("mid-value",), range(2)) for name in task.asked}
    assert {question.of_protection for question in chosen} == {False, True}
    assert mine == {question.name for question in chosen if not question.of_protection}


def test_the_number_of_workers_changes_nothing():
    chosen = [question for question in questions() if question.flown in ("drift, 1 of two", "rim, radar")]
    assert len(chosen) >= 7
    alone, together = (run(chosen, (FLIGHT,), range(30), workers) for workers in (1, 2))
    assert alone == together


# --- the command -------------------------------------------------------------------------------------


NAME = "stuck, 1 of three: not terrain"


def row(kept, failing=()):
    return Row(NAME, FLIGHT, 4, 4, len(failing), len(failing) / 4, 0.005, kept, failing, "")


def test_the_command_writes_a_table_and_a_page(run, tmp_path):
    code, out, _ = run(
        "trials",
        "--seeds",
        "2",
        "--only",
        "stuck, 1 of three",
        "--workers",
        "1",
        "--out",
        str(tmp_path / "t"),
    )
    assert code == 0
    assert NAME in out and "tier: host" in out
    rows = json.loads((tmp_path / "t" / "trials.json").read_text())
    assert [one["question"].split(":")[0] for one in rows] == ["stuck, 1 of three"] * 3
    wanted = {"question", "voter", "seeds", "failures", "share", "accepted", "kept", "failing"}
    assert all(wanted <= set(one) and one["tier"] == "host" for one in rows)
    assert NAME in (tmp_path / "t" / "trials.html").read_text()


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_a_share_that_is_not_kept_fails_only_when_that_is_asked_for(
    run, tmp_path, monkeypatch, options, code
):
    monkeypatch.setattr(command, "_flown", lambda *_: [row(False, (3,))])
    assert run("trials", *options, "--out", str(tmp_path / "t"))[0] == code
    html = (tmp_path / "t" / "trials.html").read_text()
    assert "What went wrong" in html and "data:image/png;base64," in html


def test_nothing_is_strict_about_what_is_kept(run, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_flown", lambda *_: [row(True)])
    assert run("trials", "--strict", "--out", str(tmp_path / "t"))[0] == 0
    assert "What went wrong" not in (tmp_path / "t" / "trials.html").read_text()


def test_the_page_tells_what_is_open_apart():
    open_one = Row("a question", FLIGHT, 4, 2, 1, 0.5, None, None, (1,), "nobody knows")
    html = page.trials_html([row(True), open_one]).decode()
    assert html.index(NAME) < html.index("What physics leaves open") < html.index("nobody knows")


def test_one_trial_can_be_looked_at(run, tmp_path):
    code, out, _ = run("trials", "--show", NAME, "--seed", "3", "--out", str(tmp_path))
    assert code == 0
    assert f"{NAME}; seed 3, flight voter, host tier: yes" in out
    pictures = list(tmp_path.glob("*.png"))
    assert len(pictures) == 1 and pictures[0].read_bytes().startswith(b"\x89PNG")


def test_a_trial_is_told_with_its_fault():
    lines = trace.told(BY_NAME["bias, 1 of two: not terrain"], 2, FLIGHT).splitlines()
    assert "bias (size_m" in lines[1]
    assert len(lines) > 20


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "nonsense"), "--only nonsense: no question has this in its name"),
        (("--voter", "nobody"), "--voter nobody: no such voter"),
        (("--show", "rim"), "--show rim: "),
        (("--show", "nonsense"), "--show nonsense: no question"),
        (("--seeds", "0"), "--seeds"),
        (
            ("--only", "no fault: truth inside", "--voter", "mid-value"),
            "--voter mid-value: has no protection level",
        ),
    ],
)
def test_bad_options_are_one_line(run, tmp_path, arguments, complaint):
    code, out, err = run("trials", *arguments, "--out", str(tmp_path / "t"))
    assert (code, out) == (2, "")
    assert complaint in err and err.count("\n") == 1
    assert not (tmp_path / "t").exists()


def test_a_folder_that_cannot_be_is_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run("trials", "--seeds", "1", "--out", str(tmp_path / "file"))
    assert code == 2
    assert err.startswith(f"--out {tmp_path / 'file'}: is a file") and err.count("\n") == 1


def test_mixes_are_what_their_numbers_say():
    assert [len(kinds) for kinds in MIXES.values()] == list(MIXES)
