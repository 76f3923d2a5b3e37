"""What the altitude vote takes on an emulated board, with four altimeters that a board has no lines for.

The flight code's own kernels, as deployed, called in every tick by a small program in place of main.py:
`ingest` for each of four altimeters, then `step`. Readings come at 10 Hz each, three ticks apart or at once,
steady, with a fault and then a rim, or with two that drift
alike; or never. Tier: emulated, kernels alone, without the rest of a tick.
`python -m host_tools.emulator.vote_budget` prints the table; tests_host/test_vote_budget.py has the limits.
"""

import re
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.emulator.flying_board import FlyingBoard
from host_tools.flash.firmware import Firmware
from plumbline.kernels import slots

_PROGRAM = """
import time, micropython, gc
from array import array
from plumbline.kernels import altitude, ranging, slots

@micropython.viper
def no_ingest(vote: ptr32, estimate: ptr32, reading: ptr32, index: int, fit: ptr32) -> int:
    return 0

@micropython.viper
def no_step(vote: ptr32, estimate: ptr32) -> int:
    return 0

def fed(offsets, ticks, trouble, drift, ingest, step):
    vote = array("i", [0] * slots.VOT_SIZE)
    estimate = array("i", [0] * slots.EST_SIZE)
    fit = array("i", [100, 33, 1200, 6, 15000000, 200, 200, 1200, 6, 15000000] * 2)
    readings = [array("i", [0] * slots.ALT_SIZE) for _ in range(4)]
    vote[slots.VOT_FITTED] = 4
    estimate[slots.EST_R00] = estimate[slots.EST_R00 + 4] = 536870910
    estimate[slots.EST_VELOCITY_UP_Q8] = -60000 * 256
    estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = 50000 * 256
    estimate[slots.EST_CLIMB_MM] = -600
    estimate[slots.EST_ALTITUDE_MM] = 5000000
    for i in range(4):
        vote[slots.VOT_FIRST + i * slots.VOT_STRIDE + slots.VOT_REACH_MM] = 15000000
    worst = total = 0
    noise = 1
    for tick in range(ticks):
        ground = 0
        if trouble and tick > ticks // 2:
            ground = 1000000
        for i in range(4):
            if tick % 10 == offsets[i]:
                noise = (noise * 75 + 74) % 65537
                height = 5000000 - 600 * tick - ground + noise % (4000 if i % 2 == 0 else 40000)
                if trouble and i == 0 and tick > ticks // 3:
                    height += 300000
                if i in drift and tick > ticks // 4:
                    height += 600 * (tick - ticks // 4)
                reading = readings[i]
                reading[slots.ALT_COUNT] += 1
                reading[slots.ALT_STATUS] = 1
                reading[slots.ALT_RANGE_MM] = height
                reading[slots.ALT_AGE_MS] = 20
                reading[slots.ALT_BEAM_COS_Q14] = 16384
        started = time.ticks_us()
        for i in range(4):
            ingest(vote, estimate, readings[i], i, fit)
        step(vote, estimate)
        taken = time.ticks_diff(time.ticks_us(), started)
        total += taken
        if taken > worst:
            worst = taken
    return total // ticks, worst, vote[slots.VOT_STEPS], vote[slots.VOT_VOTERS]

for name, offsets, trouble, drift in (
    ("apart", (0, 3, 6, 9), False, ()), ("together", (0, 0, 0, 0), False, ()),
    ("apart_in_trouble", (0, 3, 6, 9), True, ()), ("together_in_trouble", (0, 0, 0, 0), True, ()),
    ("apart_two_drift", (0, 3, 6, 9), False, (0, 1)), ("together_two_drift", (0, 0, 0, 0), False, (0, 1)),
    ("apart_lasers_drift", (0, 3, 6, 9), False, (0, 2)),
    ("together_lasers_drift", (0, 0, 0, 0), False, (0, 2)),
    ("quiet", (10, 10, 10, 10), False, ()),
):
    fed(offsets, 20, trouble, drift, ranging.ingest, altitude.step)
    gc.collect()
    calls, most_calls, _, _ = fed(offsets, 600, trouble, drift, no_ingest, no_step)
    gc.collect()
    mean, worst, steps, voters = fed(offsets, 600, trouble, drift, ranging.ingest, altitude.step)
    print("vote", name, mean - calls, worst - most_calls, steps, voters)
print("plumbline measured ready")
"""


def _program() -> str:
    """With numbers for slots: a board has the names only of those that its own modules take."""
    numbered = re.sub(r"slots\.([A-Z0-9_]+)", lambda found: str(getattr(slots, found[1])), _PROGRAM)
    return numbered.replace("altitude, ranging, slots", "altitude, ranging")


def of_vote(built: Firmware) -> dict[str, dict[str, int]]:
    """Microseconds of a tick's four calls of ingest and one of step, mean and worst of 600 ticks, by how
    readings come: `mean_us`, `worst_us`; and `steps` taken for terrain, `voters` at the end.

    The same loop with empty kernels is taken off (its mean off the mean, its worst off the worst): what stays
    is the kernels' own time.
    """
    with FlyingBoard("navigation_pico", built.uf2, {}, {"main.py": _program().encode()}) as board:
        lines = [line.split() for line in board.console.decode(errors="replace").splitlines()]
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line[:1] == ["vote"]:
            mean, worst, steps, voters = map(int, line[2:])
            found[line[1]] = {"mean_us": mean, "worst_us": worst, "steps": steps, "voters": voters}
    return found


if __name__ == "__main__":
    from host_tools.flash.firmware import firmware

    for name, row in of_vote(firmware()).items():
        print(name, row)
