"""The questions that the altitude vote is judged by, each a plan for a seed and a yes or no for its votes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from host_tools.scenarios.faults import Fault
from host_tools.trials import measures as m
from host_tools.trials.flight import Votes
from host_tools.trials.streams import LASER, MIXES, RADAR, Plan, Stream, nominal_speeds_m_s

Draw = Callable[[np.random.Generator], Plan]
Judge = Callable[[Stream, Votes, Plan], bool]

RIM_AT_S = 10.0
FAULT_AT_S = 6.0


@dataclass(frozen=True)
class Question:
    """`accepted` is the largest share of seeds whose answer may be no."""

    name: str
    accepted: float
    plan: Draw
    good: Judge


def _height_m(rng: np.random.Generator, low_m: float = 1_000.0, high_m: float = 12_000.0) -> float:
    return float(np.exp(rng.uniform(np.log(low_m), np.log(high_m))))


# --- rims -----------------------------------------------------------------------------------


def _rim(kinds: tuple[str, ...]) -> Draw:
    def plan(rng: np.random.Generator) -> Plan:
        agl_m = float(rng.uniform(1_500.0, 11_500.0))
        # the ground after the rim stays 400 m below the path for the rest of the trial
        sink_m_s = float(rng.uniform(10.0, 60.0))
        most_m = min(5_000.0, agl_m - 25.0 * sink_m_s - 400.0)
        height_m = float(rng.uniform(-max(most_m, 0.0), min(5_000.0, 12_000.0 - agl_m)))
        over_m_s = nominal_speeds_m_s(agl_m)[1] * float(rng.uniform(0.7, 1.4))
        width_m = float(rng.uniform(20.0, 300.0))
        return Plan(
            start_agl_m=agl_m, sink_m_s=sink_m_s, over_ground_m_s=over_m_s, kinds=kinds,
            rim=(RIM_AT_S, height_m, width_m), ground=str(rng.choice(["mare", "highlands"])),
        )  # fmt: skip

    return plan


def _rim_taken(stream: Stream, votes: Votes, plan: Plan) -> bool:
    assert plan.rim is not None and plan.over_ground_m_s is not None
    passed_s = RIM_AT_S + plan.rim[2] / plan.over_ground_m_s
    return m.right_after_s(stream, votes, passed_s) <= 2.0


# --- faults -----------------------------------------------------------------------------------


def drawn_fault(kind: str, rng: np.random.Generator, agl_m: float, duration_s: float | None = None) -> Fault:
    """One fault of a kind with a size that matters at that height."""
    sign = float(rng.choice([-1.0, 1.0]))
    keys: dict[str, float | bool] = {}
    if kind == "spike":
        keys = {"size_m": sign * rng.uniform(50.0, 3_000.0), "probability": rng.uniform(0.05, 0.5)}
    elif kind == "bias":
        keys = {"size_m": sign * rng.uniform(50.0, min(3_000.0, 0.8 * agl_m))}
    elif kind == "drift":
        keys = {"rate_m_s": sign * rng.uniform(2.0, 100.0)}
    elif kind == "garbage":
        keys = {"size_m": rng.uniform(1_000.0, 20_000.0)}
    elif kind == "wrong":
        keys = {"factor": float(rng.choice([rng.uniform(0.1, 0.9), rng.uniform(1.1, 3.0)]))}
    elif kind == "intermittent":
        keys = {"probability": rng.uniform(0.3, 0.95)}
    elif kind == "delayed":
        keys = {"delay_s": rng.uniform(0.2, 3.0)}
    elif kind == "noisy":
        keys = {"size_m": rng.uniform(20.0, 1_000.0)}
    if duration_s is not None:
        keys["duration_s"] = duration_s
    return Fault(target="imu" if kind == "" else "altimeter", kind=kind, time_s=FAULT_AT_S, source="assumed", **keys)  # type: ignore[arg-type]


FAULTS = ("stuck", "spike", "bias", "drift", "garbage", "wrong", "intermittent", "delayed", "off", "noisy")


def _faulty(kind: str, kinds: tuple[str, ...], how_many: int) -> Draw:
    def plan(rng: np.random.Generator) -> Plan:
        agl_m = _height_m(rng, 1_500.0)
        which = rng.choice(len(kinds), how_many, replace=False)
        kinds_of = [kind] + [str(rng.choice(FAULTS)) for _ in range(how_many - 1)]
        return Plan(
            start_agl_m=agl_m, kinds=kinds, ground=str(rng.choice(["mare", "highlands"])),
            faults=[(int(i), drawn_fault(k, rng, agl_m)) for i, k in zip(which, kinds_of, strict=True)],
        )  # fmt: skip

    return plan


def _not_taken_for_terrain(stream: Stream, votes: Votes, _plan: Plan) -> bool:
    return m.wrong_s(stream, votes, 2.0) < 2.0 and m.false_steps(stream, votes) == 0


def _never_kept_out(stream: Stream, votes: Votes, _plan: Plan) -> bool:
    return m.kept_out_s(stream, votes) <= 5.0


# --- requalification, latency, fault-free -------------------------------------------------------


def _returns(rng: np.random.Generator) -> Plan:
    agl_m = _height_m(rng, 2_500.0)
    over_m_s = float(rng.uniform(0.0, 1_700.0))
    kinds = MIXES[int(rng.integers(1, 5))]
    kind = str(rng.choice(["off", "noisy", "garbage", "bias", "stuck", "wrong", "drift"]))
    which = int(rng.integers(len(kinds)))
    fault = drawn_fault(kind, rng, agl_m, duration_s=8.0)
    return Plan(start_agl_m=agl_m, kinds=kinds, over_ground_m_s=over_m_s, faults=[(which, fault)])


def _usable_again(stream: Stream, votes: Votes, plan: Plan) -> bool:
    """Within 1 s of its tenth good reading the altimeter is believed and agl is right."""
    which = plan.faults[0][0]
    begin = round(stream.fault_ends_s / m.TICK_S)
    good = np.flatnonzero(votes.heard[begin:, which])
    if len(good) < 10:
        return True
    by = begin + int(good[9]) + 100
    believed = np.isin(votes.verdicts[by:, which], (m.ACCEPTED, m.TERRAIN))
    error = np.abs(m.error_m(stream, votes)[by:])
    return bool(believed[:50].any() and np.nanmin(error[:50] - m.allowed_m(stream)[by : by + 50]) <= 0.0)


def _late(rng: np.random.Generator) -> Plan:
    kinds = MIXES[int(rng.integers(1, 5))]
    return Plan(
        start_agl_m=float(rng.uniform(1_900.0, 2_500.0)), sink_m_s=66.0, over_ground_m_s=float(rng.uniform(0.0, 40.0)),
        kinds=kinds, latency_s=float(rng.uniform(0.0, 0.3)), ground="mare", inertial_sigma_m_s=0.1,
    )  # fmt: skip


def _on_time(stream: Stream, votes: Votes, _plan: Plan) -> bool:
    """The mean error over the second half, where the noise has averaged out, is below 5 m."""
    error = m.error_m(stream, votes)
    return bool(abs(np.nanmean(error[len(error) // 2 :])) < 5.0)


def _sound(rng: np.random.Generator) -> Plan:
    agl_m = _height_m(rng, 200.0, 14_000.0)
    return Plan(start_agl_m=agl_m, kinds=MIXES[int(rng.integers(1, 5))], duration_s=min(25.0, 0.8 * agl_m / 60.0),
                ground=str(rng.choice(["mare", "highlands"])))  # fmt: skip


def _nobody_put_out(stream: Stream, votes: Votes, _plan: Plan) -> bool:
    return not m.put_out(stream, votes)


def _protected(stream: Stream, votes: Votes, _plan: Plan) -> bool:
    return m.unprotected_s(stream, votes) <= m.TIME_TO_ALERT_S


def questions() -> Iterator[Question]:
    """All of them, in the order of the table."""
    fitted = {"laser": (LASER,), "radar": (RADAR,), "two": MIXES[2], "three": MIXES[3], "four": MIXES[4]}
    for name, kinds in fitted.items():
        yield Question(f"rim is terrain within 2 s, {name}", 0.005, _rim(kinds), _rim_taken)
    for kind in FAULTS:
        for how_many, mix in ((1, "three"), (2, "four")):
            yield Question(
                f"{kind} is not terrain, {how_many} of {mix}", 0.005,
                _faulty(kind, fitted[mix], how_many), _not_taken_for_terrain,
            )  # fmt: skip
    for kind in FAULTS:
        yield Question(f"{kind} is not terrain, 1 of two", 0.005, _faulty(kind, fitted["two"], 1), _not_taken_for_terrain)
    for kind in FAULTS:
        for how_many, mix in ((1, "two"), (1, "three"), (2, "four")):
            yield Question(
                f"healthy kept out at most 5 s, {how_many} of {mix} {kind}", 0.0,
                _faulty(kind, fitted[mix], how_many), _never_kept_out,
            )  # fmt: skip
    yield Question("usable again 1 s after 10 good readings", 0.0, _returns, _usable_again)
    yield Question("latency of 0 to 0.3 s at 66 m/s costs less than 5 m", 0.0, _late, _on_time)
    yield Question("fault-free: nobody put out", 0.0, _sound, _nobody_put_out)
    yield Question("fault-free: truth inside protection, or flag in 1 s", 0.001, _sound, _protected)
    for name, kinds in fitted.items():
        yield Question(f"rim: truth inside protection, or flag in 1 s, {name}", 0.001, _rim(kinds), _protected)
    for kind in FAULTS:
        yield Question(
            f"{kind}, 1 of two: truth inside protection, or flag in 1 s", 0.001,
            _faulty(kind, fitted["two"], 1), _protected,
        )  # fmt: skip
