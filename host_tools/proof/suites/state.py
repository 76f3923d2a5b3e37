"""state.py: each function over everything that slots.py declares, and over what a flight holds."""

from dataclasses import replace

import numba
import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.memories import estimate, to_q29, unit_quaternions
from host_tools.proof.harness.noise import WORD, Noise
from host_tools.proof.references import alignment, radar, state, strapdown, velocity
from host_tools.proof.references.strapdown import POLLS
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import slots as s
from plumbline.kernels import state as kernels

ROOM = Room(kernels, state, velocity, radar, alignment, strapdown)
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
_RADAR = {
    "reading": dict.fromkeys(range(s.ALT_VELOCITY_X_MM_S, s.ALT_VELOCITY_Z_MM_S + 1), (-1100000, 1100000))
}
_INSIDE = {
    s.EST_DOWNRANGE_MM: (-999_000_000, 999_000_000),
    s.EST_CROSSRANGE_MM: (-199_000_000, 199_000_000),
    s.EST_ALTITUDE_MM: (0, 109_900_000),
    **dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_CROSSRANGE_Q8 + 1), (-500000000, 500000000)),
}
_SHORT_Q8 = (-288_000_000, 288_000_000)
_SLOW_Q8 = (-16_000_000, 16_000_000)
_SLOW = {
    **dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_CROSSRANGE_Q8 + 1), (-15_000_000, 15_000_000)),
    **dict.fromkeys(range(s.EST_STEP_UP_Q8, s.EST_STEP_CROSSRANGE_Q8 + 1), (-10_000, 10_000)),
}
_SIXTY_M_S = dict.fromkeys(range(s.ALT_VELOCITY_X_MM_S, s.ALT_VELOCITY_Z_MM_S + 1), (-60_000, 60_000))
_REGAINING = {
    s.EST_VELOCITY_AGE_TICKS: (0, 1000),
    s.EST_CLIMB_DOUBT_Q8: (0, 300_000),
    s.EST_TO_REGAIN: (0, 64),
    s.EST_AGL_VALID: (0, 0),
}
_SLOWLY = dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_CROSSRANGE_Q8 + 1), (-1000000, 1000000))
_SLOW_RADAR = {
    s.ALT_STATUS: (8, 15),
    s.ALT_AGE_MS: (0, 60),
    **dict.fromkeys(range(s.ALT_VELOCITY_X_MM_S, s.ALT_VELOCITY_Z_MM_S + 1), (-4000, 4000)),
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
        x=_SHORT_Q8,
        y=_SHORT_Q8,
        z=_SHORT_Q8,
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
        "velocity_innovation",
        "rotations, 1.9 km/s",
        3.0,
        axis=(0, 2),
        delay_ms=(0, 500),
        x=_SHORT_Q8,
        y=_SHORT_Q8,
        z=_SHORT_Q8,
        against=("x", 0),
    ),
    ROOM.check("most_speed", "declared ranges"),
    ROOM.check("speed_squared", "declared ranges"),
    ROOM.check("shows", "declared ranges", 9100.0, axis=(0, 2), doubt=(0, 15), squared=(400, 12_000_400)),
    ROOM.check(
        "turn",
        "declared ranges",
        3.0,
        **dict.fromkeys(("thrust_1", "thrust_2"), (2 - 2**29, 2**29 - 2)),
        **dict.fromkeys(("shows_1", "shows_2"), (-(2**28), 2**28 - 1)),
        **dict.fromkeys(("off_1", "off_2"), (-2_048_000, 2_048_000)),
        by_thrust=(0, 2**29 - 1),
        against=("off_1", 0),
    ),
    ROOM.check(
        "differs",
        "rotations, 1.9 km/s",
        3.0,
        axis=(0, 2),
        delay_ms=(0, 500),
        x=_SHORT_Q8,
        y=_SHORT_Q8,
        z=_SHORT_Q8,
    ),
    ROOM.check(
        "align",
        "rotations, 1.9 km/s",
        1400.0,
        delay_ms=(0, 500),
        x=_SHORT_Q8,
        y=_SHORT_Q8,
        z=_SHORT_Q8,
        against=("estimate", s.EST_R00),
    ),
    ROOM.check(
        "align",
        "in doubt by up to 100 mrad, 60 m/s, off by up to 8 m/s",
        1400.0,
        {"estimate": {**_SLOW, s.EST_ATTITUDE_DOUBT_MRAD: (5, 120)}},
        delay_ms=(0, 500),
        x=_SLOW_Q8,
        y=_SLOW_Q8,
        z=_SLOW_Q8,
        against=("x", 0),
    ),
    ROOM.check(
        "correct_velocity",
        "attitude in doubt by up to 120 mrad, 60 m/s",
        5000.0,
        {
            "reading": {**_SIXTY_M_S, s.ALT_STATUS: (8, 15), s.ALT_AGE_MS: (0, 60)},
            "estimate": {**_SLOW, s.EST_ATTITUDE_DOUBT_MRAD: (0, 120), s.EST_VELOCITY_AGE_TICKS: (0, 10_000)},
        },
        delay_ms=(0, 500),
        against=("reading", s.ALT_VELOCITY_X_MM_S),
    ),
    ROOM.check("regain", "declared ranges", drifted=(0, 1)),
    ROOM.check("regain", "being regained, or silent for 5 s", slots={"estimate": _REGAINING}, drifted=(0, 1)),
    ROOM.check(
        "make_up", "declared ranges", 5000.0, axis=(0, 1, 2), gain=(-25_000, 25_000), against=("gain", 0)
    ),
    ROOM.check(
        "make_up",
        "10 m/s after 17 minutes, a range in some of them",
        5000.0,
        {"estimate": {**_INSIDE, s.EST_CLIMB_MM: (-1000, 1000)}},
        axis=(0, 1, 2),
        gain=(-10_000, 10_000),
        against=("gain", 0),
    ),
    ROOM.check(
        "correct_velocity",
        "attitude not in doubt, radar up to 1.9 km/s",
        5000.0,
        {**_RADAR, "estimate": {s.EST_ATTITUDE_DOUBT_MRAD: (0, 4)}},
        delay_ms=(0, 500),
        against=("reading", s.ALT_VELOCITY_X_MM_S),
    ),
    ROOM.check(
        "correct_velocity",
        "a drift of up to 10 m/s",
        5000.0,
        {"reading": _SLOW_RADAR, "estimate": {**_REGAINING, **_SLOWLY, s.EST_ATTITUDE_DOUBT_MRAD: (0, 4)}},
        delay_ms=(0, 500),
        against=("reading", s.ALT_VELOCITY_X_MM_S),
    ),
    ROOM.check(
        "step",
        "3 to 7 samples, 2 lost, 0.5 rad/s, unit quaternions",
        1400.0,
        {**_FLIGHT, "estimate": _INSIDE},
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
