"""contact.py: switches, vote and suspicion exactly; half of the vectors on the verge of a change."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import contact as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import contact as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
_VERGE = {
    "legs": {
        s.LEG_FIRST + leg * s.LEG_STRIDE + place: (least, most)
        for leg in range(4)
        for place, least, most in ((0, 1, 2), (1, 497, 499))
    }
}

CHECKS: list[Check] = [
    ROOM.check("step", "declared ranges", pressed=WORD),
    ROOM.check("step", "on the verge", 0.0, _VERGE, pressed=(0, 15)),
    ROOM.check("debounce", "declared ranges", leg=(0, 3), level=(0, 1)),
    ROOM.check("decide", "declared ranges"),
    ROOM.check("how_many", "0 to 15", mask=(0, 15), whole=True),
    ROOM.check("suspect", "declared ranges", leg=(0, 3), vote=(0, 2)),
    ROOM.check("suspect", "on the verge", 0.0, _VERGE, leg=(0, 3), vote=(0, 2)),
]
