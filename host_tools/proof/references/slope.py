"""Steep ground, as decisions in integers, and the drift away from it."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.phases import Column, Memory, Near
from plumbline.kernels import slots as s

FAR_MM = 500_000_000


def must_leave(guidance: Memory, estimate: Memory) -> Answer:
    """As `leaving`."""
    leaves, noted = leaving(guidance, estimate)
    return Answer(None, {(RESULT, 0): (leaves.astype(np.float64), 0), **noted})


def leaving(guidance: Memory, estimate: Memory) -> tuple[NDArray[np.bool_], Near]:
    """Who leaves, and what is noted of the ground.

    Between 12 and 120 m over a ground without doubt each 6 m count: steeper than 1 in 5, and 12 m must
    pass that are not; with more than 80 s of hovering. What jumps by 24 m begins anew; elsewhere: 500 km off.
    """
    height = estimate[s.EST_AGL_MM]
    ground = estimate[s.EST_ALTITUDE_MM] - height
    felt = (height >= 12_000) & (height <= 120_000)
    felt &= (estimate[s.EST_AGL_VALID] == 1) & (estimate[s.EST_HEIGHT_DOUBT_MM] == 0)
    place = np.where(felt, np.clip(estimate[s.EST_DOWNRANGE_MM], -FAR_MM, FAR_MM), -FAR_MM)
    moved = np.abs(place - guidance[s.GUI_PASSED_MM])
    notes, wanted = ~felt | (moved >= 6000), guidance[s.GUI_LEVEL_WANTED_MM]
    steep = np.abs(ground - guidance[s.GUI_PASSED_GROUND_MM]) > moved // 5
    stretch = np.where(steep, 12_000, np.clip(wanted - moved, 0, 12_000))
    level = np.where(notes, np.where(felt & (moved < 24_000), stretch, 0), wanted)
    noted: Near = {
        ("guidance", s.GUI_PASSED_MM): (np.where(notes, place, guidance[s.GUI_PASSED_MM]), 0),
        ("guidance", s.GUI_PASSED_GROUND_MM): (
            np.where(notes, ground, guidance[s.GUI_PASSED_GROUND_MM]),
            0,
        ),
        ("guidance", s.GUI_LEVEL_WANTED_MM): (level, 0),
    }
    return (level > 0) & (guidance[s.GUI_HOVER_S] > 80), noted


def drift_on(speed: Column, limit: Column) -> Answer:
    """Half a second of what is missing to 2.5 m/s the way that it moves."""
    return Answer(np.clip((np.where(speed < 0, -2500, 2500) - speed) // 2, -limit, limit))
