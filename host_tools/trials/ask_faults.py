"""Faults of one or two altimeters of one to four, none of which may be taken for terrain.

Where two sound ones remain they agree with each other and with nobody else: everything can be decided. Of two
altimeters the one that jumps, repeats or scatters alone is at fault. One that creeps (drift, or old readings
over sloping ground) is known only once it has moved by much more than the ground has moved the other: before,
no voter can tell them apart, and it is the protection level that must hold both. Of one altimeter a bias, a
drift, a wrong scale and a delay cannot be told from ground at all; stuck, noise and garbage can.
"""

from collections.abc import Iterator

import numpy as np

from host_tools.scenarios.faults import Fault
from host_tools.trials import measures as m
from host_tools.trials.flight import Votes
from host_tools.trials.question import FITTED, NUMBERS, Draw, Question, ground, height_m
from host_tools.trials.streams import MIXES, Plan, Stream, nominal_speeds_m_s

FAULT_AT_S = 6.0
FAULTS = ("stuck", "spike", "bias", "drift", "garbage", "wrong", "intermittent", "delayed", "off", "noisy")
TELLTALE = ("stuck", "spike", "garbage", "intermittent", "off", "noisy")  # even of an only altimeter
ACQUIRED_S = 2.0  # by then somebody has spoken three times
WRONG_S = 2.0
KEPT_OUT_S = 5.0
TO_ALERT_S = 1.0
LOWEST_M, HIGHEST_M = 700.0, 12_000.0


def drawn_fault(
    kind: str,
    rng: np.random.Generator,
    agl_m: float,
    time_s: float = FAULT_AT_S,
    duration_s: float | None = None,
) -> Fault:
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
    return Fault(target="altimeter", kind=kind, time_s=time_s, source="assumed", **keys)  # type: ignore[arg-type]


def descent(rng: np.random.Generator, kinds: tuple[str, ...]) -> Plan:
    """A nominal descent from a drawn height that ends well above the ground; 5 % of a small one is wrong."""
    agl_m = height_m(rng, LOWEST_M, HIGHEST_M)
    return Plan(
        start_agl_m=agl_m,
        kinds=kinds,
        ground=ground(rng),
        duration_s=min(25.0, 0.7 * agl_m / nominal_speeds_m_s(agl_m)[0]),
        allowance_m=float(np.clip(0.05 * agl_m, 20.0, 100.0)),
    )


def with_faults(plan: Plan, faults: list[tuple[int, Fault]]) -> Plan:
    return Plan(**{**vars(plan), "faults": faults})


def _faulty(kind: str, kinds: tuple[str, ...], how_many: int) -> Draw:
    def plan(rng: np.random.Generator) -> Plan:
        flown = descent(rng, kinds)
        which = rng.choice(len(kinds), how_many, replace=False)
        kinds_of = [kind] + [str(rng.choice(FAULTS)) for _ in range(how_many - 1)]
        faults = [
            (int(i), drawn_fault(k, rng, flown.start_agl_m)) for i, k in zip(which, kinds_of, strict=True)
        ]
        return with_faults(flown, faults)

    return plan


def _in_turn(kinds: tuple[str, ...]) -> Draw:
    """One fault after the other, 3 to 4.5 s each and as long apart, never two at once."""

    def plan(rng: np.random.Generator) -> Plan:
        flown = descent(rng, kinds)
        possible = FAULTS if len(kinds) > 2 else tuple(kind for kind in FAULTS if kind not in m.CREEPING)
        faults, begin_s = [], 4.0
        while begin_s < flown.duration_s - 3.0:
            lasts_s = float(rng.uniform(3.0, 4.5))
            fault = drawn_fault(str(rng.choice(possible)), rng, flown.start_agl_m, begin_s, lasts_s)
            faults.append((int(rng.integers(len(kinds))), fault))
            begin_s += lasts_s + float(rng.uniform(3.0, 4.5))
        return with_faults(flown, faults)

    return plan


def _faulty_first(kind: str, kinds: tuple[str, ...]) -> Draw:
    """The only one that speaks at first has its fault from the beginning; the others come 3 to 6 s later."""

    def plan(rng: np.random.Generator) -> Plan:
        flown = descent(rng, kinds)
        which = int(rng.integers(len(kinds)))
        name = kind or str(rng.choice([one for one in FAULTS if one not in ("off", "intermittent")]))
        faults = [(which, drawn_fault(name, rng, flown.start_agl_m, 0.0))]
        for other in range(len(kinds)):
            if other != which:
                faults.append((other, drawn_fault("off", rng, 0.0, 0.0, float(rng.uniform(3.0, 6.0)))))
        return with_faults(flown, faults)

    return plan


# --- yes or no ------------------------------------------------------------------------------------------


def not_taken_for_terrain(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """Where it can be decided, agl is not wrong for 2 s, and no step leads away from the truth."""
    counts = m.told(stream) & m.clear(stream, votes, plan) & m.after(stream, ACQUIRED_S)
    wrong_s = m.longest_s(m.wrong(stream, votes), counts)
    return wrong_s < WRONG_S and m.false_steps(stream, votes, counts) == 0


def _not_taken_while_hidden(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    hidden = m.told(stream) & ~m.clear(stream, votes, plan) & m.after(stream, stream.fault_begins_s)
    if hidden.sum() * m.TICK_S < WRONG_S:
        return None
    return m.longest_s(m.wrong(stream, votes), hidden) < WRONG_S


def _not_followed(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    return m.longest_s(m.wrong(stream, votes), m.after(stream, FAULT_AT_S)) < WRONG_S


def kept_in(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    return m.kept_out_s(stream, votes, plan) <= KEPT_OUT_S


def protected(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """While somebody says where the ground is, the truth is not outside for more than 1 s without a flag."""
    return m.unprotected_s(stream, votes, m.told(stream)) <= TO_ALERT_S


def _protected_alone(stream: Stream, votes: Votes, plan: Plan) -> bool | None:
    """The same where nobody says so, but what is said cannot be a ground."""
    return m.unprotected_s(stream, votes, m.after(stream, FAULT_AT_S)) <= TO_ALERT_S


def faults() -> Iterator[Question]:
    """By kind and number, in turn, and acquired first."""
    flown: dict[str, Draw] = {}
    for kind in FAULTS:
        for how_many, of in ((1, "two"), (1, "three"), (2, "four")):
            flown[f"{kind}, {how_many} of {of}"] = _faulty(kind, FITTED[of], how_many)
    for kind in ("stuck", "garbage", "noisy", "drift"):
        flown[f"{kind} from the start, acquired first, 1 of two"] = _faulty_first(kind, FITTED["two"])
    flown["any fault from the start, acquired first, 1 of three"] = _faulty_first("", FITTED["three"])
    for count in (2, 3, 4):
        flown[f"faults in turn, {NUMBERS[count]}"] = _in_turn(MIXES[count])
    for name, plan in flown.items():
        yield Question(f"{name}: not terrain", name, 0.005, plan, not_taken_for_terrain)
    for name, plan in flown.items():
        yield Question(f"{name}: healthy kept out at most 5 s", name, 0.0, plan, kept_in)
    for kind in ("bias", "wrong"):
        flown[f"{kind} from the start, acquired first, 1 of two"] = _faulty_first(kind, FITTED["two"])
    for name, plan in flown.items():
        yield Question(
            f"{name}: truth inside protection, or flag in 1 s",
            name,
            0.001,
            plan,
            protected,
            of_protection=True,
        )
    for kind in TELLTALE:
        for alone in ("laser", "radar"):
            name = f"{kind}, only {alone}"
            yield Question(
                f"{name}: truth inside protection, or flag in 1 s",
                name,
                0.001,
                _faulty(kind, FITTED[alone], 1),
                _protected_alone,
                of_protection=True,
            )
    yield from _undecidable(flown)


def _undecidable(flown: dict[str, Draw]) -> Iterator[Question]:
    for kind in m.CREEPING:
        name = f"{kind}, 1 of two"
        yield Question(
            f"{name}: not followed while the ground hides it",
            name,
            None,
            flown[name],
            _not_taken_while_hidden,
            "it has moved no further than ground and noise move the other one",
        )
    for kind in ("bias", "wrong"):
        name = f"{kind} from the start, acquired first, 1 of two"
        yield Question(
            f"{name}: not followed",
            name,
            None,
            flown[name],
            _not_followed,
            "neither of the two has moved, and nothing else knows the ground",
        )
    for kind in ("bias", "drift", "wrong", "delayed"):
        name = f"{kind}, only laser"
        yield Question(
            f"{name}: not followed",
            name,
            None,
            _faulty(kind, FITTED["laser"], 1),
            _not_followed,
            "ground that steps or slopes sounds the same to an only altimeter",
        )
