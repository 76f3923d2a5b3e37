"""A lander on the host: navigation and propulsion boards, their parts and the spacecraft's bus.

The boards run the files in firmware/ unchanged. `step()` is one tick of 10 ms: the world moves,
the parts speak, navigation runs 2 ms and propulsion 8 ms after the sample.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
import machine
from host_tools.host_board.clock import Clock
from host_tools.host_board.feed import FeedLines
from host_tools.host_board.feed_sensors import FeedSensors
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.reset import READY_US, Memory, ResettableBoard, strike_boards
from host_tools.host_board.surroundings import (
    BUSES,
    LINES,
    NAVIGATION_PHASE_US,
    PROPULSION_PHASE_US,
    OnEvent,
    Surroundings,
)
from host_tools.host_board.wires import CountedWire, Harness, SerialLine, Wire
from host_tools.scenarios.parameters import propulsion_parameters
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.ports.simulated import Board
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.pins import PinTable
from plumbline.subsystems.navigation import LEGS, Navigation
from plumbline.subsystems.parameters import Parameters
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

BOARDS = Path(__file__).resolve().parents[2] / "boards"


def pin_table(board: str) -> PinTable:
    """The pins.csv of a board."""
    return PinTable((BOARDS / board / "pins.csv").read_text(encoding="utf-8").splitlines())


def navigation_board(
    clock: Clock,
    serial: Mapping[str, Any],
    legs: list[Wire],
    parameters: dict[str, Any],
    vote: Callable[..., int] | None = None,
    flash: SimulatedFlash | None = None,
    memory: Memory | None = None,
) -> Navigation:
    """The navigation board's program on the host, its lines by signal; flash, memory: of a life before."""
    pins = pin_table("navigation_pico")
    wires = {pins.gpio(f"leg.{i + 1}"): wire for i, wire in enumerate(legs)}
    harness = Harness(clock=clock, serial=serial, wires={pins.gpio("tick"): Wire(), **wires})
    with machine.current_board(harness):
        board = Board("navigation_pico", pins, harness)
        board.flash = flash
        if memory is not None:
            memory.lend_to(board)
        options = {} if vote is None else {"vote": vote}
        return Navigation(board, Parameters(parameters), **options)


def propulsion_board(
    clock: Clock,
    serial: Mapping[str, Any],
    valves: Outlets,
    heartbeat: Wire | None = None,
    memory: Memory | None = None,
    lines: FeedLines | None = None,
    parameters: dict[str, int] | None = None,
    flash: SimulatedFlash | None = None,
) -> Propulsion:
    """The propulsion board's program on the host, its lines by signal; `heartbeat` is that pin's wire.

    lines: without them nothing hangs at its registers, and its converter reads 0. parameters: of the vehicle,
    by default those of the board's folder.
    """
    pins = pin_table("propulsion_pico")
    wires = {pins.gpio("tick"): Wire(), pins.gpio("heartbeat"): heartbeat or Wire()}
    harness = Harness(clock=clock, valves=valves, serial=serial, wires=wires, feed=lines or FeedLines())
    with machine.current_board(harness):
        board = Board("propulsion_pico", pins, harness)
        if memory is not None:
            memory.lend_to(board)
        folder = BOARDS / "propulsion_pico"
        if parameters is None:
            told = PropulsionParameters.from_file(folder / "parameters.json")
        else:
            told = PropulsionParameters(parameters)
        board.flash = flash
        return Propulsion(board, told, str(folder / "limits.json"))


class HostPair:
    """Navigation and propulsion on host boards, each of which can be reset: the twin of emulator/pair.py.

    `boards`: by name; `outlets`: propulsion's valves; `sensors`: what tells it of tanks and coils;
    `navigation` and `propulsion`: the programs.
    to_navigation, to_propulsion: their ends of their lines, by signal; world: whose isolation valves and
    vehicle these are; vote: as navigation_board has it; is_bus_shared: other boards hang at the bus.
    """

    def __init__(
        self,
        clock: Clock,
        to_navigation: Mapping[str, Any],
        to_propulsion: Mapping[str, Any],
        heartbeat: CountedWire,
        world: World,
        parameters: dict[str, Any],
        vote: Callable[..., int] | None = None,
        is_bus_shared: bool = False,
    ) -> None:
        self.clock = clock
        self.outlets = Outlets(VALVES)
        self.heartbeat = heartbeat
        self._legs = [Wire() for _ in range(LEGS)]
        self.sensors = FeedSensors(world, lambda: self.outlets.ends_us > clock.now_us)
        lines = FeedLines(world.isolated, self.sensors.counts)
        vehicle = propulsion_parameters(world.scenario.vehicle)
        flash = SimulatedFlash(SECTORS)

        def navigation(memory: Memory) -> Navigation:
            program = navigation_board(clock, to_navigation, self._legs, parameters, vote, memory=memory)
            program.bus.is_shared = is_bus_shared
            return program

        def propulsion(memory: Memory) -> Propulsion:
            program = propulsion_board(
                clock, to_propulsion, self.outlets, heartbeat, memory, lines, vehicle, flash
            )
            program.bus.is_shared = is_bus_shared
            return program

        self._navigation = ResettableBoard(clock, navigation, to_navigation.values(), READY_US["navigation"])
        self._propulsion = ResettableBoard(
            clock, propulsion, to_propulsion.values(), READY_US["propulsion"], self._let_go
        )
        self.boards: dict[str, ResettableBoard[Any]] = {
            "navigation": self._navigation,
            "propulsion": self._propulsion,
        }

    @property
    def navigation(self) -> Navigation:
        """The navigation board's program; while the board is away, the last one."""
        return self._navigation.program

    @property
    def propulsion(self) -> Propulsion:
        """The propulsion board's program; while the board is away, the last one."""
        return self._propulsion.program

    def run_navigation(self, touching: Iterable[Any]) -> None:
        """Its tick, if it is due; touching: each leg."""
        for wire, is_touching in zip(self._legs, touching, strict=True):
            wire.level = int(is_touching)
        self._navigation.poll()

    def run_propulsion(self) -> None:
        """Its tick, if it is due."""
        self._propulsion.poll()

    def _let_go(self) -> None:
        """Propulsion's pins become inputs: the pull-downs close the valves and hold the heartbeat low."""
        self.outlets.close_all(self.clock.now_us)
        self.heartbeat.level = 0


class Lander(HostPair):
    """The two boards and their parts around one world."""

    def __init__(
        self,
        world: World,
        parameters: dict[str, Any],
        vote: Callable[..., int] | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        self.world = world
        clock = Clock()
        self.lines = line = {name: SerialLine(clock, baud) for name, baud in LINES}
        self.surroundings = Surroundings(
            world, {name: line[name].b for name in line if name != "link"}, on_event
        )
        to_navigation = {name: line[name].a for name in ("imu", "imu_2", "laser", "radar", "link")}
        to_navigation["bus"] = line[BUSES[0] + "_bus"].a
        to_propulsion = {"link": line["link"].b, "bus": line[BUSES[1] + "_bus"].a}
        super().__init__(clock, to_navigation, to_propulsion, CountedWire(clock), world, parameters, vote)
        self.surroundings.send_initial_state()

    def open_valves(self) -> None:
        """Tell the world for which share of each of its substeps each valve will be open."""
        self.outlets.shares(self.world.now_us, SUBSTEP_US, self.world.open_shares)

    def step(self) -> None:
        """One tick of 10 ms."""
        world, clock = self.world, self.clock
        self.open_valves()
        world.advance()
        now_us = world.now_us
        clock.now_us = now_us
        strike_boards(world.faults, self.boards)
        self.surroundings.sample()
        clock.now_us = now_us + NAVIGATION_PHASE_US
        self.run_navigation(world.touching)
        clock.now_us = now_us + PROPULSION_PHASE_US
        self.run_propulsion()
        self.surroundings.listen()
