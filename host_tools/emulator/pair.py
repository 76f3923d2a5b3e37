"""Navigation and propulsion as two emulated Picos, the lines of each, and their host boards beside them.

Who runs the world gives each chip what its parts and the bus have sent and takes what it has sent: the far
ends' `take` and `give`. What navigation sends to propulsion arrives when the line has carried it; what
propulsion sends back arrives a tick later. After each tick the kernels' states must be the host board's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

from host_tools.emulator.dev_parts import FIRST_ADC_GPIO
from host_tools.emulator.flying_board import FlyingBoard, Window, main_on_a_shared_bus
from host_tools.emulator.shadow import Shadow
from host_tools.host_board.feed import FeedLines, RegisterPins
from host_tools.host_board.feed_sensors import FeedSensors
from host_tools.host_board.lander import navigation_board, pin_table, propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.surroundings import BUSES, LINES, NAVIGATION_PHASE_US, PROPULSION_PHASE_US
from host_tools.host_board.wires import BIT_TIMES_PER_BYTE, Wire
from host_tools.scenarios.parameters import propulsion_parameters
from host_tools.world.dynamics import VALVES
from host_tools.world.world import World

HEARTBEAT = "heartbeat"
REGISTERS = ("isolation.data", "isolation.clock", "isolation.latch")
_BAUD = dict(LINES)
_LINK_BYTE_NS = -(-BIT_TIMES_PER_BYTE * 1_000_000_000 // _BAUD["link"])
_PROPULSION_LINES = {"link": _BAUD["link"], "bus": _BAUD[BUSES[1] + "_bus"]}


class FarSide(Protocol):
    """What is at the other end of a chip's line: a FarEnd, or a shared bus's HubEnd."""

    def take(self) -> list[tuple[int, bytes]]:
        """For the chip's next run: (first bit not before this time in ns of the world, bytes)."""
        ...

    def give(self, sent: list[tuple[int, int]]) -> None:
        """From the chip's last run: (end of the stop bit in ns of the world, byte)."""
        ...


def sensors_of(has_second: bool) -> tuple[str, ...]:
    """Names of the lines to navigation's parts."""
    return ("imu", "laser", "radar", "imu_2") if has_second else ("imu", "laser", "radar")


def _main(board: str, is_bus_shared: bool) -> dict[str, bytes]:
    return {"main.py": main_on_a_shared_bus(board)} if is_bus_shared else {}


class FlyingPair:
    """`navigation` and `propulsion`: the flight code's arrays as the chips' memory has them.

    By board: `tick_ns`, the ticks' lengths; `compared`, how many ticks' states were the host board's.

    world: whose isolation valves, tanks and vehicle these are. ends: by the names of surroundings.LINES
    without `link`; legs: wires that the host board beside navigation reads, set by run_navigation.
    `sensors`: what propulsion's converter sees, from the first channel on that it chooses in flight.
    is_bus_shared: other boards hang at the bus.
    To be closed. Raises FlyingBoardError and ChipError.
    """

    def __init__(
        self,
        world: World,
        parameters: dict[str, Any],
        uf2: Path,
        ends: Mapping[str, FarSide],
        legs: Sequence[Wire],
        sensors: Sequence[str],
        is_bus_shared: bool = False,
    ) -> None:
        self.tick_ns: dict[str, list[int]] = {board: [] for board in BUSES}
        self.compared: dict[str, int] = dict.fromkeys(BUSES, 0)
        self._ends = ends
        self._legs = legs
        self._sensors = sensors
        self._open = [False] * VALVES
        self._counts = 0  # what propulsion's converter reads in its next tick
        self.sensors = FeedSensors(world, lambda: self._open)
        self._lines = FeedLines(world.isolated, self.sensors.counts)
        self._registers = RegisterPins(self._lines)
        self._converter = pin_table("propulsion_pico").gpio("analog") - FIRST_ADC_GPIO
        self._to_propulsion: list[tuple[int, bytes]] = []
        self._to_navigation: list[tuple[int, bytes]] = []  # on the link, from the tick before
        vehicle = propulsion_parameters(world.scenario.vehicle)
        lines = {name: _BAUD[name] for name in (*sensors, "link")} | {"bus": _BAUD[BUSES[0] + "_bus"]}

        def navigation(clock: Any, serial: Any) -> Any:
            return navigation_board(clock, serial, list(legs), parameters)

        def propulsion(clock: Any, serial: Any) -> Any:
            feed = FeedLines(counts=lambda _channel: self._counts)
            return propulsion_board(clock, serial, Outlets(VALVES), lines=feed, parameters=vehicle)

        self._shadows = {
            BUSES[0]: Shadow(BUSES[0], lines, navigation, is_bus_shared),
            BUSES[1]: Shadow(BUSES[1], _PROPULSION_LINES, propulsion, is_bus_shared),
        }
        files = {"parameters.json": json.dumps(parameters).encode()}
        self._nav = FlyingBoard(
            "navigation_pico", uf2, lines, files | _main("navigation_pico", is_bus_shared)
        )
        try:
            files = {"parameters.json": json.dumps(vehicle).encode()}
            files |= _main("propulsion_pico", is_bus_shared)
            watched = (HEARTBEAT, *REGISTERS)
            self._prop = FlyingBoard("propulsion_pico", uf2, _PROPULSION_LINES, files, watched)
        except BaseException:
            self._nav.chip.close()
            raise
        names = tuple(table_["name"] for table_ in parameters["altimeters"])
        self.navigation = SimpleNamespace(rate_group=SimpleNamespace(overruns=0), altimeters=names)
        self.propulsion = SimpleNamespace(rate_group=SimpleNamespace(overruns=0), altimeters=())
        try:
            self._shadows[BUSES[0]].idle_ticks(self._nav.align(NAVIGATION_PHASE_US))
            self._shadows[BUSES[1]].idle_ticks(self._prop.align(PROPULSION_PHASE_US))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End both chips."""
        self._nav.chip.close()
        self._prop.chip.close()

    def run_navigation(self, until_ns: int, touching: Iterable[Any]) -> None:
        """To a time of the world; touching: each leg, from now on."""
        serial = {name: self._ends[name].take() for name in self._sensors}
        serial["bus"] = self._ends["navigation_bus"].take()
        serial["link"], self._to_navigation = self._to_navigation, []
        window = self._nav.run(until_ns, serial, self._changed_legs(touching))
        for name in self._sensors:
            self._ends[name].give(window.serial.get(name, []))
        self._ends["navigation_bus"].give(window.serial.get("bus", []))
        self._account(BUSES[0], self._nav, self.navigation, serial, window.ticks)
        link = window.serial.get("link", [])
        self._to_propulsion = [(end - _LINK_BYTE_NS, bytes((byte,))) for end, byte in link]

    def run_propulsion(self, until_ns: int) -> Window:
        """To a time of the world, after navigation; what its pins did. The isolation valves have followed."""
        serial = {"link": self._to_propulsion, "bus": self._ends["propulsion_bus"].take()}
        window = self._prop.run(until_ns, serial)
        self._ends["propulsion_bus"].give(window.serial.get("bus", []))
        self._to_navigation = [(0, bytes(byte for _, byte in window.serial.get("link", [])))]
        self._account(BUSES[1], self._prop, self.propulsion, serial, window.ticks)
        self._measure(window)
        return window

    def _measure(self, window: Window) -> None:
        """What the registers show now, and the reading of the channel that they choose.

        A reading is of the end of this tick of the world; the coils are judged where that does not matter.
        """
        for _, valve, level in window.valve_edges:
            self._open[valve] = bool(level)
        edges, window.pin_edges = window.pin_edges, []
        for at_ns, signal, level in edges:
            if signal in REGISTERS:
                self._registers.edge(signal, level)
            else:
                window.pin_edges.append((at_ns, signal, level))
        if self._registers.has_shown:
            counts = self._lines.counts()
            if counts != self._counts:
                self._counts = counts
                self._prop.chip.analog(self._converter, counts)

    def _changed_legs(self, touching: Iterable[Any]) -> list[tuple[str, int]]:
        changed = []
        for i, (wire, is_touching) in enumerate(zip(self._legs, touching, strict=True)):
            if wire.level != int(is_touching):
                wire.level = int(is_touching)
                changed.append((f"leg.{i + 1}", wire.level))
        return changed

    def _account(
        self,
        name: str,
        board: FlyingBoard,
        seen: SimpleNamespace,
        serial: dict[str, list[tuple[int, bytes]]],
        ticks: list[tuple[int, int]],
    ) -> None:
        """The chip's arrays after its tick, beside the shadow's."""
        shadow = self._shadows[name]
        for line, chunks in serial.items():
            shadow.feed(line, chunks)
        arrays = board.arrays()
        for _ in ticks:
            shadow.follow(arrays)
        self.compared[name] += len(ticks)
        self.tick_ns[name] += [end - begin for begin, end in ticks]
        seen.rate_group.overruns += 1 - len(ticks)
        vars(seen).update(arrays)
        seen.readings = [arrays[altimeter] for altimeter in seen.altimeters]
