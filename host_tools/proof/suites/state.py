"""state.py: each function over everything that slots.py declares, and over what a flight holds."""

from dataclasses import replace

import numba
import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.memories import estimate, to_q29, unit_quaternions
from host_tools.proof.harness.noise import WORD, Noise
from host_tools.proof.references import state, strapdown, velocity
from host_tools.proof.references.strapdown import POLLS
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import slots as s
from plumbline.kernels import state as kernels

ROOM = Room(kernels, state, velocity, strapdown)
# five samples a tick, at most two of them lost; 0.5 rad/s, 15 m/s2, orbital speed
_COUNTS_OF_TICK = {s.IMU_SAMPLES: (3, 7), s.IMU_LOST: (1000, 1002), s.IMU_FAULTS: (1000, 1000)}
_FLIGHT = {
    "imu": {
        **_COUNTS_OF_TICK,
        **dict.fromkeys(range(s.IMU_ANGLE_X, s.IMU_ANGLE_Z + 1), (-600000, 600000)),
        **dict.fromkeys(range(s.IMU_VELOCITY_X, s.IMU_VELOCITY_Z + 1), (-900000, 900000)),
    },
    "state": {
        s.STA_LOST: (1000, 1000),
        s.STA_FAULTS: (1000, 1000),
        s.STA_SILENT_TICKS: (0, 0),
        **dict.fromkeys(range(s.STA_ANGLE_X, s.STA_ANGLE_Z + 1), (-1400000, 1400000)),
        s.STA_TURN_DOWNRANGE: (-16_000_000, 16_000_000),
        s.STA_TURN_CROSSRANGE: (-16_000_000, 16_000_000),
    },
}


_QUIET = {
    "imu": {
        **dict.fromkeys(range(s.IMU_ANGLE_X, s.IMU_ANGLE_Z + 1), (-30000, 30000)),
        **dict.fromkeys(range(s.IMU_VELOCITY_X, s.IMU_VELOCITY_Z + 1), (-200000, 200000)),
        s.IMU_SAMPLES: (5, 5),
        s.IMU_LOST: (1000, 1000),
        s.IMU_FAULTS: (1000, 1000),
    },
    "state": _FLIGHT["state"],
    "estimate": {
        s.EST_ALTITUDE_MM: (5_000_000, 20_000_000),
        s.EST_CROSSRANGE_MM: (-10_000_000, 10_000_000),
        s.EST_DOWNRANGE_MM: (-900_000_000, 900_000_000),
        s.EST_VELOCITY_UP_Q8: (-51_200_000, 51_200_000),
        s.EST_VELOCITY_DOWNRANGE_Q8: (-460_800_000, 460_800_000),
        s.EST_VELOCITY_CROSSRANGE_Q8: (-25_600_000, 25_600_000),
    },
}
_SILENT = {
    "imu": {s.IMU_SAMPLES: (0, 0)},
    "state": {s.STA_SILENT_TICKS: (10, 1000)},
    "estimate": _QUIET["estimate"],
}
SHORT_Q8 = (-288_000_000, 288_000_000)
INSIDE = {
    s.EST_DOWNRANGE_MM: (-999_000_000, 999_000_000),
    s.EST_CROSSRANGE_MM: (-199_000_000, 199_000_000),
    s.EST_ALTITUDE_MM: (0, 109_900_000),
    **dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_CROSSRANGE_Q8 + 1), (-500000000, 500000000)),
}


@numba.njit
def fly(estimate, state, imu):
    """state.step again and again with the same increments."""
    samples = 0
    for _poll in range(POLLS):
        samples = kernels.step(estimate, state, imu)
    return samples


def _nearly_unit(noise: Noise, n: int) -> Arguments:
    """Quaternions whose length is off by up to 0.1 %: a step of 0.04 rad leaves them so."""
    long = unit_quaternions(noise, n) * (1 + noise.random.uniform(-1e-3, 1e-3, n))
    parts = to_q29(np.clip(long, -1, 1))
    return {"estimate": estimate(noise, n), **{f"n{i}": parts[i] for i in range(4)}}


def _without_matrix(noise: Noise, n: int) -> Arguments:
    """Nothing of the matrix is there yet: a slot that is not written shows."""
    filled = estimate(noise, n)
    filled[s.EST_R00 : s.EST_R00 + 9] = 0
    return {"estimate": filled}


CHECKS: list[Check] = [
    ROOM.check("take_increments", "declared ranges", 800.0, against=("imu", s.IMU_ANGLE_X)),
    ROOM.check(
        "take_increments",
        "3 to 7 samples, none lost, 0.5 rad/s",
        16.0,
        {**_FLIGHT, "imu": {**_FLIGHT["imu"], s.IMU_LOST: (1000, 1000)}},
        against=("imu", s.IMU_ANGLE_X),
    ),
    ROOM.check("without_samples", "declared ranges"),
    ROOM.check("without_samples", "silent for about 100 ms", slots={"state": {s.STA_SILENT_TICKS: (8, 12)}}),
    ROOM.check("count_silent", "declared ranges"),
    ROOM.check("count_silent", "for about 100 ms", slots={"state": {s.STA_SILENT_TICKS: (8, 12)}}),
    ROOM.check("coast", "declared ranges"),
    ROOM.check("hide", "declared ranges", ticks=(0, 10)),
    ROOM.check("unseen", "declared ranges"),
    ROOM.check(
        "unseen",
        "a few lost, a few with a fault",
        slots={
            "state": {s.STA_LOST: (1000, 1000), s.STA_FAULTS: (1000, 1000), s.STA_SILENT_TICKS: (0, 12)},
            "imu": {s.IMU_LOST: (990, 1060), s.IMU_FAULTS: (990, 1060)},
        },
    ),
    ROOM.check("calm", "declared ranges"),
    ROOM.check("shrink", "altitudes -10 to 110 km", 10_000.0, against=("estimate", s.EST_ALTITUDE_MM)),
    ROOM.check(
        "shrink", "altitudes -2 to 25 km", 30.0, {"estimate": {s.EST_ALTITUDE_MM: (-2_000_000, 25_000_000)}}
    ),
    ROOM.check("turn_of_frame", "declared ranges", 10_000.0, against=("estimate", s.EST_ALTITUDE_MM)),
    ROOM.check(
        "turn_attitude", "declared ranges, unit quaternions", 7100.0, against=("state", s.STA_ANGLE_X)
    ),
    ROOM.check("turn_attitude", "0.5 rad/s, 2 km/s", 50.0, _FLIGHT, against=("state", s.STA_ANGLE_X)),
    ROOM.check("normalise", "length 1 within 0.1 %", 1100.0, vectors=_nearly_unit, against=("n0", 0)),
    ROOM.check(
        "rotation_matrix", "unit quaternions", 2.0, vectors=_without_matrix, against=("estimate", s.EST_Q0)
    ),
    ROOM.check("double_q29", "31 bits", x=WORD, whole=True),
    ROOM.check(
        "rotate_row",
        "rotations, vectors below 500,000,000",
        1.5,
        row=(0, 3, 6),
        x=SHORT_Q8,
        y=SHORT_Q8,
        z=SHORT_Q8,
        against=("x", 0),
    ),
    ROOM.check("gravity", "29 bits", 1.7, smaller=(0, 2**29 - 1), whole=True),
    ROOM.check(
        "add_velocity",
        "declared ranges, rotations",
        600.0,
        {"state": {s.STA_SAMPLES: (1, 87)}},
        against=("state", s.STA_KICK_X),
    ),
    ROOM.check(
        "add_velocity",
        "a tick, 14 m/s2, up to 20 km",
        10.0,
        {
            "state": {
                **_FLIGHT["state"],
                s.STA_SAMPLES: (5, 7),
                **dict.fromkeys(range(s.STA_KICK_X, s.STA_KICK_Z + 1), (-9400000, 9400000)),
            },
            "estimate": {s.EST_ALTITUDE_MM: (-10_000_000, 20_000_000)},
        },
    ),
    ROOM.check("add_kick", "declared ranges, any kick", axis=(0, 2), kick=WORD),
    ROOM.check("travel", "declared ranges", axis=(0, 2), samples=(0, 100)),
    ROOM.check("add_position", "declared ranges", 1.1, against=("state", s.STA_SHRINK_Q29)),
    ROOM.check(
        "step",
        "3 to 7 samples, 2 lost, 0.5 rad/s, unit quaternions",
        1400.0,
        {**_FLIGHT, "estimate": INSIDE},
        against=("imu", s.IMU_ANGLE_X),
    ),
    ROOM.check("step", "silent for 0.1 s and more: the flight coasts", 12.0, _SILENT),
    replace(
        ROOM.check(
            "step",
            f"{POLLS} polls in a row, 0.1 rad/s",
            3000.0,
            _QUIET,
            reference=strapdown.fly,
            against=("imu", s.IMU_ANGLE_X),
        ),
        function=fly,
        share=0.002,
    ),
]
