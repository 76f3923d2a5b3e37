"""Rims: ground that steps by -5 to +5 km below a lander that is above all of it.

Heights from 15 to 1 km, speeds as in the nominal descent, give or take a third. Three moments differ: the
vehicle passes the rim; a laser sees behind it, unless the wall is too steep for an echo; a radar's beam,
4 degrees wide, leaves the edge. The 2 s run from the first altimeter that sees the new ground. While it is
the only one of two, it sounds as its own fault would: the second one has half a second more to confirm it.
"""

from collections.abc import Iterator

import numpy as np

from host_tools.trials import measures as m
from host_tools.trials.ask_faults import FAULTS, drawn_fault
from host_tools.trials.flight import Votes
from host_tools.trials.question import FITTED, Draw, Question, ground
from host_tools.trials.streams import Plan, Stream, nominal_speeds_m_s

RIM_AT_S = 8.0
LEAST_AGL_M, MOST_AGL_M = 1_000.0, 15_000.0
FIRST_ACQUIRED_M = 11_500.0  # before the rim: within four fifths of a weak part's reach
LARGEST_M = 5_000.0
WITHIN_S = 2.0
CONFIRMED_S = 0.5
_LONG_ENOUGH_S = 3.0


def _rim(kinds: tuple[str, ...], with_fault: bool = False) -> Draw:
    def plan(rng: np.random.Generator) -> Plan:
        agl_m = float(rng.uniform(LEAST_AGL_M + 1_000.0, FIRST_ACQUIRED_M))
        sink_m_s, over_m_s = (float(speed * rng.uniform(0.7, 1.4)) for speed in nominal_speeds_m_s(agl_m))
        # the ground after the rim stays below the path for the rest of the trial
        duration_s = min(25.0, (agl_m - 400.0) / sink_m_s)
        rise_m = min(LARGEST_M, agl_m - duration_s * sink_m_s - 400.0)
        fall_m = min(LARGEST_M, MOST_AGL_M - agl_m)
        height = float(rng.uniform(-max(rise_m, 0.0), fall_m))
        width_m = min(float(rng.uniform(20.0, 300.0)), 5.0 * over_m_s)  # passed within 5 s
        faults = []
        if with_fault:
            fault = drawn_fault(str(rng.choice(FAULTS)), rng, agl_m, float(rng.uniform(3.0, RIM_AT_S + 2.0)))
            faults = [(int(rng.integers(len(kinds))), fault)]
        return Plan(
            duration_s=duration_s,
            start_agl_m=agl_m,
            sink_m_s=sink_m_s,
            over_ground_m_s=over_m_s,
            kinds=kinds,
            rim=(RIM_AT_S, height, width_m),
            ground=ground(rng),
            faults=faults,
        )

    return plan


def _asked(stream: Stream, counts: m.Mask) -> bool:
    """The path is clear of the ground, and what counts lasts long enough after the rim."""
    seen_s = float((counts & m.after(stream, RIM_AT_S)).sum() * m.TICK_S)
    return bool(stream.true_agl_m.min() >= 100.0) and seen_s >= _LONG_ENOUGH_S


def _taken(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """Not wrong for more than 2 s in which somebody saw the ground and 0.5 s in which nobody objected."""
    told = m.told(stream) & m.after(stream, RIM_AT_S)
    if not _asked(stream, told):
        return None
    wrong = m.wrong(stream, votes)
    late = m.longest_s(wrong, told) > WITHIN_S
    return not (late and m.longest_s(wrong, told & m.clear(stream, votes, plan)) > CONFIRMED_S)


def _taken_unconfirmed(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """The same without the second one's word, asked where that comes more than 2 s after the first one's."""
    told = m.told(stream) & m.after(stream, RIM_AT_S)
    alone = told & ~m.clear(stream, votes, plan)
    if not _asked(stream, told) or m.longest_s(alone, alone) <= WITHIN_S:
        return None
    return m.longest_s(m.wrong(stream, votes), told) <= WITHIN_S


def _taken_unseen(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """Right within 2 s of having passed the rim, asked where the beam still saw its edge by then."""
    assert plan.rim is not None and plan.over_ground_m_s is not None
    passed = m.after(stream, RIM_AT_S + plan.rim[2] / plan.over_ground_m_s)
    if not _asked(stream, passed) or m.longest_s(passed & ~m.told(stream), passed) <= WITHIN_S:
        return None
    return m.longest_s(m.wrong(stream, votes), passed) <= WITHIN_S


def _protected(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    if stream.true_agl_m.min() < 100.0:
        return None
    return m.unprotected_s(stream, votes, m.told(stream)) <= 1.0


def _kept_in(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    if stream.true_agl_m.min() < 100.0:
        return None
    return m.kept_out_s(stream, votes, plan) <= 5.0


def rims() -> Iterator[Question]:
    """Each number of altimeters, and one of three with a fault about the time of the rim."""
    flown = {f"rim, {name}": _rim(kinds) for name, kinds in FITTED.items()}
    flown["rim and a fault of one of three"] = _rim(FITTED["three"], with_fault=True)
    for name, plan in flown.items():
        yield Question(f"{name}: terrain within 2 s of being seen", name, 0.005, plan, _taken)
    for name, plan in flown.items():
        yield Question(
            f"{name}: truth inside protection, or flag in 1 s",
            name,
            0.001,
            plan,
            _protected,
            of_protection=True,
        )
    for name, plan in flown.items():
        yield Question(f"{name}: healthy kept out at most 5 s", name, 0.0, plan, _kept_in)
    yield Question(
        "rim, two: terrain 2 s after the laser, the radar on the edge",
        "rim, two",
        None,
        flown["rim, two"],
        _taken_unconfirmed,
        "a laser that alone sees the floor sounds as a laser with a bias does",
    )
    yield Question(
        "rim, radar: terrain 2 s after passing, the beam on the edge",
        "rim, radar",
        None,
        flown["rim, radar"],
        _taken_unseen,
        "the edge within the beam returns first: no reading tells of the floor",
    )
