"""One trial in words: what was flown, and every half second what was true, held and promised."""

import numpy as np

from host_tools.trials import measures as m
from host_tools.trials.question import Question
from host_tools.trials.run import trial
from host_tools.trials.streams import Plan

_EVERY_TICKS = 50
_VERDICTS = ("silent", "accepted", "on trial", "terrain", "put out", "overdue")


def flown(plan: Plan) -> str:
    """The plan in a line."""
    parts = [f"{'+'.join(plan.kinds)} from {plan.start_agl_m:,.0f} m over {plan.ground}"]
    if plan.rim is not None:
        parts.append(f"ground lower by {plan.rim[1]:,.0f} m at {plan.rim[0]:g} s, over {plan.rim[2]:.0f} m")
    for index, fault in plan.faults:
        sizes = [
            f"{key} {getattr(fault, key):.4g}"
            for key in sorted(fault.model_fields_set)
            if _is_size(fault, key)
        ]
        parts.append(f"altimeter {index} {fault.kind} ({', '.join(sizes)})")
    if plan.surge is not None:
        parts.append(f"sink rate believed wrong by {plan.surge[2]:.1f} m/s from {plan.surge[0]:g} s on")
    return "; ".join(parts)


def _is_size(fault: object, key: str) -> bool:
    return isinstance(getattr(fault, key), float)


def told(question: Question, seed: int, voter: str) -> str:
    """The trial as lines of text."""
    plan, stream, votes = trial(question.flown, question, seed, voter)
    good = question.good(stream, votes, plan)
    error_m = m.error_m(stream, votes)
    told_now, clear = m.told(stream), m.clear(stream, votes, plan)
    lines = [
        f"{question.name}; seed {seed}, {voter} voter, host tier: "
        f"{'not asked' if good is None else 'yes' if good else 'NO'}",
        flown(plan),
        "time s  true agl m   error m  no error m  protection m  flags  steps  told clear  verdicts",
    ]
    for tick in range(_EVERY_TICKS - 1, len(error_m), _EVERY_TICKS):
        error = "       -" if np.isnan(error_m[tick]) else f"{error_m[tick]:8.1f}"
        verdicts = ", ".join(_VERDICTS[verdict] for verdict in votes.verdicts[tick])
        lines.append(
            f"{stream.seconds[tick]:6.1f}  {stream.true_agl_m[tick]:10.1f}  {error}  "
            f"{stream.allowed_m[tick]:10.0f}  "
            f"{votes.protection_m[tick]:12.1f}  {votes.flags[tick]:5d}  {votes.steps[tick]:5d}  "
            f"{_yes(told_now[tick])}  {_yes(clear[tick])}  {verdicts}"
        )
    return "\n".join(lines)


def _yes(value: object) -> str:
    return " yes" if value else "  no"
