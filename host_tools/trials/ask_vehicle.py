"""Beside rims and faults: coming back, silence, hover, wrong estimates, latency, and nothing at all."""

from collections.abc import Iterator

import numpy as np

from host_tools.trials import measures as m
from host_tools.trials.ask_faults import (
    ACQUIRED_S,
    WRONG_S,
    descent,
    drawn_fault,
    kept_in,
    not_taken_for_terrain,
    protected,
    with_faults,
)
from host_tools.trials.flight import Votes
from host_tools.trials.question import FITTED, NUMBERS, Draw, Question, ground, height_m
from host_tools.trials.streams import MIXES, Plan, Stream

FASTEST_M_S = 1_700.0
BACK_WITHIN_S = 1.0
COSTS_M = 5.0
_GONE_AT_S, _GONE_FOR_S = 5.0, 8.0


def _any_mix(rng: np.random.Generator) -> tuple[str, ...]:
    return MIXES[int(rng.integers(1, 5))]


def _returns(kinds: tuple[str, ...]) -> Draw:
    """One fault that ends after 8 s, at any speed over the ground."""

    def plan(rng: np.random.Generator) -> Plan:
        agl_m = height_m(rng, 2_500.0, 12_000.0)
        kind = str(rng.choice(["off", "noisy", "garbage", "bias", "stuck", "wrong", "drift"]))
        fault = drawn_fault(kind, rng, agl_m, _GONE_AT_S, _GONE_FOR_S)
        return Plan(
            start_agl_m=agl_m,
            kinds=kinds,
            over_ground_m_s=float(rng.uniform(0.0, FASTEST_M_S)),
            faults=[(int(rng.integers(len(kinds))), fault)],
        )

    return plan


def _usable_again(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    late_s = m.back_late_s(stream, votes, plan.faults[0][0], stream.fault_ends_s)
    return None if late_s is None else late_s <= BACK_WITHIN_S


def _silence(rng: np.random.Generator) -> Plan:
    """All of them are silent for 0.3 to 6 s."""
    flown = descent(rng, _any_mix(rng))
    lasts_s = float(rng.uniform(0.3, 6.0))
    return with_faults(
        flown,
        [(i, drawn_fault("off", rng, flown.start_agl_m, 6.0, lasts_s)) for i in range(len(flown.kinds))],
    )


def _all_back(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    late = [m.back_late_s(stream, votes, i, stream.fault_ends_s) for i in range(len(plan.kinds))]
    known = [late_s for late_s in late if late_s is not None]
    return max(known) <= BACK_WITHIN_S if known else None


def _hover(kinds: tuple[str, ...]) -> Draw:
    """One gets stuck while nothing moves; 10 s later the lander sinks on. 3 m and 3 % are no error there."""

    def plan(rng: np.random.Generator) -> Plan:
        agl_m = height_m(rng, 40.0, 300.0)
        return Plan(
            start_agl_m=agl_m,
            kinds=kinds,
            hover_s=14.0,
            sink_m_s=float(rng.uniform(0.05, 0.2)) * agl_m / 10.0,
            over_ground_m_s=float(rng.uniform(0.0, 0.5)),
            ground="mare",
            allowance_m=3.0,
            inertial_sigma_m_s=0.05,
            faults=[(int(rng.integers(len(kinds))), drawn_fault("stuck", rng, agl_m, 4.0))],
        )

    return plan


def _velocity_wrong(kinds: tuple[str, ...]) -> Draw:
    """The sink rate is believed wrong by 2 to 8 m/s from the start; there is no radar velocity."""

    def plan(rng: np.random.Generator) -> Plan:
        size = float(rng.choice([-1.0, 1.0]) * rng.uniform(2.0, 8.0))
        return Plan(**{**vars(descent(rng, kinds)), "surge": (0.0, 0.0, size), "velocity_age_s": 20.0})

    return plan


def _saturated(kinds: tuple[str, ...]) -> Draw:
    """An overloaded inertial unit loses 5 to 60 m/s within 2 s; what is lost stays lost."""

    def plan(rng: np.random.Generator) -> Plan:
        size = float(rng.choice([-1.0, 1.0]) * rng.uniform(5.0, 60.0))
        surge = (6.0, 6.0 + float(rng.uniform(0.1, 2.0)), size)
        return Plan(**{**vars(descent(rng, kinds)), "surge": surge, "velocity_age_s": 20.0})

    return plan


def _late(jitters: bool) -> Draw:
    def plan(rng: np.random.Generator) -> Plan:
        latency_s = float(rng.uniform(0.0, 0.3))
        return Plan(
            start_agl_m=float(rng.uniform(1_900.0, 2_500.0)),
            sink_m_s=66.0,
            kinds=_any_mix(rng),
            ground="mare",
            over_ground_m_s=float(rng.uniform(0.0, 40.0)),
            inertial_sigma_m_s=0.1,
            latency_s=(0.0, 0.3) if jitters else (latency_s, latency_s),
        )

    return plan


def _on_time(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """The mean error over the second half, where the noise has averaged out, is below 5 m."""
    error_m = m.error_m(stream, votes)
    return bool(abs(np.nanmean(error_m[len(error_m) // 2 :])) < COSTS_M)


def _sound(rng: np.random.Generator) -> Plan:
    agl_m = height_m(rng, 200.0, 14_000.0)
    return Plan(
        start_agl_m=agl_m, kinds=_any_mix(rng), duration_s=min(25.0, 0.8 * agl_m / 60.0), ground=ground(rng)
    )


def _nobody_put_out(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    return not m.put_out(stream, votes)


def _right(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    counts = m.told(stream) & m.after(stream, ACQUIRED_S)
    return m.longest_s(m.wrong(stream, votes), counts) < WRONG_S


def of_the_vehicle() -> Iterator[Question]:
    """In the order of the table in the issue."""
    for count, kinds in MIXES.items():
        name = f"back at 0 to 1,700 m/s, {NUMBERS[count]}"
        yield Question(f"{name}: usable 1 s after 10 readings", name, 0.0, _returns(kinds), _usable_again)
    name = "all silent for 0.3 to 6 s"
    yield Question(f"{name}: usable 1 s after 10 readings", name, 0.0, _silence, _all_back)
    yield Question(f"{name}: nobody put out", name, 0.0, _silence, _nobody_put_out)
    yield Question(
        f"{name}: truth inside protection, or flag in 1 s",
        name,
        0.001,
        _silence,
        protected,
        of_protection=True,
    )
    for of in ("two", "three"):
        name = f"stuck in hover, 1 of {of}"
        yield Question(f"{name}: not terrain", name, 0.005, _hover(FITTED[of]), not_taken_for_terrain)
        yield Question(f"{name}: healthy kept out at most 5 s", name, 0.0, _hover(FITTED[of]), kept_in)
        yield Question(
            f"{name}: truth inside protection, or flag in 1 s",
            name,
            0.001,
            _hover(FITTED[of]),
            protected,
            of_protection=True,
        )
    for what, draw in (("velocity wrong by 2 to 8 m/s", _velocity_wrong), ("5 to 60 m/s lost", _saturated)):
        for count, kinds in MIXES.items():
            name = f"{what}, {NUMBERS[count]}"
            yield Question(f"{name}: the estimate is the suspect", name, 0.005, draw(kinds), _right)
            yield Question(f"{name}: healthy kept out at most 5 s", name, 0.0, draw(kinds), kept_in)
            yield Question(
                f"{name}: truth inside protection, or flag in 1 s",
                name,
                0.001,
                draw(kinds),
                protected,
                of_protection=True,
            )
    for jitters, name in ((False, "latency of 0 to 0.3 s"), (True, "latency that jumps within 0 to 0.3 s")):
        yield Question(f"{name}: costs less than 5 m at 66 m/s", name, 0.0, _late(jitters), _on_time)
        yield Question(f"{name}: nobody put out", name, 0.0, _late(jitters), _nobody_put_out)
    name = "no fault"
    yield Question(f"{name}: nobody put out", name, 0.0, _sound, _nobody_put_out)
    yield Question(
        f"{name}: truth inside protection, or flag in 1 s", name, 0.001, _sound, protected, of_protection=True
    )
