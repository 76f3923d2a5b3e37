"""pressure.py, coil.py and drawdown.py: exact, over everything and close to every threshold."""

from typing import Any

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import coil as coil_references
from host_tools.proof.references import drawdown as drawdown_references
from host_tools.proof.references import pressure as pressure_references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import coil, drawdown, pressure
from plumbline.kernels import slots as s

PRESSURE = Room(pressure, pressure_references)
COIL = Room(coil, coil_references)
DRAWDOWN = Room(drawdown, drawdown_references)
_COUNTS = (0, 65_535)
_SUPPLY = (59_000, 60_000)  # 5 V
_LIMITS = (4_720, 4_765, 54_280, 54_320)  # 8 and 92 percent of it
# valves of a branch open or shut for the whole tick, or nearly; readings of none to three coils
_HELD: dict[int, Any] = {
    **dict.fromkeys(range(s.MOT_LEFT_US, s.MOT_ON_US), (998, 1_002)),
    **dict.fromkeys(range(s.MOT_ON_US, s.MOT_ASSIST_Q4), (9_999, 10_000)),
}
_SHUT: dict[int, Any] = {
    **dict.fromkeys(range(s.MOT_LEFT_US, s.MOT_ON_US), (10_998, 11_002)),
    **dict.fromkeys(range(s.MOT_ON_US, s.MOT_ASSIST_Q4), (0, 1)),
}
_SUPPLIED = {
    s.COI_ARM: (32_498, 32_502),
    s.COI_SHARE_Q10: (200, 202),
    s.COI_DRIVEN: (0, 7),
    s.COI_DEAD: (0, 3),
    **dict.fromkeys(range(s.COI_DOUBT, s.COI_SEEN), (0, 3)),
}
_QUIET = {**_SUPPLIED, **dict.fromkeys(range(s.COI_DOUBT, s.COI_SEEN), (0, 0))}
_COILS = (0, 3_170, 3_176, 9_515, 9_525, 15_860, 15_875, 30_000)
_WINDOW = {
    "drawdown": {
        s.DRA_READINGS: (8, 9),
        s.DRA_EXPECTED: (100_000, 100_100),
        s.DRA_SUM: (900_000, 1_000_000),
        s.DRA_EXPECTED_SUM: (900_000, 910_000),
        s.DRA_LAST_SUM: (900_000, 1_200_000),
        s.DRA_LAST_EXPECTED_SUM: (900_000, 1_000_000),
        s.DRA_EXCESS_WINDOWS: (1, 3),
        s.DRA_MISSING_WINDOWS: (1, 3),
    },
    "feed": {s.FEE_FLOOR: (1, 500), s.FEE_SHARE_Q10: (0, 120)},
}

CHECKS: list[Check] = [
    PRESSURE.check("condition", "31 bits", counts=WORD, supply=WORD),
    PRESSURE.check("condition", "close to its limits", counts=_LIMITS, supply=_SUPPLY),
    PRESSURE.check("pressure", "31 bits", 2.0, counts=WORD, supply=WORD, full_scale=(1, 1_000_000)),
    PRESSURE.check(
        "pressure", "a whole transducer", 2.0, counts=_COUNTS, supply=_SUPPLY, full_scale=(1, 1_000_000)
    ),
    COIL.check("valves_of", "declared ranges", branch=(0, 7)),
    COIL.check("held_open", "declared ranges"),
    COIL.check("held_open", "close to a tick", 0.0, {"motion": _HELD}),
    COIL.check("held_shut", "declared ranges"),
    COIL.check("held_shut", "close to nothing", 0.0, {"motion": _SHUT}),
    COIL.check("open_next", "declared ranges"),
    COIL.check("open_next", "close to a tick", 0.0, {"motion": _SHUT}),
    COIL.check("take_supply", "declared ranges", level=_COUNTS),
    COIL.check("take_supply", "close to its limit", level=(32_490, 32_510)),
    COIL.check("take", "declared ranges", branch=(0, 7), level=_COUNTS),
    COIL.check("take", "open", 0.0, {"motion": _HELD, "coils": _SUPPLIED}, branch=(0, 7), level=_COILS),
    COIL.check("take", "shut", 0.0, {"motion": _SHUT, "coils": _SUPPLIED}, branch=(0, 7), level=_COILS),
    COIL.check("doubt", "declared ranges", is_open=(0, 32_767), low=(0, 1)),
    COIL.check("is_doubted", "declared ranges", branch=(0, 7), opening=(0, 32_767)),
    COIL.check("pick", "declared ranges"),
    COIL.check("pick", "nothing doubted", 0.0, {"coils": _QUIET}),
    COIL.check("pick", "close to a tick", 0.0, {"motion": _SHUT, "coils": _QUIET}),
    DRAWDOWN.check("spend", "declared ranges"),
    DRAWDOWN.check("take", "declared ranges", level=WORD),
    DRAWDOWN.check("take", "at the end of a window", 0.0, _WINDOW, level=(0, 400_000)),
    DRAWDOWN.check("forget", "declared ranges"),
    DRAWDOWN.check("judge", "declared ranges"),
    DRAWDOWN.check("judge", "close to its limits", 0.0, _WINDOW),
]
