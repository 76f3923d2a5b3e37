"""abort.py: the rocket equation, the decision that follows from it, the climb."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import abort
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import abort as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, abort)
# overdue in a burn, and little propellant: both answers are near
_BLIND = {
    "guidance": {s.GUI_MASS_G: (380_000, 800_000), s.GUI_TIME_TO_GO_Q6: (512, 40_000)},
    "estimate": {
        s.EST_AGL_VALID: (0, 0),
        s.EST_RANGE_OVERDUE: (1, 1),
        s.EST_VELOCITY_DOWNRANGE_Q8: (12_800_000, 460_800_000),
    },
    "params": {s.PAR_EMPTY_G: (370_000, 370_000), s.PAR_EXHAUST_M_S: (2800, 3300)},
}

CHECKS: list[Check] = [
    ROOM.check("must_abort", "declared ranges"),
    ROOM.check("must_abort", "overdue, 50 to 1,800 m/s", 0.0, _BLIND),
    ROOM.check("burnt_share", "up to 4.6 km/s", 2640.0, speed_m_s=(0, 4600)),
    ROOM.check(
        "burnt_share",
        "up to 2.2 km/s of 2.8 to 4.6 km/s",
        235.0,
        {"params": {s.PAR_EXHAUST_M_S: (2800, 4600)}},
        speed_m_s=(0, 2200),
        against=("speed_m_s", 0),
    ),
    ROOM.check("climb_out", "declared ranges", 48.0, against=("estimate", s.EST_ALTITUDE_MM)),
    ROOM.check(
        "climb_out",
        "8 to 20 km up, 1 to 15 m/s2",
        5.0,
        {
            "guidance": {s.GUI_FULL_MM_S2: (1000, 15_000)},
            "estimate": {
                s.EST_ALTITUDE_MM: (8_000_000, 20_000_000),
                s.EST_VELOCITY_UP_Q8: (-25_600_000, 25_600_000),
                s.EST_VELOCITY_CROSSRANGE_Q8: (-2_560_000, 2_560_000),
                s.EST_VELOCITY_DOWNRANGE_Q8: (128_000_000, 440_000_000),
            },
        },
        against=("estimate", s.EST_VELOCITY_DOWNRANGE_Q8),
    ),
    ROOM.check("is_in_orbit", "declared ranges"),
    ROOM.check(
        "is_in_orbit",
        "just 13 km up, just 1,698 m/s",
        0.0,
        {
            "estimate": {
                s.EST_ALTITUDE_MM: (12_999_000, 13_000_000),
                s.EST_VELOCITY_DOWNRANGE_Q8: (434_680_000, 434_700_000),
            }
        },
    ),
]
