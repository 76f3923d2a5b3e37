"""A heater as a ledger of time and a thermostat, over the rules and not over the kernel's order of steps."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
IN_CONTROL, DISABLED, THERMISTOR, DUTY, DURATION = range(5)
COUNTS = 2**29


def step(heater: Memory, heater_limits: Memory, status: Column, mc: Column) -> Answer:
    """On if enabled, believed, rested, called for, and paid for; the first that fails says why."""
    before = heater.copy()
    earn(heater, heater_limits)
    believed = believe(heater, status, mc).result == 1
    rest = np.maximum(before[s.HTR_REST_STEPS] - 1, 0)
    called = wanted(before, heater_limits, mc).result == 1
    met = limit_met(heater, heater_limits).result
    enabled = heater[s.HTR_ENABLED] != 0
    free = enabled & believed & (rest == 0)
    stopped = free & called & (met != IN_CONTROL)
    on = free & called & ~stopped
    remembered = np.where((rest > 0) & (before[s.HTR_WHY] >= DUTY), before[s.HTR_WHY], IN_CONTROL)
    causes = [np.full(on.size, DISABLED), np.full(on.size, THERMISTOR), met]
    heater[s.HTR_WHY] = np.select([~enabled, ~believed, stopped], causes, remembered)
    heater[s.HTR_REST_STEPS] = np.where(stopped, heater_limits[s.HTL_REST_STEPS], rest)
    spend(heater, on.astype(np.int64))
    return Answer(on.astype(np.int64))


def earn(heater: Memory, heater_limits: Memory) -> Answer:
    """Savings in 1,024ths of a step, bounded."""
    paid = heater[s.HTR_CREDIT_Q10] + heater_limits[s.HTL_DUTY_Q10]
    heater[s.HTR_CREDIT_Q10] = np.minimum(paid, 1024 * heater_limits[s.HTL_SAVED_STEPS])
    return Answer(heater[s.HTR_CREDIT_Q10].copy())


def believe(heater: Memory, status: Column, mc: Column) -> Answer:
    """Ten good readings in a row, each valid and within 130 degrees of the ice point."""
    good = (status == 1) & (np.abs(mc) <= 130_000)
    heater[s.HTR_GOOD_STEPS] = np.where(good, np.minimum(heater[s.HTR_GOOD_STEPS] + 1, 10), 0)
    return Answer((heater[s.HTR_GOOD_STEPS] == 10).astype(np.int64))


def wanted(heater: Memory, heater_limits: Memory, mc: Column) -> Answer:
    """A thermostat: on below, off above, else as it was; thresholds the wrong way round mean off."""
    warm, cold = mc >= heater_limits[s.HTL_OFF_MC], mc < heater_limits[s.HTL_ON_MC]
    return Answer(np.select([warm, cold], [0, 1], heater[s.HTR_ON]))


def limit_met(heater: Memory, heater_limits: Memory) -> Answer:
    """Nothing left to pay a step with, before: long enough on."""
    broke = heater[s.HTR_CREDIT_Q10] < 1024
    long = heater[s.HTR_ON_STEPS] >= heater_limits[s.HTL_MOST_ON_STEPS]
    return Answer(np.select([broke, long], [DUTY, DURATION], IN_CONTROL))


def spend(heater: Memory, on: Column) -> Answer:
    """A step on costs 1,024 and counts; a step off begins the count of those in a row anew."""
    heater[s.HTR_CREDIT_Q10] = np.maximum(heater[s.HTR_CREDIT_Q10] - 1024 * on, 0)
    heater[s.HTR_ON_STEPS] = np.minimum(heater[s.HTR_ON_STEPS] + 1, COUNTS - 1) * on
    heater[s.HTR_TOTAL_STEPS] = (heater[s.HTR_TOTAL_STEPS] + on) % COUNTS
    heater[s.HTR_ON] = on
    return Answer(heater[s.HTR_CREDIT_Q10].copy())
