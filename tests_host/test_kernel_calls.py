"""Named functions have a price on the board: the number of kernel calls in a tick is counted and bounded."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_CALLS = 350  # 0.98 ms of the 10 ms tick at 2.8 us a call

COUNT = """
import types
import host_tools.host_board
from plumbline.kernels import altitude, attitude, fixed, guidance, modulation, state

calls = 0

def counted(function):
    def call(*arguments):
        global calls
        calls += 1
        return function(*arguments)
    return call

for module in (fixed, state, altitude, guidance, attitude, modulation):
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType) and value.__module__.startswith("plumbline.kernels"):
            setattr(module, name, counted(value))

from host_tools.host_board.lander import Lander
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World

scenario = load("hakuto_r_mission_1")
lander = Lander(World(scenario, 2), flight_parameters(scenario.vehicle))
worst, total, ticks = 0, 0, 1500
for _ in range(ticks):
    calls = 0
    lander.step()
    worst, total = max(worst, calls), total + calls
print(worst, total / ticks)
"""


def test_a_tick_of_both_boards_makes_no_more_kernel_calls_than_it_can_afford():
    run = subprocess.run(
        [sys.executable, "-c", COUNT],
        cwd=ROOT,
        env=os.environ | {"PLUMBLINE_KERNELS": "plain"},
        capture_output=True,
        text=True,
        check=True,
    )
    worst, mean = (float(word) for word in run.stdout.split())
    print(f"kernel calls in a tick of both boards: {mean:.0f} in the mean, {worst:.0f} at most")
    assert 150 < mean < worst <= MOST_CALLS  # fewer than 150 would mean that the counting broke
