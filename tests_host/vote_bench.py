"""A lander above made-up ground, its altimeters and the vote: a small simulation with a known truth.

What inertial navigation says of the motion is exact unless a test spoils it, so that every error seen is
the vote's. Each altimeter answers every 0.1 s, in a tick of its own where a test says so.
"""

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

import host_tools.host_board  # noqa: F401  (makes `plumbline` importable)
from plumbline.kernels import altitude, ranging, slots, verdicts

SILENT, ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT, OVERDUE = range(6)
NO_RANGE, DISPUTED, ABOVE_LIMIT, RANGE_OVERDUE, COASTING = 1, 2, 4, 8, 16
TICKS_A_READING = 10
ONE_Q29 = 2**29 - 2

Ground = Callable[[float], float]
# seconds, honest height in m -> reported height; None: silent
Fault = Callable[[float, float], float | None]


@dataclass(frozen=True)
class Altimeter:
    """What FIT_ slots hold, and what the part itself does."""

    floor_mm: int = 100
    fraction_q14: int = 33
    mount_mm: int = 1200
    delay_ms: int = 6
    reach_mm: int = 15_000_000
    age_ms: int = 0  # of the measurement, when the part answers
    tick: int = 0  # of ten, in which its answer comes

    def sigma_m(self, height_m: float) -> float:
        """One standard deviation at that height."""
        return self.floor_mm / 1000 + self.fraction_q14 / 16384 * max(0.0, height_m)

    @property
    def fit(self) -> tuple[int, ...]:
        """As the kernels have it."""
        return self.floor_mm, self.fraction_q14, self.mount_mm, self.delay_ms, self.reach_mm


LASER = Altimeter()
RADAR = Altimeter(floor_mm=300, fraction_q14=164)


def honest(_seconds: float, height_m: float) -> float:
    """No fault."""
    return height_m


@dataclass
class Bench:
    """A lander `altitude_m` above the datum; `ground(seconds)` is the level of the ground below, in m.

    `sees[i]` is the ground for altimeter i where it differs. Units: m, m/s, rad; ticks of 10 ms.
    """

    altimeters: tuple[Altimeter, ...]
    altitude_m: float = 5000.0
    sink_m_s: float = 30.0
    speed_m_s: float = 200.0
    ground: Ground = lambda _seconds: 0.0
    tilt_rad: float = 0.0
    noisy: bool = True
    seed: int = 1
    downrange_m: float = -100_000.0
    climb_error_m_s: float = 0.0  # of inertial navigation
    velocity_age_ticks: int = 0
    sees: dict[int, Ground] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.noise = np.random.default_rng(self.seed)
        self.faults: list[Fault] = [honest] * len(self.altimeters)
        self.now = 0
        self.past: list[tuple[float, float]] = []  # altitude and tilt of every tick
        self.vote = array("i", [0] * slots.VOT_SIZE)
        self.estimate = array("i", [0] * slots.EST_SIZE)
        self.fit = array("i", [number for part in self.altimeters for number in part.fit])
        self.readings = [array("i", [0] * slots.ALT_SIZE) for _ in self.altimeters]
        self.vote[slots.VOT_FITTED] = len(self.altimeters)
        for index, part in enumerate(self.altimeters):
            self.vote[self._base(index) + slots.VOT_REACH_MM] = part.reach_mm
        self.estimate[slots.EST_ALTITUDE_MM] = round(self.altitude_m * 1000)
        self.estimate[slots.EST_DOWNRANGE_MM] = round(self.downrange_m * 1000)

    # --- what there is to see -----------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self.now / 100

    @property
    def truth_m(self) -> float:
        """The true height above the ground below."""
        return self.altitude_m - self.ground(self.seconds)

    @property
    def agl_m(self) -> float:
        """What the vote takes it for."""
        return self.estimate[slots.EST_AGL_MM] / 1000

    @property
    def error_m(self) -> float:
        """Of agl."""
        return self.agl_m - self.truth_m

    @property
    def valid(self) -> bool:
        """Would the flight code rely on agl?"""
        return self.estimate[slots.EST_AGL_VALID] == 1

    @property
    def protection_m(self) -> float:
        """agl is wrong by less, or a flag is up."""
        return self.vote[slots.VOT_PROTECTION_MM] / 1000

    @property
    def flags(self) -> int:
        """VOT_FLAGS."""
        return self.vote[slots.VOT_FLAGS]

    @property
    def steps(self) -> int:
        """Taken for terrain so far."""
        return self.vote[slots.VOT_STEPS]

    @property
    def corrections(self) -> int:
        """How often agl was wrong and an altimeter that had not moved was right."""
        return self.vote[slots.VOT_CORRECTIONS]

    def verdict(self, index: int) -> int:
        """Of one altimeter."""
        return self.vote[self._base(index) + slots.VOT_VERDICT]

    def slot(self, index: int, name: str) -> int:
        """A slot of one altimeter, by its name in the kernels that fill it."""
        room = ranging if hasattr(ranging, f"_{name}") else verdicts
        return self.vote[self._base(index) + getattr(room, f"_{name}")]

    def _base(self, index: int) -> int:
        return slots.VOT_FIRST + index * slots.VOT_STRIDE

    # --- what happens ---------------------------------------------------------------------

    def tick(self) -> int:
        """10 ms: the lander moves, inertial navigation says so, altimeters answer, the vote steps."""
        estimate = self.estimate
        before = round(self.altitude_m * 1000 + self.climb_error_m_s * 10 * self.now)
        self.altitude_m -= self.sink_m_s / 100
        self.now += 1
        climb = round(self.altitude_m * 1000 + self.climb_error_m_s * 10 * self.now) - before
        estimate[slots.EST_CLIMB_MM] = climb
        estimate[slots.EST_ALTITUDE_MM] += climb
        estimate[slots.EST_DOWNRANGE_MM] += round(self.speed_m_s * 10)
        estimate[slots.EST_VELOCITY_UP_Q8] = round((self.climb_error_m_s - self.sink_m_s) * 256_000)
        estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = round(self.speed_m_s * 256_000)
        estimate[slots.EST_VELOCITY_AGE_TICKS] = self.velocity_age_ticks
        estimate[slots.EST_R00] = round(math.cos(self.tilt_rad) * ONE_Q29)
        estimate[slots.EST_R00 + 1] = round(math.sin(self.tilt_rad) * ONE_Q29)
        self.past.append((self.altitude_m, self.tilt_rad))
        for index, part in enumerate(self.altimeters):
            if self.now % TICKS_A_READING == part.tick:
                self._answer(index)
            ranging.ingest(self.vote, estimate, self.readings[index], index, self.fit)
        return altitude.step(self.vote, estimate)

    def _answer(self, index: int) -> None:
        """One reply: the slant range from the head to the ground, as it was when it was measured."""
        part, reading = self.altimeters[index], self.readings[index]
        ago = (part.age_ms + part.delay_ms) / 10  # in ticks
        at = max(0.0, len(self.past) - 1 - ago)
        whole = min(int(at), len(self.past) - 2) if len(self.past) > 1 else 0
        (height, tilt), (next_height, _) = self.past[whole], self.past[min(whole + 1, len(self.past) - 1)]
        seconds = self.seconds - ago / 100
        height += (next_height - height) * (at - whole) - self.sees.get(index, self.ground)(seconds)
        told = self.faults[index](self.seconds, height)
        reading[slots.ALT_COUNT] += 1
        reading[slots.ALT_STATUS] = 0
        if told is None:
            return
        if self.noisy:
            told += self.noise.normal(0, part.sigma_m(height))
        reading[slots.ALT_STATUS] = 1
        reading[slots.ALT_RANGE_MM] = max(0, round((told * 1000 + part.mount_mm) / math.cos(tilt)))
        reading[slots.ALT_AGE_MS] = part.age_ms
        reading[slots.ALT_BEAM_COS_Q14] = 16384
        reading[slots.ALT_BEAM_SIN_Q14] = 0

    def run(self, seconds: float, watch: Callable[[], None] | None = None) -> None:
        """So many seconds; `watch` is called after every tick."""
        for _ in range(round(seconds * 100)):
            self.tick()
            if watch is not None:
                watch()

    def worst_m(self, seconds: float) -> float:
        """Largest error of agl over so many seconds."""
        errors: list[float] = []
        self.run(seconds, lambda: errors.append(abs(self.error_m)))
        return max(errors)


def settled(*altimeters: Altimeter, seconds: float = 3.0, **about) -> Bench:
    """A bench that has acquired the ground and seen it for three seconds."""
    bench = Bench(altimeters, **about)
    bench.run(seconds)
    assert bench.valid
    return bench
