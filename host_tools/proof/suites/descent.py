"""descent.py: closed forms over the states of a descent, with a range, in doubt, and blind."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import descent
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.slope import STEEP
from plumbline.kernels import descent as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, descent)
# a descent: below 30 km, slower than 400 m/s
_DESCENT = {
    "guidance": {s.GUI_FULL_MM_S2: (1000, 15_000), s.GUI_PHASE: (3, 4), s.GUI_HOVER_S: (0, 900)},
    "estimate": {
        s.EST_ALTITUDE_MM: (-2_000_000, 30_000_000),
        s.EST_HEIGHT_MM: (-300_000, 30_000_000),
        s.EST_HEIGHT_DOUBT_MM: (0, 600_000),
        s.EST_DOWNRANGE_MM: (-20_000_000, 20_000_000),
        s.EST_CROSSRANGE_MM: (-20_000_000, 20_000_000),
        s.EST_VELOCITY_UP_Q8: (-51_200_000, 12_800_000),
        s.EST_VELOCITY_DOWNRANGE_Q8: (-102_400_000, 102_400_000),
        s.EST_VELOCITY_CROSSRANGE_Q8: (-102_400_000, 102_400_000),
    },
}
# the last 2 km, where phases of 0.1 s matter, with a doubt or without one
_LOW = {
    "guidance": {s.GUI_FULL_MM_S2: (1000, 6000), s.GUI_PHASE: (3, 4), s.GUI_HOVER_S: (0, 300)},
    "estimate": {
        **_DESCENT["estimate"],
        s.EST_ALTITUDE_MM: (-400_000, 2_000_000),
        s.EST_HEIGHT_MM: (-300_000, 2_000_000),
        s.EST_HEIGHT_DOUBT_MM: (0, 40_000),
        s.EST_VELOCITY_UP_Q8: (-12_800_000, 1_280_000),
        s.EST_VELOCITY_DOWNRANGE_Q8: (-512_000, 512_000),
        s.EST_VELOCITY_CROSSRANGE_Q8: (-512_000, 512_000),
    },
}
# steep ground, noted near by
_STEEP = {
    "guidance": {**_LOW["guidance"], **STEEP["guidance"]},
    "estimate": {**_LOW["estimate"], **STEEP["estimate"], s.EST_HEIGHT_MM: (0, 130_000)},
}
# a site far off, before it or behind
_FAR = {
    "guidance": {s.GUI_HOVER_S: (0, 900)},
    "estimate": {
        s.EST_DOWNRANGE_MM: (-20_000_000, 20_000_000),
        s.EST_VELOCITY_DOWNRANGE_Q8: (-51_200_000, 51_200_000),
    },
}
_SLOW = dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_CROSSRANGE_Q8 + 1), (-460800000, 460800000))

CHECKS: list[Check] = [
    ROOM.check("effective_gravity", "declared ranges", 25.0, against=("estimate", s.EST_ALTITUDE_MM)),
    ROOM.check(
        "speed_over_height",
        "31 bits of height, up to 1,100 mm/s2",
        400.0,
        height=WORD,
        slowing=(1, 1100),
        against=("height", 0),
    ),
    ROOM.check(
        "guard", "declared ranges", 177.0, against=("estimate", s.EST_HEIGHT_MM), climb=(-40_000, 40_000)
    ),
    ROOM.check(
        "guard",
        "below 1.2 km, 50 m/s of sink",
        177.0,
        {
            "estimate": {
                s.EST_HEIGHT_MM: (500_000, 1_200_000),
                s.EST_HEIGHT_DOUBT_MM: (0, 500_000),
                s.EST_VELOCITY_UP_Q8: (-12_800_000, 2_560_000),
            }
        },
        against=("estimate", s.EST_HEIGHT_MM),
        climb=(-4000, 4000),
    ),
    ROOM.check("descend", "below 30 km, 400 m/s", 6000.0, _DESCENT, against=("estimate", s.EST_ALTITUDE_MM)),
    ROOM.check(
        "descend", "the last 2 km, sliding slowly", 300.0, _LOW, against=("estimate", s.EST_HEIGHT_MM)
    ),
    ROOM.check("descend", "over steep ground", 300.0, _STEEP, against=("estimate", s.EST_HEIGHT_MM)),
    ROOM.check("height_to_lose", "declared ranges"),
    ROOM.check(
        "ground_speed",
        "up to 1.8 km/s",
        245.0,
        {"estimate": _SLOW},
        against=("estimate", s.EST_VELOCITY_DOWNRANGE_Q8),
    ),
    ROOM.check(
        "seconds_to_site",
        "20 km to either side, up to 15 min of hovering",
        8.0,
        _FAR,
        against=("estimate", s.EST_DOWNRANGE_MM),
    ),
    ROOM.check(
        "not_while_sliding",
        "up to 30 km, 250 m/s",
        1300.0,
        wanted=(1000, 250_000),
        height=(0, 30_000_000),
        sliding=(0, 2_600_000),
    ),
    ROOM.check("affordable_slowing", "up to 30 km, 30 m/s2", full=(0, 30_517), height=(0, 30_000_000)),
    ROOM.check(
        "sink_profile",
        "-4 m to 30 km, up to 30 m/s2",
        80.0,
        height=(-4000, 30_000_000),
        full=(0, 30_517),
        against=("height", 0),
    ),
    ROOM.check("blind_sink", "declared ranges", 276.0, against=("estimate", s.EST_HEIGHT_MM)),
    ROOM.check(
        "blind_sink",
        "the last 2 km",
        276.0,
        {
            "guidance": {s.GUI_HOVER_S: (0, 600)},
            "estimate": {s.EST_HEIGHT_MM: (-400_000, 2_000_000), s.EST_HEIGHT_DOUBT_MM: (0, 1_000_000)},
        },
        against=("estimate", s.EST_HEIGHT_MM),
    ),
    ROOM.check(
        "sideways_limit", "declared ranges", height=(0, 30_000_000), up=(0, 30_517), sliding=(0, 2_600_000)
    ),
    ROOM.check(
        "divert",
        "1,000 km, 2 km/s",
        8.0,
        offset=(-1_000_000_000, 1_000_000_000),
        speed=(-2_000_000, 2_000_000),
        time_q6=(0, 500_000),
        limit=(0, 14_000),
    ),
]
