"""Faults between the world's truth and the parts: they begin, spoil what a part says or does, and end.

A flight without faults never comes here. Every fault draws from a generator of its own, so that one
more fault, or one less, changes nothing about the others or about the sensors' noise.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from host_tools.scenarios.faults import BOARDS, Fault
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.moon import STANDARD_GRAVITY_M_S2
from host_tools.world.sensors import RANGE_VALID as RANGE_VALID
from host_tools.world.sensors import VELOCITY_VALID as VELOCITY_VALID
from host_tools.world.sensors import WEAK as WEAK

_LARGEST_RANGE_MM = 0xFFFFFFFF
_LARGEST_SPEED_MM_S = 8_388_607
_SUBSTEP_S = dyn.SUBSTEP_US * 1e-6
_HISTORY_S = 65.0  # longer than any delay
_LEAST_FACTOR = 1e-3
_FIRST_VALVE = {"main_engine": 0, "assist_thrusters": 1, "rcs_thrusters": 7, "engines": 0}
_VALVES = {"main_engine": 1, "assist_thrusters": 6, "rcs_thrusters": 8, "engines": 7}


class FlownFault:
    """One fault of one flight: its spec with this flight's numbers, and whether it is under way."""

    def __init__(self, spec: Fault, rng: np.random.Generator) -> None:
        self.spec = spec
        self.rng = rng
        self.began_us = self.ended_us = -1  # -1 until it has
        self.active = False
        begin, duration, size = (float(share) for share in rng.uniform(-1.0, 1.0, 3))
        self._begin = 1.0 + spec.begin_scatter_fraction * begin
        self._duration = 1.0 + spec.scatter_fraction * duration
        self.size = 1.0 + spec.scatter_fraction * size
        self.held: tuple[int, ...] | None = None
        self.history: deque[tuple[int, tuple[int, ...]]] = deque()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def moments(self) -> tuple[tuple[str, int], ...]:
        """(name, time in us) of its beginning and its end, as far as they have come."""
        both = (self.name, self.began_us), (f"{self.name}_ends", self.ended_us)
        return tuple(moment for moment in both if moment[1] >= 0)

    def since_s(self, now_us: int) -> float:
        """How long it has been under way."""
        return (now_us - self.began_us) * 1e-6

    def update(self, now_us: int, view: NDArray[np.float64]) -> bool:
        """Begin or end; True when that has changed."""
        if self.ended_us >= 0:
            return False
        before = self.active
        if self.began_us < 0 and self._due(now_us, view):
            self.began_us = now_us
            self.active = True
        if self.active and self._ends(now_us, view):
            self.active = False
            self.ended_us = now_us
        return self.active != before

    def _due(self, now_us: int, view: NDArray[np.float64]) -> bool:
        spec = self.spec
        if spec.time_s is not None:
            return now_us >= round(1e6 * spec.time_s * self._begin)
        if view[dyn.SPEED_UP] >= 0.0:
            return False
        if spec.at_agl_m is not None:
            return bool(view[dyn.AGL_M] < spec.at_agl_m * self._begin)
        return bool(view[dyn.ALTITUDE_M] < (spec.at_altitude_m or 0.0) * self._begin)

    def _ends(self, now_us: int, view: NDArray[np.float64]) -> bool:
        spec = self.spec
        if spec.duration_s is not None:
            return now_us - self.began_us >= round(1e6 * spec.duration_s * self._duration)
        return spec.until_agl_m is not None and bool(view[dyn.AGL_M] < spec.until_agl_m * self._duration)

    def alarm(self) -> tuple[float, float, float, float]:
        """When `update` may change it next: from a time (us) on, below an agl or an altitude while falling,
        or below an agl in any case."""
        spec, never, nowhere = self.spec, math.inf, -math.inf
        if self.ended_us >= 0:
            return never, nowhere, nowhere, nowhere
        if self.began_us < 0:
            if spec.time_s is not None:
                return round(1e6 * spec.time_s * self._begin), nowhere, nowhere, nowhere
            if spec.at_agl_m is not None:
                return never, spec.at_agl_m * self._begin, nowhere, nowhere
            return never, nowhere, (spec.at_altitude_m or 0.0) * self._begin, nowhere
        if spec.duration_s is not None:
            return self.began_us + round(1e6 * spec.duration_s * self._duration), nowhere, nowhere, nowhere
        return (
            never,
            nowhere,
            nowhere,
            nowhere if spec.until_agl_m is None else spec.until_agl_m * self._duration,
        )

    @property
    def spoils_readings(self) -> bool:
        """Whether a reading must pass through it, be it only to be remembered."""
        remembers = self.spec.kind == "delayed" and not self.spec.reported and self.ended_us < 0
        spoils_no_reading = (*_VALVES, *BOARDS, "imu", "imu_2", "legs")
        return (self.active or remembers) and self.spec.target not in spoils_no_reading

    def delay_s(self, now_us: int) -> float:
        """A delay that grows to its whole length in rise_s."""
        whole_s = (self.spec.delay_s or 0.0) * self.size
        if self.spec.rise_s <= 0.0:
            return whole_s
        return whole_s * min(1.0, self.since_s(now_us) / self.spec.rise_s)


# --- readings: (status, values...) in, the same out; `bit` is the status bit that says "valid" ---------


def _spoilt(fault: FlownFault, now_us: int, status: int, values: Sequence[int], bit: int) -> tuple[int, ...]:
    """What a part with this fault reports instead of (status, *values)."""
    kind = fault.spec.kind
    if kind == "off":
        return (status & ~bit, *(0 for _ in values))
    if kind == "intermittent":
        lost = fault.rng.random() < (fault.spec.probability or 0.0)
        return (status & ~bit, *(0 for _ in values)) if lost else (status, *values)
    if kind == "stuck":
        if fault.held is None and status & bit:
            fault.held = tuple(values)
        return (status, *values) if fault.held is None else (status | bit, *fault.held)
    if kind == "garbage":
        return (status | bit, *_garbage(fault, len(values)))
    if not status & bit:
        return (status, *values)
    return (status, *_changed(fault, now_us, values))


def _garbage(fault: FlownFault, count: int) -> list[int]:
    """A random range below the size, or random speeds of both signs."""
    if count == 1:
        return [int(fault.rng.uniform(0.0, abs(_size_mm(fault))))]
    return [int(speed) for speed in fault.rng.uniform(-1.0, 1.0, count) * abs(_size_mm(fault))]


def _changed(fault: FlownFault, now_us: int, values: Sequence[int]) -> list[int]:
    """Valid values, falsified."""
    spec, rng = fault.spec, fault.rng
    if spec.kind == "wrong":
        factor = 1.0 + ((spec.factor or 0.0) - 1.0) * fault.size
        return [round(value * factor) for value in values]
    if spec.kind == "noisy":
        noise = rng.standard_normal(len(values)) * _size_mm(fault)
        return [round(value + float(error)) for value, error in zip(values, noise, strict=True)]
    error_mm = 0.0
    if spec.kind == "bias":
        error_mm = _size_mm(fault)
    elif spec.kind == "spike":
        error_mm = _size_mm(fault) if rng.random() < (spec.probability or 0.0) else 0.0
    elif spec.kind == "drift":
        rate = spec.rate_m_s if spec.rate_m_s is not None else spec.rate_m_s2
        error_mm = 1000.0 * (rate or 0.0) * fault.size * fault.since_s(now_us)
    index = spec.axis_number if len(values) > 1 else 0
    return [round(value + error_mm) if i == index else value for i, value in enumerate(values)]


def _size_mm(fault: FlownFault) -> float:
    size = fault.spec.size_m if fault.spec.size_m is not None else fault.spec.size_m_s
    return 1000.0 * (size or 0.0) * fault.size


def _late(fault: FlownFault, now_us: int, reading: tuple[int, ...]) -> tuple[int, ...]:
    """The newest reading that is as old as the delay; the present one goes into the history."""
    history = fault.history
    history.append((now_us, reading))
    while history[0][0] < now_us - _HISTORY_S * 1e6:
        history.popleft()
    if not fault.active:
        return reading
    due_us = now_us - fault.delay_s(now_us) * 1e6
    late = history[0][1]
    for measured_us, older in history:
        if measured_us > due_us:
            break
        late = older
    return late


class Faults:
    """All faults of one flight, in the order of the scenario.

    `update` before each tick; then `spoil_counts` and `close_switches` after it, and `altimeter` and
    `velocity` on each reading. `silent` and `overloaded` are the inertial units that are.
    """

    def __init__(self, specs: Sequence[Fault], seed: np.random.SeedSequence) -> None:
        streams = seed.spawn(len(specs))
        self.all = [
            FlownFault(spec, np.random.default_rng(s)) for spec, s in zip(specs, streams, strict=True)
        ]
        self.silent: set[str] = set()
        self.overloaded: set[str] = set()
        self._of_boards = [fault for fault in self.all if fault.spec.target in BOARDS]
        self._by_target: dict[str, list[FlownFault]] = {}
        for fault in self.all:
            self._by_target.setdefault(fault.spec.target, []).append(fault)
        self._healthy: tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]] | None = None
        self._last_counts: dict[str, NDArray[np.int64]] = {}

    def of(self, target: str) -> list[FlownFault]:
        """The faults of one target, whether they are under way or not."""
        return self._by_target.get(target, [])

    def begun_of_boards(self) -> list[FlownFault]:
        """Faults of boards that have begun since the last call: they are moments, and over at once."""
        begun = [fault for fault in self._of_boards if fault.began_us >= 0]
        if begun:
            self._of_boards = [fault for fault in self._of_boards if fault.began_us < 0]
        return begun

    # --- what they do to the vehicle and its inertial unit ---

    def update(
        self,
        now_us: int,
        view: NDArray[np.float64],
        thrusters: NDArray[np.float64],
        imu_errors: Mapping[str, NDArray[np.float64]],
    ) -> None:
        """Begin and end what is due; then write thrusters and the inertial units' errors anew."""
        rows = [sens.BIAS, sens.NOISE]
        if self._healthy is None:
            healthy = {unit: errors[rows].copy() for unit, errors in imu_errors.items()}
            self._healthy = (thrusters.copy(), healthy)
        changed = [fault for fault in self.all if fault.update(now_us, view)]
        if not changed:
            return
        thrusters[:, [dyn.T_FORCE_N, dyn.T_ISP_S]] = self._healthy[0][:, [dyn.T_FORCE_N, dyn.T_ISP_S]]
        for unit, errors in imu_errors.items():
            errors[rows] = self._healthy[1][unit]
        self.silent.clear()
        self.overloaded.clear()
        for fault in self.all:
            if fault.active and fault.spec.target in _VALVES:
                _change_engines(fault, thrusters)
            elif fault.active and fault.spec.target in imu_errors:
                self._change_imu(fault, imu_errors[fault.spec.target])
        if any(fault.spec.target in _VALVES for fault in changed):
            dyn.prepare(thrusters)
        for unit in {fault.spec.target for fault in changed} & imu_errors.keys():
            sens.prepare_inertial(imu_errors[unit])

    def _change_imu(self, fault: FlownFault, errors: NDArray[np.float64]) -> None:
        spec = fault.spec
        if spec.kind == "off":
            self.silent.add(spec.target)
        elif spec.kind == "saturation":
            self.overloaded |= {spec.target} if spec.flagged else set()
        elif spec.kind == "noisy":
            errors[sens.NOISE] *= (spec.factor or 0.0) * fault.size
        elif spec.kind == "bias" and spec.size_deg_h is not None:
            rate = math.radians(spec.size_deg_h * fault.size) / 3600.0
            errors[sens.BIAS, spec.axis_number] += rate * _SUBSTEP_S
        elif spec.kind == "bias":
            push = (spec.size_mg or 0.0) * fault.size * 1e-3 * STANDARD_GRAVITY_M_S2
            errors[sens.BIAS, 3 + spec.axis_number] += push * _SUBSTEP_S

    def spoils_counts(self, unit: str) -> bool:
        """Whether an inertial unit's increments must pass through them."""
        return any(fault.active and fault.spec.kind in ("saturation", "stuck") for fault in self.of(unit))

    def spoil_counts(self, counts: NDArray[np.int64], unit: str = "imu") -> None:
        """An inertial unit's increments of this tick, in place."""
        for fault in self.of(unit):
            if fault.active and fault.spec.kind == "saturation":
                rate = math.radians((fault.spec.rate_deg_s or 0.0) * fault.size)
                counts[:, fault.spec.axis_number] = round(rate * _SUBSTEP_S / sens.ANGLE_LSB_RAD)
            elif fault.active and fault.spec.kind == "stuck" and unit in self._last_counts:
                counts[:] = self._last_counts[unit]
        self.remember_counts(counts, unit)

    def remember_counts(self, counts: NDArray[np.int64], unit: str) -> None:
        """The last ones that an inertial unit has said, for one that will be stuck."""
        if self.of(unit):
            self._last_counts[unit] = np.repeat(counts[-1:], len(counts), axis=0)

    def close_switches(self, touching: NDArray[np.bool_]) -> None:
        """Contact switches that close without a ground, in place."""
        for fault in self.of("legs"):
            if fault.active:
                for leg in fault.spec.numbers or range(1, len(touching) + 1):
                    touching[leg - 1] = True

    # --- what they do to readings ---

    def spoil_readings(self, target: str) -> bool:
        """Whether a reading of an altimeter or the velocimeter must pass through them."""
        return any(fault.spoils_readings and fault.spec.kind != "weak" for fault in self.of(target))

    def weaken(self, target: str) -> bool:
        """Whether an altimeter sees less far."""
        return any(fault.active and fault.spec.kind == "weak" for fault in self.of(target))

    def reach_m(self, name: str, reach_m: float, speed_m_s: float) -> float:
        """How far an altimeter sees: less while it is weak, and less the faster the lander flies."""
        for fault in self.of(name):
            if fault.active and fault.spec.kind == "weak":
                weak_m = (fault.spec.reach_m or 0.0) * fault.size
                if fault.spec.half_speed_m_s is not None:
                    weak_m /= 1.0 + speed_m_s / fault.spec.half_speed_m_s
                reach_m = min(reach_m, weak_m)
        return reach_m

    def extra_latency_us(self, name: str, now_us: int) -> int:
        """What an altimeter takes longer to answer, and says so."""
        late = [f for f in self.of(name) if f.active and f.spec.kind == "delayed" and f.spec.reported]
        return round(1e6 * sum(fault.delay_s(now_us) for fault in late))

    def altimeter(self, name: str, now_us: int, status: int, range_mm: int) -> tuple[int, int]:
        """(status, range in mm) as the altimeter with its faults reports it."""
        reading: tuple[int, ...] = (status, range_mm)
        for fault in self.of(name):
            reading = _through(fault, now_us, reading, RANGE_VALID)
        return reading[0], min(max(reading[1], 0), _LARGEST_RANGE_MM)

    def velocity(
        self, now_us: int, status: int, velocity_mm_s: tuple[int, int, int]
    ) -> tuple[int, tuple[int, int, int]]:
        """(status, velocity in body axes) as the velocimeter with its faults reports it."""
        reading: tuple[int, ...] = (status & VELOCITY_VALID, *velocity_mm_s)
        for fault in self.of("velocimeter"):
            reading = _through(fault, now_us, reading, VELOCITY_VALID)
        x, y, z = (min(max(speed, -_LARGEST_SPEED_MM_S), _LARGEST_SPEED_MM_S) for speed in reading[1:])
        return (status & ~VELOCITY_VALID) | reading[0], (x, y, z)


def _through(fault: FlownFault, now_us: int, reading: tuple[int, ...], bit: int) -> tuple[int, ...]:
    if fault.spec.kind == "delayed" and not fault.spec.reported:
        return _late(fault, now_us, reading)
    if not fault.active:
        return reading
    return _spoilt(fault, now_us, reading[0], reading[1:], bit)


def _change_engines(fault: FlownFault, thrusters: NDArray[np.float64]) -> None:
    """Thrust of the fault's engines; propellant flows in proportion unless the nozzle is what was lost."""
    spec = fault.spec
    share = min(1.0, (spec.fraction or 0.0) * fault.size)
    factor = {"off": 0.0, "thrust_loss": 1.0 - share, "thrust_excess": 1.0 + share}[spec.kind]
    first = _FIRST_VALVE[spec.target]
    for number in spec.numbers or range(1, _VALVES[spec.target] + 1):
        row = thrusters[first + number - 1]
        if spec.flow_goes_on:  # the flow is thrust over Isp: neither may be nothing
            factor = max(factor, _LEAST_FACTOR)
            row[dyn.T_ISP_S] *= factor
        row[dyn.T_FORCE_N] *= factor
