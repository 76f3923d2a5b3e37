"""Numbers with a unit and a sane range: the types that scenario and vehicle fields are made of.

    altitude_m: Annotated[float, quantity("m", 1_000, 100_000)]

refuses 20 with "must be 1000 to 100000 m (got 20; that would fit if it is in km)".
"""

import math
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

# What people write by mistake: unit of the field -> (unit they had in mind, factor to the field's unit).
_MISTAKES: dict[str, tuple[tuple[str, float], ...]] = {
    "m": (("km", 1e3), ("ft", 0.3048), ("mm", 1e-3)),
    "m/s": (("km/s", 1e3), ("km/h", 1 / 3.6), ("mm/s", 1e-3)),
    "kg": (("t", 1e3), ("g", 1e-3)),
    "N": (("kN", 1e3), ("mN", 1e-3)),
    "s": (("ms", 1e-3), ("minutes", 60.0), ("us", 1e-6)),
    "rad": (("degrees", math.pi / 180), ("mrad", 1e-3), ("urad", 1e-6)),
    "deg": (("rad", 180 / math.pi),),
    "fraction": (("percent", 1e-2), ("ppm", 1e-6)),
    "mrad": (("rad", 1e3), ("urad", 1e-3)),
}


def number(value: float) -> str:
    """A number as a person writes it: 20000 and 0.5, not 20000.0 and 5e-01."""
    return f"{value:.10g}"


def _mistake(value: float, unit: str, low: float, high: float) -> str:
    for name, factor in _MISTAKES.get(unit, ()):
        if value != 0 and low <= value * factor <= high:
            return f"; that would fit if it is in {name}"
    return ""


def check_number(value: Any) -> float:
    """The value as a finite float, or the error that says what came instead."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        shown = repr(value) if isinstance(value, (str, bool)) else f"a {type(value).__name__}"
        raise PydanticCustomError("number", "must be a number (got {shown})", {"shown": shown})
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise PydanticCustomError("number", "must be a finite number (got {shown})", {"shown": str(result)})
    return result


def quantity(unit: str, low: float, high: float, *, zero: bool = False) -> BeforeValidator:
    """Validates a float field in `unit` from `low` to `high`; `zero` also allows exactly 0."""

    def check(value: Any) -> float:
        result = check_number(value)
        if low <= result <= high or (zero and result == 0):
            return result
        if low >= 0 and result < 0 and low > 0:
            raise PydanticCustomError("sign", "must be greater than 0 (got {got})", {"got": number(result)})
        if low >= 0 and result < 0:
            raise PydanticCustomError("sign", "must be at least 0 (got {got})", {"got": number(result)})
        allowed = f"{'0 or ' if zero else ''}{number(low)} to {number(high)}"
        suffix = "" if unit in ("fraction", "count") else f" {unit}"
        raise PydanticCustomError(
            "range",
            "must be {allowed}{suffix} (got {got}{hint})",
            {
                "allowed": allowed,
                "suffix": suffix,
                "got": number(result),
                "hint": _mistake(result, unit, low, high),
            },
        )

    return BeforeValidator(check)
