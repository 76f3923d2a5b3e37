"""Roughness of the ground by the published deviogram, v(L) = v0 (L / L0)^H, up to an outer scale."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from host_tools.world.normals import standard_normals

_OUTER_SCALE_M = 20_000.0  # of the spectrum; assumed: beyond about 1 km craters and rims make the relief
_BASE_M = 17.0  # the baseline of the published slopes
_MEDIAN_OF_NORMAL = 0.67449  # median of |x| over the standard deviation


@dataclass(frozen=True)
class Roughness:
    """Statistics of one kind of ground: Hurst exponent, median slope over 17 m."""

    hurst: float
    median_slope_deg: float

    @property
    def deviation_m(self) -> float:
        """Root mean square height difference over 17 m."""
        return _BASE_M * math.tan(math.radians(self.median_slope_deg)) / _MEDIAN_OF_NORMAL


KINDS = {"mare": Roughness(0.76, 2.0), "highlands": Roughness(0.95, 7.5)}


@lru_cache(maxsize=8)
def _amplitudes_m(kind: str, length: int, step_m: float) -> np.ndarray:
    """Standard deviation of each wave's part in such a profile; the same for every seed."""
    roughness = KINDS[kind]
    wave = 2.0 * np.pi * np.fft.rfftfreq(length, step_m)  # rad/m
    power = (wave**2 + (2.0 * np.pi / _OUTER_SCALE_M) ** 2) ** -(roughness.hurst + 0.5)
    power[0] = 0.0
    deviation_m = math.sqrt(float(np.sum(power * 2.0 * (1.0 - np.cos(wave * _BASE_M)))))
    amplitudes_m = np.sqrt(power) * (roughness.deviation_m / deviation_m)
    amplitudes_m.flags.writeable = False
    return amplitudes_m


@lru_cache(maxsize=8)
def _length_for(count: int) -> int:
    """The least even number from `count` on without prime factors above 5: a fast one to transform."""
    length = count + count % 2
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 2


def rough_profile(kind: str, count: int, step_m: float, rng: np.random.Generator) -> np.ndarray:
    """`count` heights in metres, mean 0: a Gaussian profile with a von Karman spectrum.

    Below the outer scale such a spectrum has the deviogram's power law; its size is set so that
    the difference over 17 m is exactly the published one.
    """
    length = _length_for(count)
    amplitudes_m = _amplitudes_m(kind, length, step_m)
    parts = np.empty(amplitudes_m.size, np.complex128)
    parts.real = amplitudes_m * standard_normals(rng, parts.size)
    parts.imag = amplitudes_m * standard_normals(rng, parts.size)
    heights_m = np.fft.irfft(parts, length)[:count]
    heights_m *= length / math.sqrt(2.0)
    heights_m *= math.sqrt(0.5)
    return heights_m
