"""radar.py: each function over everything that slots.py declares, and over what a flight holds."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import alignment, radar
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.state import INSIDE, SHORT_Q8
from plumbline.kernels import radar as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, radar, alignment)
_RADAR = {
    "reading": dict.fromkeys(range(s.ALT_VELOCITY_X_MM_S, s.ALT_VELOCITY_Z_MM_S + 1), (-1100000, 1100000))
}
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

CHECKS: list[Check] = [
    ROOM.check(
        "velocity_innovation",
        "rotations, 1.9 km/s",
        3.0,
        axis=(0, 2),
        delay_ms=(0, 500),
        x=SHORT_Q8,
        y=SHORT_Q8,
        z=SHORT_Q8,
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
        x=SHORT_Q8,
        y=SHORT_Q8,
        z=SHORT_Q8,
    ),
    ROOM.check(
        "align",
        "rotations, 1.9 km/s",
        1400.0,
        delay_ms=(0, 500),
        x=SHORT_Q8,
        y=SHORT_Q8,
        z=SHORT_Q8,
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
        {"estimate": {**INSIDE, s.EST_CLIMB_MM: (-1000, 1000)}},
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
]
