"""thermistor.py: every reading of three real thermistors, and any curve that may be declared."""

from math import log

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.noise import WORD, Noise
from host_tools.proof.references import thermistor as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import thermistor as kernels

ROOM = Room(kernels, references)
READINGS = (1, 65_534)


def curve(pull_up_ohm: float, a: float, b: float, c: float) -> list[int]:
    """The slots of a thermistor behind a pull-up."""
    return [round(log(pull_up_ohm) * 2**24), round(a * 2**35), round(b * 2**40), round(c * 2**50)]


def by_beta(pull_up_ohm: float, ohm_at_25: float, beta_k: float) -> list[int]:
    """The slots of a thermistor whose maker states its beta: 1/T = 1/298.15 + ln(R / R25) / beta."""
    return curve(pull_up_ohm, 1 / 298.15 - log(ohm_at_25) / beta_k, 1 / beta_k, 0)


THERMISTORS = (
    curve(10e3, 1.129148e-3, 2.34125e-4, 8.76741e-8),
    by_beta(10e3, 10e3, 3950),
    by_beta(4.7e3, 100e3, 4250),
)


def _real_parts(noise: Noise, n: int) -> Arguments:
    which = noise.choice(tuple(range(len(THERMISTORS))), n)
    return {
        "counts": noise.uniform(*READINGS, n),
        "curve": np.array(THERMISTORS, np.int32)[which].T,
    }


CHECKS: list[Check] = [
    ROOM.check("log2_q24", "1 to 65,535", 2.0, x=(1, 65_535), whole=True),
    ROOM.check("log2_q24", "31 bits", 2.0, x=WORD),
    ROOM.check("temperature_mc", "any curve", 1.5, counts=WORD, against=("counts", 0)),
    ROOM.check("temperature_mc", "three real thermistors", 1.5, vectors=_real_parts, against=("counts", 0)),
]
