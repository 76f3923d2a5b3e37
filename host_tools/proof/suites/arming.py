"""arming.py: every refusal and every pulse exactly, of commands that are wrong and of nearly right ones."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.memories import memory
from host_tools.proof.harness.noise import WORD, Noise
from host_tools.proof.references import arming as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import arming as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
_NEAR = (-1, 0, 1, 2, 3, 4)
_SHARE = 0.2  # the reference takes one vector at a time


def _releases(noise: Noise, n: int) -> np.ndarray:
    """Actuators of which most may be fired in most modes."""
    ranges = {s.REL_STRIDE * i + s.REL_MODES: (7, 15) for i in range(4)}
    return memory("releases", noise, n, ranges)


def _nearly_right(noise: Noise, n: int) -> Arguments:
    """Armed mostly, and a fire that carries the nonce and the actuator three times in four."""
    arming = memory("arming", noise, n, {s.ARM_STATE: (0, 2), s.ARM_NONCE: (1, 65_535)})
    arming[s.ARM_STATE] = np.where(noise.uniform(0, 2, n) == 0, arming[s.ARM_STATE], 1)
    arming[s.ARM_EXPIRED_NONCE] = np.where(
        noise.uniform(0, 1, n) == 0, arming[s.ARM_NONCE], arming[s.ARM_EXPIRED_NONCE]
    )
    off = noise.choice((0, 0, 0, 0, 0, 0, 1, -1), n)
    return {
        "arming": arming,
        "releases": _releases(noise, n),
        "actuator": (arming[s.ARM_ACTUATOR] + noise.choice((0, 0, 0, 0, 0, 0, 1, -1), n)).astype(np.int32),
        "nonce": (arming[s.ARM_NONCE] + off).astype(np.int32),
        "mode": noise.uniform(0, 3, n),
        "vote": noise.uniform(0, 2, n),
    }


def _any_arm(noise: Noise, n: int) -> Arguments:
    return {
        "arming": memory("arming", noise, n),
        "releases": _releases(noise, n),
        "actuator": noise.choice(_NEAR, n),
        "mode": noise.uniform(0, 3, n),
        "vote": noise.uniform(0, 2, n),
        "stir": noise.word(*WORD, n),
    }


_CONDITIONS: dict[str, Any] = {"mode": (0, 3), "vote": (0, 2)}

CHECKS: list[Check] = [
    ROOM.check("refusal", "declared ranges", actuator=_NEAR, share=_SHARE, **_CONDITIONS),
    ROOM.check("next_nonce", "declared ranges", nonce=(0, 65_535), stir=WORD),
    ROOM.check("next_nonce", "one stir, every nonce", nonce=(0, 65_535), stir=(0, 0)),
    ROOM.check("arm", "declared ranges", actuator=WORD, stir=WORD, share=_SHARE, **_CONDITIONS),
    ROOM.check("arm", "known actuators, most modes", vectors=_any_arm, share=_SHARE),
    ROOM.check("fire", "declared ranges", actuator=_NEAR, nonce=WORD, share=_SHARE, **_CONDITIONS),
    ROOM.check("fire", "armed, nearly right", vectors=_nearly_right, share=_SHARE),
    ROOM.check("disarm", "declared ranges"),
    ROOM.check("tick", "declared ranges", share=_SHARE),
    ROOM.check(
        "tick",
        "the last 200 ms",
        0.0,
        {
            "arming": {
                s.ARM_LEFT_TICKS: (0, 3),
                s.ARM_PULSE_LEFT_US: (0, 200_000),
                s.ARM_ASKED_US: (30_000, 70_000),
            }
        },
        share=_SHARE,
    ),
]
