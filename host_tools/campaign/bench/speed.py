"""Simulated seconds per CPU second of each loop: one core, taken in turns, the best of several rounds."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from host_tools.campaign.bench import ours
from host_tools.campaign.bench.basilisk import PILOT, BasiliskLander
from host_tools.campaign.bench.burn import STATE_SIZE
from host_tools.campaign.bench.pilot import TICK_S, pilot
from host_tools.scenarios.schema import Scenario
from host_tools.world.world import World

BASILISK_S = 600.0  # of simulated time, about a landing: at full thrust the propellant lasts for 840 s
_FOR_EVER_S = 1e6

Timed = Callable[[], float]  # does the work and says how many seconds it simulated


@dataclass
class Loop:
    """One way of simulating; `prepare` does what is not timed and gives what is."""

    name: str
    contains: str
    prepare: Callable[[], Timed]
    speeds: list[float] = field(default_factory=list)  # simulated seconds per CPU second, by round

    @property
    def best(self) -> float:
        return max(self.speeds)


def loops(scenario: Scenario, seed: int) -> list[Loop]:
    """Ours, Basilisk alone and Basilisk with a Python module, all with the same vehicle."""
    world = World(scenario, seed)
    start, vehicle = world.truth[:STATE_SIZE].copy(), world.vehicle

    def basilisk(with_python: bool) -> Timed:
        lander = BasiliskLander(start, vehicle, TICK_S)
        # Without a module that commands: main engine and assist thrusters are told once to stay open.
        steady = np.arange(len(lander.thrusters)) < 7
        lander.command((steady * _FOR_EVER_S).tolist())
        if with_python:
            lander.add(pilot(lander), PILOT)
        lander.start()

        def run() -> float:
            lander.run(BASILISK_S)
            return BASILISK_S

        return run

    return [
        Loop("ours", ours.CONTAINS, lambda: ours.ready(scenario, seed)),
        Loop(
            "basilisk",
            "dynamics only, 100 Hz, Basilisk's Runge-Kutta of fourth order: rigid body, 15 thrusters "
            "(7 of them burning by one standing command, no ramps), tank, point-mass Moon; no sensors, no "
            "ground, no flight software, no recording",
            lambda: basilisk(False),
        ),
        Loop(
            "basilisk_python",
            "the same and a small Python module at 100 Hz that reads the true state and writes 15 on-times: "
            "attitude control by two gains",
            lambda: basilisk(True),
        ),
    ]


def measure(all_loops: list[Loop], rounds: int) -> Iterator[str]:
    """Fills in the speeds; yields the name of each loop when it has been through a round.

    One more round goes first and is not counted: caches are warm then, and everything is compiled.
    """
    for number in range(rounds + 1):
        for loop in all_loops:
            run = loop.prepare()
            began_s = time.process_time()
            simulated_s = run()
            took_s = time.process_time() - began_s
            if number > 0:
                loop.speeds.append(simulated_s / took_s)
            yield loop.name
