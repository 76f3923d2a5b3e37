"""The cross-check: its references are met, its references are right, and it notices planted mistakes."""

import json
import math
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest
from planted import planted

from host_tools.proof import crosscheck
from host_tools.proof.harness import drivers, proved, sweep, tables
from host_tools.proof.harness.check import RESULT, Answer, Check, judge
from host_tools.proof.harness.noise import Noise, edges
from host_tools.proof.harness.thresholds import thresholds
from host_tools.proof.program import kernel_files
from host_tools.proof.references import inertial
from host_tools.proof.references.fixed import worst_root_error
from host_tools.proof.suites import all_checks
from plumbline.kernels import slots

ROOMS = {path.stem: import_module(f"plumbline.kernels.{path.stem}") for path in kernel_files()}


def named(kernel: str) -> list[Check]:
    return [check for check in all_checks() if check.kernel == kernel]


# --- every kernel, a million vectors -------------------------------------------------------


@pytest.fixture(scope="module")
def outcomes():
    return crosscheck.sweep_all(sweep.QUICK)


def test_every_kernel_stays_within_its_bound_on_a_million_vectors(outcomes):
    assert [(o.kernel, o.domain, o.where) for o in outcomes if not o.passed] == []
    assert all(o.worst_error_lsb <= o.bound_lsb for o in outcomes)
    assert sum(o.vectors for o in outcomes) >= 10**6


def test_every_function_of_every_kernel_has_a_check():
    there = {
        f"{name}.{function}"
        for name, room in ROOMS.items()
        for function, value in vars(room).items()
        if hasattr(value, "py_func") and value.py_func.__module__ == room.__name__
    }
    assert there == {check.kernel for check in all_checks()}


def test_the_documentation_lists_the_checks_that_there_are():
    rows = tables.rows_in(crosscheck.README.read_text())
    assert rows == [(check.kernel, check.domain, check.bound_lsb) for check in all_checks()]


def test_the_file_holds_exactly_the_promised_fields(outcomes, tmp_path):
    tables.write_json(outcomes, tmp_path / "crosscheck.json")
    rows = json.loads((tmp_path / "crosscheck.json").read_text())
    promised = ["kernel", "domain", "vectors", "exhaustive"]
    promised += ["worst_error_lsb", "bound_lsb", "proved", "seconds"]
    assert len(rows) == len(outcomes)
    assert all(list(row) == promised for row in rows)
    assert [path.name for path in tmp_path.iterdir()] == ["crosscheck.json"]


def test_what_the_prover_does_not_speak_of_is_not_proved(monkeypatch):
    monkeypatch.setattr(proved, "PROVER", "host_tools.proof.no_such_prover")
    assert proved.proved_functions() == {}


def test_the_prover_is_asked_about_every_function(outcomes):
    told = proved.proved_functions()
    assert {o.kernel for o in outcomes} <= set(told)
    assert [o.proved for o in outcomes] == [told[o.kernel] for o in outcomes]


# --- planted mistakes ----------------------------------------------------------------------

PLANTED = [
    # a dropped clamp
    ("fixed.magnitude", "x = int(clamp(x, -18000, 18000))", "x = x"),
    ("state.add_kick", "int(clamp(kick, -500000000, 500000000))", "kick"),
    ("attitude.torque", "return int(clamp(duty, -16384, 16384))", "return duty"),
    ("modulation.assist_pulse", "int(clamp(throttle + share, 0, 16384))", "throttle + share"),
    (
        "thrust.accumulate",
        "int(clamp(estimate[_EST_FORCE_X_MM_S2], -200000, 200000))",
        "estimate[_EST_FORCE_X_MM_S2]",
    ),
    # a shift by one too few
    ("fixed.mul_q14", "(((x & 16383) * k) >> 14)", "(((x & 16383) * k) >> 13)"),
    ("fixed.mul_q29", "((x_low * y_low) >> 15)", "((x_low * y_low) >> 14)"),
    ("following.follow_slope", ">> (3 * shift + 2 - (shift & 1))", ">> (3 * shift + 2)"),
    ("modulation.reaction_control", "((duty * 625) >> 10)", "((duty * 625) >> 9)"),
    ("state.turn_attitude", "ld = total >> 12", "ld = total >> 11"),
    ("thrust.measure_thrust", "(((mean << 4) - measured) >> shift)", "(((mean << 4) - measured) >> 4)"),
    ("abort.burnt_share", "square = (x * x) >> 14", "square = (x * x) >> 13"),
    # a swapped slot
    ("ranging.stand", "vote[base + _SLOW_MM] = level", "vote[base + _LEVEL_MM] = level"),
    (
        "dispute.is_confirmed",
        "vote[other + _SIGMA_MM] > vote[base + _SIGMA_MM]",
        "vote[other + _SIGMA_MM] > vote[base + _SLOW_MM]",
    ),
    (
        "attitude.pointing_error",
        "yaw = attitude[_ATT_DIRECTION_Y_Q14]",
        "yaw = attitude[_ATT_DIRECTION_X_Q14]",
    ),
    (
        "state.rotation_matrix",
        "estimate[_EST_R00 + 1] = int(double_q29(xy - wz))",
        "estimate[_EST_R00 + 3] = int(double_q29(xy - wz))",
    ),
    ("touchdown.near_ground", "guidance[_GUI_CONTACTS] >= 2:", "guidance[_GUI_MASS_G] >= 2:"),
    (
        "touchdown.may_be_low",
        "estimate[_EST_AGL_MM] - estimate[_EST_HEIGHT_DOUBT_MM]",
        "estimate[_EST_AGL_MM]",
    ),
    (
        "descent.blind_sink",
        "int(clamp(guidance[_GUI_HOVER_S], 1, 3600))",
        "int(clamp(guidance[_GUI_PHASE], 1, 3600))",
    ),
    ("modulation.open_jets", "jet = _VALVE_RCS + 6", "jet = _VALVE_RCS + 4"),
    # floor to truncation, nearest to floor
    ("fixed.mul_q29", "((x_low * y_low) >> 15) + 8192", "((x_low * y_low) >> 15)"),
    ("fixed.mul_q14", "return (x >> 14) * k + (((x & 16383) * k) >> 14)", "return int(x * k / 16384)"),
    (
        "attitude.trim",
        "demand[_DEM_TORQUE_X_Q14 + 1 + axis] // 9",
        "int(demand[_DEM_TORQUE_X_Q14 + 1 + axis] / 9)",
    ),
    ("state.travel", "(estimate[_EST_STEP_UP_Q8 + axis] >> 1)", "int(estimate[_EST_STEP_UP_Q8 + axis] / 2)"),
    # a comparison off by one, a sign, a constant
    ("fixed.isqrt", "if x >= trial:", "if x > trial:"),
    ("levels.central", "if away < least:", "if away <= least:"),
    ("following.bound", "if held < least:", "if held > least:"),
    ("ranging.is_stuck", "moved > _STUCK_MM", "moved >= _STUCK_MM"),
    ("ranging.ingest", "vote[_VOT_TICK] + 1 - ticks) & 63", "vote[_VOT_TICK] + 1 - ticks + waited) & 63"),
    ("ranging.take_level", "excess = excess - (excess >> 2)", "excess = excess - (excess >> 3)"),
    ("altitude.put_away", "vote[base + _FRESH] == 2", "vote[base + _FRESH] > 0"),
    ("verdicts.judge", "if before == 0 or (before == 1 and", "if before == 0 or (before <= 2 and"),
    ("verdicts.judge_all", "elif doubted > 1 and", "elif doubted > 0 and"),
    ("levels.explains", "mine <= apart >> 2 and", "mine <= apart >> 1 and"),
    ("levels.stood_together", "before <= apart >> 1", "before <= apart"),
    ("levels.agrees", "apart <= noise + sigma", "apart <= noise"),
    ("dispute.gives_way", "other != base and other != beside and", "other != base and"),
    ("dispute.is_righter", "int(stood_together(vote, base, rival)) == 1", "1 == 1"),
    ("following.hear_accepted", "if apart <= 4 * sigma:", "if apart <= 4 * sigma + 1:"),
    ("ranging.take_level", "vote[base + _TRIAL] <= _YOUNG", "vote[base + _TRIAL] < _YOUNG"),
    ("ranging.compare_from_now", "_QUICK_MM]\n        index", "_LEVEL_MM]\n        index"),
    ("verdicts.judge", "2 * before > vote[_VOT_FITTED]", "2 * before >= vote[_VOT_FITTED]"),
    ("levels.sharpest", "vote[base + _SIGMA_MM] + vote[base + _EXCESS_MM]", "vote[base + _SIGMA_MM]"),
    ("dispute.challenge", "(vote[base + _WARY] >> 1)", "vote[base + _WARY]"),
    ("dispute.are_loud", "(verdict == _ACCEPTED or verdict == _TERRAIN) and", "verdict == _ACCEPTED and"),
    ("dispute.is_constant", "_WARY] == 0 and (voter == _ACCEPTED or voter", "_WARY] == 0 and (voter"),
    ("dispute.falls_away", ">= steep", "> steep"),
    (
        "dispute.is_floor",
        "apart < 0 and vote[base + _OUTSIDE] >= 0",
        "apart < 0 and vote[base + _OUTSIDE] >= -30",
    ),
    ("dispute.challenge", "voters + 1 < vote[_VOT_FITTED]", "voters < vote[_VOT_FITTED]"),
    ("levels.central", "apart = apart >> 2", "apart = apart >> 1"),
    ("dispute.has_crept", "vote[_VOT_AGE_TICKS] <= _CREPT_TICKS", "vote[_VOT_AGE_TICKS] < _CREPT_TICKS"),
    ("dispute.is_righter", "vote[_VOT_DISPUTED_MM] = told", "told = 0"),
    ("following.blend", "if followed <= _ENOUGH:", "if followed < _ENOUGH:"),
    ("following.blend", "followed >> taken == 0", "followed >> taken <= 1"),
    ("following.blend_shift", "((22 * halved + 11) >> 5)", "((22 * halved) >> 5)"),
    ("following.blend", "vote[base + _TRIAL] >= _FOUND_AGAIN", "vote[base + _TRIAL] > _FOUND_AGAIN"),
    ("ranging.remember", "now = vote[_VOT_TICK] & 63", "now = vote[_VOT_TICK] & 31"),
    ("integrity.tell", "(flags & _NO_RANGE) != 0 and (", "(flags & _NO_RANGE) != 0 or ("),
    ("integrity.overdue", "quiet > _OVERDUE_TICKS", "quiet >= _OVERDUE_TICKS"),
    ("descent.divert", "distance >> 4:", "distance >> 3:"),
    ("descent.affordable_slowing", "* 5 >> 3", "* 3 >> 2"),
    ("descent.seconds_to_site", "leaving * leaving * 23 >> 6", "leaving * leaving * 23 >> 5"),
    ("descent.seconds_to_site", "leaving = 0 - leaving", "leaving = leaving"),
    ("slope.must_leave", "rise > moved // _STANDS_ON", "rise >= moved // _STANDS_ON"),
    ("slope.must_leave", "felt == 1 and moved < _JUMP_MM", "moved < _JUMP_MM"),
    ("slope.must_leave", "guidance[_GUI_LEVEL_WANTED_MM] - moved", "_LEVEL_MM - moved"),
    ("slope.must_leave", "height < _TO_HEIGHT_MM or", "height <= _TO_HEIGHT_MM or"),
    ("slope.drift_on", "if speed < 0:", "if speed <= 0:"),
    ("abort.must_abort", "if hover >= _LEAST_HOVER_S:", "if hover >= 80:"),
    ("abort.is_in_orbit", "< _ORBIT_ALTITUDE_MM", "<= _ORBIT_ALTITUDE_MM"),
    ("limits.grade", "value > limit_rows[base + _LMR_HIGH_RED]", "value >= limit_rows[base + _LMR_HIGH_RED]"),
    ("limits.look", "!= limit_rows[base + _LMR_GATE_WANTED]", "== 0"),
    ("limits.settle", "checks > 0 and (", "checks > 1 and ("),
    ("limits.settle", "checks < needed", "checks <= needed"),
    ("limits.step", "row < rows", "row < rows - 1"),
]


def caught(kernel: str, right: str, wrong: str, vectors: int = 3000) -> bool:
    """Whether any check of that function, or of the room's step, notices."""
    room, function = kernel.split(".")
    wrongly = getattr(planted(ROOMS[room], right, wrong), function)
    for check in named(kernel):
        if drivers.parameters_of(check.function) != drivers.parameters_of(wrongly) or check.share < 1:
            continue
        for arguments in sweep.batches(check, sweep.Effort(vectors, vectors, 0), exhaustive=False):
            if judge(check, arguments, wrongly).bad:
                return True
    return False


@pytest.mark.parametrize(("kernel", "right", "wrong"), PLANTED, ids=[f"{k} {w}" for k, _, w in PLANTED])
def test_a_planted_mistake_is_noticed(kernel, right, wrong):
    assert not caught(kernel, right, right, vectors=500)
    assert caught(kernel, right, wrong)


# --- the judges are judged ------------------------------------------------------------------


def a_check(reference, bound=0.0) -> Check:
    return Check(
        "test.echo", lambda x: x, "any", lambda noise, n: {"x": noise.word(-9, 9, n)}, reference, bound
    )


def test_an_error_beyond_what_is_allowed_is_reported_above_the_bound():
    # x is compared with x + 3, of which 1 is allowed and the bound is 2: 2 + (3 - 1) = 4
    check = a_check(lambda x: Answer(None, {(RESULT, 0): (x + 3.0, 1.0)}), bound=2.0)
    judgement = judge(check, {"x": np.array([5], np.int32)})
    assert judgement.worst() == (4.0, 0, RESULT)
    assert judgement.bad == 1


def test_a_value_that_rounding_may_decide_is_not_judged():
    check = a_check(lambda x: Answer(None, {(RESULT, 0): (np.full(x.size, np.nan), 0)}))
    assert judge(check, {"x": np.array([5], np.int32)}).bad == 0


def test_no_reference_allows_more_than_the_bound():
    # 4 away, 9 allowed by the reference, 2 by the bound: 2 + (4 - 2) = 4
    check = a_check(lambda x: Answer(None, {(RESULT, 0): (x + 4.0, 9.0)}), bound=2.0)
    judgement = judge(check, {"x": np.array([5], np.int32)})
    assert judgement.worst() == (4.0, 0, RESULT)
    assert judgement.bad == 1


def test_a_slot_that_ought_to_stay_is_compared_too():
    def spoils(memory):
        memory[1] = 7
        return 0

    check = Check("test.spoils", spoils, "any", lambda noise, n: {}, lambda memory: Answer(None))
    judgement = judge(check, {"memory": np.zeros((3, 1), np.int32)})
    assert judgement.worst() == (7.0, 0, "memory[1]")


def test_a_witness_who_disagrees_stops_the_check(monkeypatch):
    check = named("fixed.isqrt")[0]
    wrong = Check(**{**vars(check), "witness": lambda x: [root + 1 for root in x.tolist()]})
    with pytest.raises(ArithmeticError, match="witness disagree"):
        sweep.sweep(wrong, sweep.Effort(100, 100, 0))


def test_edges_are_the_ends_and_the_powers_of_two_with_their_neighbours():
    assert edges(-1, 5) == (-1, 0, 1, 2, 3, 4, 5)
    assert {1023, 1024, 1025, -512, 2000} <= set(edges(-600, 2000))
    assert edges(-600, 2000)[-1] == 2000


def test_thresholds_count_as_edges_where_they_lie_in_a_range():
    assert {699, 700, 701} <= set(edges(0, 2000, (700, 5000, -700)))
    assert {700, 5000} & set(edges(0, 2000)) == set()


def test_a_kernels_vectors_stand_on_the_thresholds_of_its_file_and_beside_them():
    (check,) = named("attitude.step")
    effort = sweep.Effort(20_000, 0, 0)
    heights = np.concatenate(
        [vectors["estimate"][slots.EST_AGL_MM] for vectors in sweep.batches(check, effort, exhaustive=False)]
    )
    assert {999, 1000, 1001} <= set(heights.tolist())  # _NEAR_GROUND_MM
    assert {-1000, 1000} <= set(thresholds(check.function))
    assert thresholds(lambda x: x > 1000) == ()


def test_the_same_seed_gives_the_same_vectors():
    check = named("altitude.step")[0]
    first, second, other = (check.vectors(Noise(*seed), 100)["vote"] for seed in ((1, 2), (1, 2), (1, 3)))
    assert (first == second).all()
    assert (first != other).any()


def test_combinations_of_edges_go_through_every_value_of_every_axis():
    check = named("fixed.divide")[0]
    seen: dict[str, set[int]] = {name: set() for name in check.axes}
    for arguments in sweep.batches(check, sweep.Effort(1, 50_000, 0), exhaustive=False):
        for name, values in arguments.items():
            seen[name] |= set(values.tolist())
    assert {name: set(sweep.grid(*span)) - seen[name] for name, span in check.axes.items()} == {
        name: set() for name in check.axes
    }


def test_a_whole_domain_is_every_value_of_it_once():
    check = named("thermistor.log2_q24")[0]
    batches = list(sweep.batches(check, sweep.Effort(0, 0, 2**30), exhaustive=True))
    assert sum(batch["x"].size for batch in batches) == 65_535
    assert (batches[0]["x"][0], batches[-1]["x"][-1]) == (1, 65_535)
    assert len(batches) > 1
    assert all(int(b["x"][0]) == int(a["x"][-1]) + 1 for a, b in pairwise(batches))


def test_the_root_is_furthest_from_the_real_one_just_before_a_square():
    # sqrt(2^30 - 1) = 32768 - 1/65536 - ...; its floor is 32767
    error, x = worst_root_error()
    assert x == 2**30 - 1
    assert error == pytest.approx(1 - 2**-16, abs=1e-9)


# --- the references' own mathematics --------------------------------------------------------


def test_a_quarter_turn_about_z_brings_x_to_y():
    one = np.array([1.0])
    q = inertial.rotation(0 * one, 0 * one, one * math.pi / 4)
    turned = inertial.seen_from([one, 0 * one, 0 * one], [0 * one, 0 * one, one * math.pi / 4])
    assert np.allclose(np.array(turned).T, [[0, 1, 0]])
    assert np.allclose(np.array(inertial.matrix(q)).reshape(3, 3) @ [1, 0, 0], [0, 1, 0])


def test_level_flight_at_orbital_speed_neither_rises_nor_falls():
    # v^2 / r = mu / r^2 on a circle
    radius = inertial.RADIUS_MM + 20e6
    speed = math.sqrt(inertial.MU_MM3_S2 / radius)
    turn = np.array([speed / radius])
    up, _, _ = inertial.turning_frame([np.array([0.0]), np.array([speed]), np.array([0.0])], [0 * turn, turn])
    assert up[0] == pytest.approx(float(inertial.gravity_mm_s2(np.array([20e6]))[0]), rel=1e-12)


# --- vectors from a file ---------------------------------------------------------------------


def refusal(capsys, path, kernel="fixed.mul_q14") -> str:
    assert crosscheck.main(["--vectors", str(path), "--kernel", kernel]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert str(path) in line
    return line.replace(str(path), "FILE")


def test_vectors_of_a_file_are_judged(tmp_path, capsys):
    path = tmp_path / "good.npy"
    np.save(path, np.array([[1, 2], [-(2**29) + 1, 2**14]]))
    assert crosscheck.main(["--vectors", str(path), "--kernel", "fixed.mul_q14"]) == 0
    assert "2 vectors, worst 0 LSB" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (np.zeros((3, 3), np.int32), "FILE: shape 3 x 3; fixed.mul_q14 takes rows of 2 columns"),
        (np.zeros(4, np.int32), "FILE: shape 4; fixed.mul_q14 takes rows of 2 columns"),
        (np.zeros((0, 2), np.int32), "FILE: no rows"),
        (np.zeros((2, 2), complex), "FILE: dtype complex128; integers are wanted"),
        (np.array([["a", "b"]]), "FILE: dtype <U1; integers are wanted"),
        (np.array([[1, 2], [3, math.nan]]), "FILE: row 2, column 2: k is nan"),
        (np.array([[1, 2], [math.inf, 2]]), "FILE: row 2, column 1: x is inf"),
        (np.array([[1, 2.5]]), "FILE: row 1, column 2: k is 2.5, no integer"),
        (np.array([[2**29, 1]]), "FILE: row 1, column 1: x is 536870912, outside -536870911..536870911"),
    ],
)
def test_a_bad_table_gives_one_line_with_place_and_reason(tmp_path, capsys, table, reason):
    np.save(tmp_path / "bad.npy", table)
    assert refusal(capsys, tmp_path / "bad.npy") == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,2\n3\n", "FILE: row 2: 1 columns, the first has 2"),
        ("1,2\n3,x\n", "FILE: row 2, column 2: 'x' is no number"),
        ("1,2\n3,nan\n", "FILE: row 2, column 2: k is nan"),
        ("", "FILE: no rows"),
    ],
)
def test_a_bad_text_gives_one_line_with_place_and_reason(tmp_path, capsys, text, reason):
    (tmp_path / "bad.csv").write_text(text)
    assert refusal(capsys, tmp_path / "bad.csv") == reason


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path, capsys):
    assert "cannot be read" in refusal(capsys, tmp_path / "missing.npy")
    assert "neither in .npy nor in .csv" in refusal(capsys, tmp_path / "vectors.bin")
    (tmp_path / "text.npy").write_text("no numpy")
    assert "cannot be read as .npy" in refusal(capsys, tmp_path / "text.npy")
    assert "no kernel is named 'fixed.sine'" in refusal(capsys, tmp_path / "missing.npy", "fixed.sine")
