"""heater.py: every decision exactly, over everything and close to its thresholds."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import heater as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import heater as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
MC = (-150_000, 500_000)  # what drivers/thermistor.py gives
_STATUS = (1, 1, 1, 1, 1, 1, 1, 2)
_CLOSE = {
    "heater": {
        s.HTR_ENABLED: (0, 1),
        s.HTR_CREDIT_Q10: (0, 4_096),
        s.HTR_ON_STEPS: (0, 12),
        s.HTR_REST_STEPS: (0, 3),
        s.HTR_GOOD_STEPS: (8, 10),
    },
    "heater_limits": {
        s.HTL_ON_MC: (-20, 20),
        s.HTL_OFF_MC: (-10, 40),
        s.HTL_SAVED_STEPS: (1, 4),
        s.HTL_MOST_ON_STEPS: (1, 12),
    },
}

CHECKS: list[Check] = [
    ROOM.check("step", "declared ranges", status=(0, 3), mc=MC),
    ROOM.check("step", "close to every threshold", 0.0, _CLOSE, status=_STATUS, mc=(-30, 50)),
    ROOM.check("earn", "declared ranges"),
    ROOM.check("believe", "declared ranges", status=(0, 3), mc=MC),
    ROOM.check("believe", "around 130 degrees", status=(1, 1, 1, 2), mc=(-130_003, 130_003)),
    ROOM.check("wanted", "declared ranges", mc=MC),
    ROOM.check("wanted", "close to every threshold", 0.0, _CLOSE, mc=(-30, 50)),
    ROOM.check("limit_met", "declared ranges"),
    ROOM.check("limit_met", "close to every threshold", 0.0, _CLOSE),
    ROOM.check("spend", "declared ranges", on=(0, 1)),
]
