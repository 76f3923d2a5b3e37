"""attitude.py: no trigonometry is in it; cosines come from the matrix, angles are taken as their sines."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Answer, Check, Memories
from host_tools.proof.harness.drivers import run
from host_tools.proof.references import attitude as attitude_references
from host_tools.proof.references.phases import CONTACT, LANDED, TERMINAL, WAITING
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import attitude as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, attitude_references)


def composed(attitude: Any, demand: Any, estimate: Any, guidance: Any) -> Answer:
    """step: the parts' order is judged here, the parts themselves by their own checks.

    Waiting, in contact and landed: no torque, no thrust; then trim stays as it was.
    """
    every: Memories = {"attitude": attitude, "demand": demand, "estimate": estimate, "guidance": guidance}
    phase = guidance[s.GUI_PHASE]
    steered = ~np.isin(phase, (WAITING, CONTACT, LANDED))
    part = {name: memory[:, steered].astype(np.int32) for name, memory in every.items()}
    shape = {name: part[name] for name in ("attitude", "estimate", "guidance")}
    part["attitude"] = run(kernels.pointing_error, shape)[1]["attitude"]
    for axis in range(3):
        about = np.full(part["demand"].shape[1], axis, np.int32)
        torque, _ = run(kernels.torque, {**part, "axis": about})
        part["demand"][s.DEM_TORQUE_X_Q14 + axis] = torque
    throttle = part["guidance"][s.GUI_THROTTLE_Q14]
    trimmed = run(kernels.trim, {**part, "throttle_q14": throttle})[1]
    demand[s.DEM_TORQUE_X_Q14 : s.DEM_TORQUE_Z_Q14 + 1] = 0
    attitude[:, steered], demand[:, steered] = trimmed["attitude"], trimmed["demand"]
    demand[s.DEM_THROTTLE_Q14] = np.where(steered, guidance[s.GUI_THROTTLE_Q14], 0)
    armed = ~np.isin(phase, (WAITING, LANDED))
    attitude_references.tell_motion(demand, estimate, guidance[s.GUI_MASS_G])
    near = (phase == CONTACT) | ((phase == TERMINAL) & (estimate[s.EST_AGL_MM] < 1000))
    blurred = estimate[s.EST_BLURRED_TICKS] > 0
    demand[s.DEM_FLAGS] = armed + 2 * (guidance[s.GUI_MAIN_ON] == 1) + 4 * near + 8 * blurred
    return Answer(demand[s.DEM_FLAGS].copy())


CHECKS: list[Check] = [
    ROOM.check("step", "declared ranges; the order of its parts", reference=composed),
    ROOM.check(
        "pointing_error", "rotations, any demand within 1", 4.0, against=("guidance", s.GUI_DIRECTION_UP_Q14)
    ),
    ROOM.check("torque", "declared ranges", 6.0, axis=(0, 2), against=("estimate", s.EST_RATE_X_URAD_S)),
    ROOM.check("tell_motion", "declared ranges", mass_g=(0, 100_000_000)),
    ROOM.check("trim", "declared ranges", throttle_q14=(0, 16_384)),
]
