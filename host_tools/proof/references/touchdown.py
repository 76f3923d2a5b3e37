"""The last metres: contact and landing as decisions, in integers where they are."""

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.phases import APPROACH, CONTACT, LANDED, TERMINAL, Column, Memory
from plumbline.kernels import slots as s

LOW_MM = 4_000


def low(estimate: Memory) -> Column:
    """1 but where a valid agl is 4 m or more, whatever of it is in doubt."""
    surely_high = estimate[s.EST_AGL_MM] - estimate[s.EST_HEIGHT_DOUBT_MM] >= LOW_MM
    return 1 - ((estimate[s.EST_AGL_VALID] == 1) & surely_high)


def may_be_low(estimate: Memory) -> Answer:
    """As `low`."""
    return Answer(low(estimate))


def near_ground(guidance: Memory, estimate: Memory) -> Answer:
    """Below 50 m terminal, above 100 m approach again; perhaps low, on two legs, at rest: contact.

    From approach straight to contact only without an agl, or with one in doubt.
    """
    phase, agl = guidance[s.GUI_PHASE], estimate[s.EST_AGL_MM]
    valid = estimate[s.EST_AGL_VALID] == 1
    unsure = ~valid | (estimate[s.EST_HEIGHT_DOUBT_MM] > 0)
    rest = np.abs(estimate[s.EST_VELOCITY_UP_Q8] // 256) < 600
    stands = (low(estimate) == 1) & (guidance[s.GUI_CONTACTS] >= 2) & rest
    down = valid & (phase == APPROACH) & (agl < 50_000)
    up = valid & (phase == TERMINAL) & (agl > 100_000)
    new = np.where(down, TERMINAL, np.where(up, APPROACH, phase))
    new[stands & (unsure | ((phase == TERMINAL) & ~up))] = CONTACT
    return Answer(new)


def judge_contact(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """More force than the main engine gives, by 0.35 m/s2, perhaps low, for 0.3 s: landed. After 1 s, or
    surely high with an agl above 8 m: not."""
    alone = params[s.PAR_THRUST_MAIN_MN] / np.clip(guidance[s.GUI_MASS_G], 1, 100_000_000) * 1000
    margin = guidance[s.GUI_FORCE_NOW_MM_S2] - np.minimum(alone, 100_000 / 1.024) - 350
    steps, lowly = guidance[s.GUI_PHASE_STEPS], low(estimate) == 1
    ready = (steps >= 3) & (guidance[s.GUI_CONTACTS] >= 2) & lowly
    wrong = (steps > 10) | (~lowly & (estimate[s.EST_AGL_MM] > 2 * LOW_MM))
    new = np.where(wrong, TERMINAL, CONTACT).astype(np.float64)
    new[ready & (margin > 0)] = LANDED
    new[ready & (np.abs(margin) <= 2)] = np.nan
    return Answer(None, {(RESULT, 0): (new, 0)})
