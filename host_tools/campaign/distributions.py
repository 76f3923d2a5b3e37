"""Distributions as data: how one number of a scenario differs from run to run.

Each is its quantile function: the share u of its values, 0 to 1, gives the value, so one uniform number
decides a draw whatever the distribution. A normal one ends at 6 sigma, or at `low` and `high` before that.
"""

import math
from statistics import NormalDist
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from host_tools.scenarios.quantity import check_number, number
from host_tools.scenarios.sourced import Sourced, complain

FARTHEST_SIGMAS = 6.0
_STANDARD = NormalDist()

Number = Annotated[float, BeforeValidator(check_number)]
Value: TypeAlias = float | int | bool | str


def _check_value(value: Any) -> Value:
    if isinstance(value, (bool, str)):
        return value
    return value if isinstance(value, int) else check_number(value)


AnyValue = Annotated[Value, BeforeValidator(_check_value)]


class _Dispersion(Sourced):
    """A key of the scenario, and what is drawn for it; `nominal` is the scenario's own number or None."""

    key: Annotated[str, Field(min_length=1, max_length=120)]

    def at(self, u: float, nominal: float | None) -> Value:
        """The value below which the share `u` of all values lies."""
        raise NotImplementedError

    def extremes(self, nominal: float | None) -> list[tuple[str, Value]]:
        """The outermost values, each with the key of this table that is to blame for it."""
        raise NotImplementedError

    def needs_nominal(self) -> str | None:
        """The key that would have to be given if the scenario has no number of its own; None if none."""
        return None

    def told(self) -> str:
        """The distribution in words."""
        raise NotImplementedError


class Normal(_Dispersion):
    distribution: Literal["normal"]
    sigma: Number
    mean: Number | None = None  # by default the scenario's own number
    low: Number | None = None
    high: Number | None = None

    def needs_nominal(self) -> str | None:
        return "mean" if self.mean is None else None

    def _ends(self, nominal: float | None) -> tuple[float, float, float]:
        """(mean, lowest, highest)"""
        mean = (nominal or 0.0) if self.mean is None else self.mean
        reach = FARTHEST_SIGMAS * self.sigma
        low = mean - reach if self.low is None else max(self.low, mean - reach)
        high = mean + reach if self.high is None else min(self.high, mean + reach)
        return mean, low, high

    def at(self, u: float, nominal: float | None) -> float:
        mean, low, high = self._ends(nominal)
        first, last = (_STANDARD.cdf((end - mean) / self.sigma) for end in (low, high))
        share = first + u * (last - first)
        if not 0.0 < share < 1.0:  # the ends' own shares may round to 0 or 1
            return low if share <= 0.0 else high
        return min(high, max(low, mean + self.sigma * _STANDARD.inv_cdf(share)))

    def extremes(self, nominal: float | None) -> list[tuple[str, Value]]:
        mean, low, high = self._ends(nominal)
        if low >= high or high <= mean - FARTHEST_SIGMAS * self.sigma:
            raise complain("low", f"nothing is left between low and high of {self.told()}")
        return [
            ("low" if self.low == low else "sigma", low),
            ("high" if self.high == high else "sigma", high),
        ]

    def told(self) -> str:
        around = "" if self.mean is None else f" around {number(self.mean)}"
        low = "" if self.low is None else f", at least {number(self.low)}"
        high = "" if self.high is None else f", at most {number(self.high)}"
        return f"normal{around}, sigma {number(self.sigma)}{low}{high}"

    @model_validator(mode="after")
    def _has_a_width(self) -> "Normal":
        if self.sigma <= 0.0:
            raise complain("sigma", f"must be greater than 0 (got {number(self.sigma)})")
        return self


class Uniform(_Dispersion):
    distribution: Literal["uniform"]
    low: Number
    high: Number

    def at(self, u: float, nominal: float | None) -> float:
        return self.low + u * (self.high - self.low)

    def extremes(self, nominal: float | None) -> list[tuple[str, Value]]:
        return [("low", self.low), ("high", self.high)]

    def told(self) -> str:
        return f"uniform from {number(self.low)} to {number(self.high)}"

    @model_validator(mode="after")
    def _low_is_lower(self) -> "Uniform":
        if self.low >= self.high:
            raise complain("high", f"must be above low, {number(self.low)} (got {number(self.high)})")
        return self


class Triangular(_Dispersion):
    distribution: Literal["triangular"]
    low: Number
    high: Number
    mode: Number | None = None  # by default the scenario's own number

    def needs_nominal(self) -> str | None:
        return "mode" if self.mode is None else None

    def _peak(self, nominal: float | None) -> float:
        return (nominal or 0.0) if self.mode is None else self.mode

    def at(self, u: float, nominal: float | None) -> float:
        low, high, peak = self.low, self.high, self._peak(nominal)
        rising = (peak - low) / (high - low)
        if u < rising:
            return low + math.sqrt(u * (high - low) * (peak - low))
        return high - math.sqrt((1.0 - u) * (high - low) * (high - peak))

    def extremes(self, nominal: float | None) -> list[tuple[str, Value]]:
        peak = self._peak(nominal)
        if not self.low <= peak <= self.high:
            raise complain("mode", f"must lie between low and high (got {number(peak)})")
        return [("low", self.low), ("high", self.high)]

    def told(self) -> str:
        peak = "" if self.mode is None else f" with its peak at {number(self.mode)}"
        return f"triangular from {number(self.low)} to {number(self.high)}{peak}"

    @model_validator(mode="after")
    def _low_is_lower(self) -> "Triangular":
        if self.low >= self.high:
            raise complain("high", f"must be above low, {number(self.low)} (got {number(self.high)})")
        return self


class Fixed(_Dispersion):
    distribution: Literal["fixed"]
    value: AnyValue

    def at(self, u: float, nominal: float | None) -> Value:
        return self.value

    def extremes(self, nominal: float | None) -> list[tuple[str, Value]]:
        return [("value", self.value)]

    def told(self) -> str:
        return f"always {_shown(self.value)}"


class Choice(_Dispersion):
    distribution: Literal["choice"]
    values: Annotated[list[AnyValue], Field(min_length=1, max_length=100)]
    weights: list[Number] | None = None  # by default all values are as likely

    def at(self, u: float, nominal: float | None) -> Value:
        weights = self.weights or [1.0] * len(self.values)
        left = u * sum(weights)
        for value, weight in zip(self.values, weights, strict=True):
            left -= weight
            if left < 0.0:
                return value
        return next(v for v, w in zip(reversed(self.values), reversed(weights), strict=True) if w > 0.0)

    def extremes(self, nominal: float | None) -> list[tuple[str, Value]]:
        return [(f"values[{index}]", value) for index, value in enumerate(self.values)]

    def told(self) -> str:
        return "one of " + ", ".join(map(_shown, self.values))

    @model_validator(mode="after")
    def _weights_fit(self) -> "Choice":
        if self.weights is not None:
            if len(self.weights) != len(self.values):
                raise complain(
                    "weights",
                    f"must be as many as the values, {len(self.values)} (got {len(self.weights)})",
                )
            if min(self.weights) < 0.0 or sum(self.weights) <= 0.0:
                raise complain("weights", "must be 0 or more, and one of them more")
        return self


def _shown(value: Value) -> str:
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else repr(value)


Dispersion: TypeAlias = Normal | Uniform | Triangular | Fixed | Choice
KINDS: dict[str, type[Dispersion]] = {
    "normal": Normal,
    "uniform": Uniform,
    "triangular": Triangular,
    "fixed": Fixed,
    "choice": Choice,
}
