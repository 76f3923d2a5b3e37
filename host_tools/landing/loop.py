"""Fly one scenario, from the start to rest on the ground or the end of hope, on host or emulated boards.

    record = fly(load("resilience_nominal"), seed=1)

The loop owns nothing but the stop watch and the notebook: world and boards know their work.
"""

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from host_tools.comparators.registry import FLIGHT, VOTERS
from host_tools.host_board.lander import Lander
from host_tools.host_board.surroundings import OnEvent
from host_tools.landing.notebook import Notebook
from host_tools.landing.record import FlightRecord
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world import ending
from host_tools.world.world import World

Progress = Callable[[float, float], Any]

BOARDS = ("host", "emulated")
_TICKS_A_SECOND = 100
_PREPARING_TICKS = 40


class BoardFailure(Exception):
    """The boards could not be had, have stopped, or differ from the host board; the message is one line."""


def fly(
    scenario: Scenario,
    seed: int = 1,
    voter: str = FLIGHT,
    progress: Progress | None = None,
    parameters: dict[str, Any] | None = None,
    board: str = "host",
    uf2: Path | None = None,
    onlooker: Callable[[Any], Any] | None = None,
) -> FlightRecord:
    """One landing. progress(simulated seconds, agl in m) is called once a simulated second.

    parameters: those of the navigation board; by default made from the scenario's vehicle.
    board: "host", or "emulated" for two emulated Picos with the firmware `uf2`.
    onlooker(lander) is called after every tick.
    Raises ValueError for an unknown voter or board, for a voter that no board has, and for faults of
    boards that are emulated; and, on emulated boards, BoardFailure.
    """
    if voter not in VOTERS:
        raise ValueError(f"voter {voter!r}: one of {', '.join(VOTERS)}")
    if board not in BOARDS:
        raise ValueError(f"board {board!r}: one of {', '.join(BOARDS)}")
    if board == "emulated" and voter != FLIGHT:
        raise ValueError(f"voter {voter!r} is no flight code: it flies on the host board only")
    if board == "emulated" and any(fault.is_of_a_board for fault in scenario.faults):
        raise ValueError("faults of boards are played on the host board only")
    prepare(scenario, voter)
    began = time.perf_counter()
    world = World(scenario, seed)
    notebook = Notebook(world, voter, seed)
    table = flight_parameters(scenario.vehicle) if parameters is None else parameters
    outcome = None
    ticks = 0
    last_tick = int(scenario.time_limit_s * _TICKS_A_SECOND)
    with contextlib.ExitStack() as stack:
        if board == "emulated":
            lander = stack.enter_context(_emulated(world, table, uf2, notebook.event))
        else:
            vote = None if voter == FLIGHT else VOTERS[voter](seed)
            lander = Lander(world, table, vote=vote, on_event=notebook.event)
        while outcome is None and ticks < last_tick:
            lander.step()
            ticks += 1
            notebook.look(lander, ticks)
            if onlooker is not None:
                onlooker(lander)
            if progress is not None and ticks % _TICKS_A_SECOND == 0:
                progress(ticks / _TICKS_A_SECOND, float(world.view[dyn.AGL_M]))
            if world.contact[0] > 0.0:
                outcome = after_contact(world, lander.navigation.guidance[0])
    if outcome is None:
        outcome = (False, ending.said(ending.TIME_OUT, 0.0, 0.0, 0.0, scenario.landing_limits))
    record = notebook.record(outcome[0], outcome[1], ticks, time.perf_counter() - began)
    if isinstance(lander, Lander):
        return record
    return dataclasses.replace(record, board="emulated", kernels="viper", tick_ns=lander.tick_ns)


@contextlib.contextmanager
def _emulated(world: World, table: dict[str, Any], uf2: Path | None, on_event: OnEvent) -> Iterator[Any]:
    """A lander on emulated boards, whose errors become BoardFailure."""
    from host_tools.emulator.lander import ERRORS, EmulatedLander
    from host_tools.flash.firmware import FirmwareError, firmware

    try:
        with EmulatedLander(world, table, firmware(uf2).uf2, on_event) as lander:
            yield lander
    except (FirmwareError, *ERRORS) as error:
        raise BoardFailure(str(error)) from error


def prepare(scenario: Scenario, voter: str = FLIGHT) -> None:
    """Have everything compiled that a flight calls: half a minute once, then from the cache.

    Flies the first moments of a short descent within reach of all sensors. No randomness
    is shared with the flight proper.
    """
    low = {"altitude_m": 3000.0, "horizontal_speed_m_s": 50.0, "range_to_site_m": 3000.0}
    ground = scenario.terrain.model_copy(update={"rims": []})
    near = scenario.model_copy(update={"start": scenario.start.model_copy(update=low), "terrain": ground})
    lander = Lander(World(near, 0), flight_parameters(scenario.vehicle))
    if voter != FLIGHT:
        VOTERS[voter](0)(lander.navigation.vote, lander.navigation.estimate)
    for _ in range(_PREPARING_TICKS):
        lander.step()


def after_contact(world: World, phase: int) -> tuple[bool, str] | None:
    """(landed, what happened) once a foot has touched, or None while that is still open."""
    limits = world.scenario.landing_limits
    found = ending.after_contact(world.contact, world.view, world.now_us, phase, ending.limits_of(limits))
    if found == ending.OPEN:
        return None
    at = world.contact[1:]
    sliding = math.hypot(at[dyn.SPEED_DOWNRANGE], at[dyn.SPEED_CROSSRANGE])
    words = ending.said(found, -at[dyn.SPEED_UP], sliding, math.degrees(at[dyn.TILT_RAD]), limits)
    return found == ending.LANDED, words
