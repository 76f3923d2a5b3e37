"""inertial.py and contest.py: over all that slots.py declares, and over units that nearly agree."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import contest as contest_references
from host_tools.proof.references import pair as references
from host_tools.proof.suites.rooms import Room, Span
from plumbline.kernels import contest as contest_kernels
from plumbline.kernels import inertial as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
CONTEST = Room(contest_kernels, contest_references)
_FIRST, _SECOND = s.INS_FIRST, s.INS_FIRST + s.INS_STRIDE


def _both(slots: dict[int, Span]) -> dict[int, Span]:
    """The same of both units."""
    return {base + slot: span for base in (_FIRST, _SECOND) for slot, span in slots.items()}


# increments and averages about as large as what tells the units apart
_NEARLY = _both(
    {
        0: (4, 6),
        **dict.fromkeys(range(1, 7), (-6000, 6000)),
        12: (0, 3),
        13: (0, 0),
    }
) | {
    **dict.fromkeys(range(s.INS_DIFFERENCE, s.INS_DIFFERENCE + 6), (-12_000, 12_000)),
    **dict.fromkeys(range(s.INS_APART_Q4, s.INS_APART_Q4 + 6), (-13_000, 13_000)),
    **dict.fromkeys(range(s.INS_MEAN_Q4, s.INS_MEAN_Q4 + 6), (-60_000, 60_000)),
    s.INS_EXPECTED_Q4: (0, 60_000),
    **dict.fromkeys(range(s.INS_JUMP, s.INS_JUMP + 3), (-12_000, 12_000)),
    s.INS_CONTEST: (-310, 310),
    s.INS_DISPUTED: (0, 40),
    **dict.fromkeys(range(s.INS_LEAN_SPEED_Q8, s.INS_LEAN_SPEED_Q8 + 3), (-400_000, 400_000)),
}
_SEEN = {s.IMU_SAMPLES: (0, 6), s.IMU_FAULTS: (0, 3), s.IMU_LOST: (0, 3)}
_COUNTED = _both({9: (0, 3), 10: (0, 3), 11: (0, 3)})
_STILL = dict.fromkeys(range(s.IMU_ANGLE_X, s.IMU_ANGLE_X + 6), (0, 0))
_STUCK = _both({**dict.fromkeys(range(1, 7), (0, 0)), 11: (0, 3)})
_SLOW = dict.fromkeys(range(s.ALT_VELOCITY_X_MM_S, s.ALT_VELOCITY_X_MM_S + 3), (-3000, 3000))
_FAST = dict.fromkeys(_SLOW, (-1100000, 1100000))
_STANDING = dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_UP_Q8 + 3), (-500000, 500000))
_LARGE = (0, 900_000_000)
_CONTESTS = (-1000, 1000)

CHECKS: list[Check] = [
    ROOM.check("examine", "declared ranges", unit=(0, 1)),
    ROOM.check("examine", "few samples and faults", slots={"imu": _SEEN, "inertial": _COUNTED}, unit=(0, 1)),
    ROOM.check("examine", "stuck", slots={"imu": {**_SEEN, **_STILL}, "inertial": _STUCK}, unit=(0, 1)),
    ROOM.check("choose", "declared ranges; the order of its parts", 650.0),
    ROOM.check("choose", "units that nearly agree", 4.0, slots={"inertial": _NEARLY}),
    ROOM.check("compare", "declared ranges"),
    ROOM.check("compare", "units that nearly agree", slots={"inertial": _NEARLY}),
    ROOM.check("requalify", "declared ranges", apart=(0, 7)),
    ROOM.check("pick", "declared ranges"),
    ROOM.check("pick", "units that nearly agree", slots={"inertial": _NEARLY}),
    ROOM.check("standing", "declared ranges", base=(_FIRST, _SECOND, _FIRST)),
    ROOM.check("widen", "declared ranges"),
    ROOM.check("hand_over", "declared ranges", used=(0, 3)),
    CONTEST.check("follow", "declared ranges"),
    CONTEST.check("jump", "declared ranges", axis=(0, 2)),
    CONTEST.check("jump", "units that nearly agree", slots={"inertial": _NEARLY}, axis=(0, 2)),
    CONTEST.check("agree", "declared ranges"),
    CONTEST.check("settle", "declared ranges, rotations", 650.0, apart=(0, 3)),
    CONTEST.check(
        "settle", "units that nearly agree, rotations", 4.0, slots={"inertial": _NEARLY}, apart=(0, 3)
    ),
    CONTEST.check("turned_away", "declared ranges", contest=_CONTESTS),
    CONTEST.check("turned_away", "about a clear jump", slots={"inertial": _NEARLY}, contest=_CONTESTS),
    CONTEST.check("pushed_away", "declared ranges"),
    CONTEST.check("pushed_away", "units that nearly agree", slots={"inertial": _NEARLY}),
    CONTEST.check("further", "up to 900,000,000", first=_LARGE, second=_LARGE),
    CONTEST.check("further", "up to 20,000", first=(0, 20_000), second=(0, 20_000)),
    CONTEST.check("size_of", "31 bits", x=(WORD[0] + 1, WORD[1])),
    CONTEST.check("lean", "declared ranges, rotations", 650.0, used=(1, 3)),
    CONTEST.check("rule", "declared ranges", contest=_CONTESTS),
    CONTEST.check(
        "weigh", "rotations, radar up to 1.9 km/s", 8.7, slots={"reading": _FAST}, delay_ms=(0, 500)
    ),
    CONTEST.check(
        "weigh",
        "lanes 1.5 m/s apart, rotations",
        2.2,
        slots={"inertial": _NEARLY, "reading": _SLOW, "estimate": _STANDING},
        delay_ms=(0, 500),
    ),
]
