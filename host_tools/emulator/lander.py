"""A lander on emulated boards: the same world and parts as on the host, around two emulated Picos.

Each step is one tick of the world in lockstep with the chips' own time. What navigation sends to
propulsion arrives when the line has carried it; what propulsion sends back arrives a tick later.
The valves open and close when the pins do. Beside each chip runs the host board, on the same bytes:
after each tick the kernels' states must be equal.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.emulator.chip import ChipError
from host_tools.emulator.far_end import FarEnd
from host_tools.emulator.filesystem import FlashImageError
from host_tools.emulator.flying_board import TICK_NS, FlyingBoard, FlyingBoardError
from host_tools.emulator.shadow import Shadow, ShadowMismatch
from host_tools.flash.board_files import BoardError
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import navigation_board, propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.surroundings import (
    BUSES,
    LINES,
    NAVIGATION_PHASE_US,
    PROPULSION_PHASE_US,
    OnEvent,
    Surroundings,
)
from host_tools.host_board.wires import BIT_TIMES_PER_BYTE, Wire
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.subsystems.navigation import LEGS

ERRORS = (BoardError, ChipError, FlashImageError, FlyingBoardError, ShadowMismatch)  # each one line

_BAUD = dict(LINES)
_SENSORS = ("imu", "laser", "radar")
_NAVIGATION_LINES = {name: _BAUD[name] for name in (*_SENSORS, "link")} | {"bus": _BAUD[BUSES[0] + "_bus"]}
_PROPULSION_LINES = {"link": _BAUD["link"], "bus": _BAUD[BUSES[1] + "_bus"]}
_LINK_BYTE_NS = -(-BIT_TIMES_PER_BYTE * 1_000_000_000 // _BAUD["link"])


class ValvePins:
    """Valves as their pins have it: open shares of the substeps out of edges."""

    def __init__(self, count: int) -> None:
        self._level = np.zeros(count)
        self._edges: list[tuple[int, int, int]] = []

    def add(self, edges: list[tuple[int, int, int]]) -> None:
        """(ns of the world, valve, level), in order of time."""
        self._edges += edges

    def shares(self, now_us: int, substep_us: int, out: NDArray[np.float64]) -> None:
        """Into out[substep, valve] the share of each substep from now_us on that the valve is open.

        The edges up to the end of the last substep are used up.
        """
        out[:] = self._level
        length_ns = 1000 * substep_us
        used = 0
        for at_ns, valve, level in self._edges:
            since_ns = at_ns - 1000 * now_us
            if since_ns >= len(out) * length_ns:
                break
            used += 1
            if self._level[valve] == level:
                continue
            self._level[valve] = level
            substep, within_ns = divmod(max(0, since_ns), length_ns)
            out[substep, valve] += (1 if level else -1) * (length_ns - within_ns) / length_ns
            out[substep + 1 :, valve] = level
        del self._edges[:used]


class EmulatedLander:
    """Two emulated boards, their parts and the spacecraft's bus around one world.

    `navigation` and `propulsion` have the arrays of the flight code as the chips' memory has them,
    `tick_ns` each tick's length by board. A context manager. Raises ERRORS.
    """

    def __init__(
        self, world: World, parameters: dict[str, Any], uf2: Path, on_event: OnEvent | None = None
    ) -> None:
        self.world = world
        self.clock = Clock()
        self.tick_ns: dict[str, list[int]] = {board: [] for board in BUSES}
        self._valves = ValvePins(VALVES)
        self._to_navigation: list[tuple[int, bytes]] = []  # on the link, from the tick before
        self._legs = [Wire() for _ in range(LEGS)]
        self._ends = {name: FarEnd(self.clock) for name in _BAUD if name != "link"}
        self.surroundings = Surroundings(world, self._ends, on_event)
        self._sensors = _SENSORS if world.second is None else (*_SENSORS, "imu_2")
        lines = _NAVIGATION_LINES | {name: _BAUD[name] for name in self._sensors}
        self._nav_shadow = Shadow(
            BUSES[0],
            lines,
            lambda clock, serial: navigation_board(clock, serial, self._legs, parameters),
        )
        self._prop_shadow = Shadow(
            BUSES[1],
            _PROPULSION_LINES,
            lambda clock, serial: propulsion_board(clock, serial, Outlets(VALVES)),
        )
        table = json.dumps(parameters).encode()
        self._nav = FlyingBoard("navigation_pico", uf2, lines, {"parameters.json": table})
        try:
            self._prop = FlyingBoard("propulsion_pico", uf2, _PROPULSION_LINES)
        except BaseException:
            self._nav.chip.close()
            raise
        names = tuple(table_["name"] for table_ in parameters["altimeters"])
        self.navigation = SimpleNamespace(rate_group=SimpleNamespace(overruns=0), altimeters=names)
        self.propulsion = SimpleNamespace(rate_group=SimpleNamespace(overruns=0), altimeters=())
        self._nav_shadow.idle_ticks(self._nav.align(NAVIGATION_PHASE_US))
        self._prop_shadow.idle_ticks(self._prop.align(PROPULSION_PHASE_US))
        self.surroundings.send_initial_state()

    def __enter__(self) -> "EmulatedLander":
        return self

    def __exit__(self, *_: object) -> None:
        self._nav.chip.close()
        self._prop.chip.close()

    def step(self) -> None:
        """One tick of 10 ms."""
        world = self.world
        self._valves.shares(world.now_us, SUBSTEP_US, world.open_shares)
        world.advance()
        self.clock.now_us = world.now_us
        self.surroundings.sample()
        until_ns = 1000 * world.now_us + TICK_NS
        link = self._run_navigation(until_ns)
        self._run_propulsion(until_ns, link)
        self.surroundings.listen()

    def _run_navigation(self, until_ns: int) -> list[tuple[int, bytes]]:
        """Returns what it sends to propulsion."""
        serial = {name: self._ends[name].take() for name in self._sensors}
        serial["bus"] = self._ends["navigation_bus"].take()
        serial["link"], self._to_navigation = self._to_navigation, []
        window = self._nav.run(until_ns, serial, self._changed_legs())
        for name in self._sensors:
            self._ends[name].give(window.serial.get(name, []))
        self._ends["navigation_bus"].give(window.serial.get("bus", []))
        self._account(BUSES[0], self._nav, self._nav_shadow, self.navigation, serial, window.ticks)
        return [(end - _LINK_BYTE_NS, bytes((byte,))) for end, byte in window.serial.get("link", [])]

    def _run_propulsion(self, until_ns: int, link: list[tuple[int, bytes]]) -> None:
        serial = {"link": link, "bus": self._ends["propulsion_bus"].take()}
        window = self._prop.run(until_ns, serial)
        self._ends["propulsion_bus"].give(window.serial.get("bus", []))
        self._to_navigation = [(0, bytes(byte for _, byte in window.serial.get("link", [])))]
        self._valves.add(window.valve_edges)
        self._account(BUSES[1], self._prop, self._prop_shadow, self.propulsion, serial, window.ticks)

    def _changed_legs(self) -> list[tuple[str, int]]:
        changed = []
        for i, (wire, touching) in enumerate(zip(self._legs, self.world.touching, strict=True)):
            if wire.level != int(touching):
                wire.level = int(touching)
                changed.append((f"leg.{i + 1}", wire.level))
        return changed

    def _account(
        self,
        name: str,
        board: FlyingBoard,
        shadow: Shadow,
        seen: SimpleNamespace,
        serial: dict[str, list[tuple[int, bytes]]],
        ticks: list[tuple[int, int]],
    ) -> None:
        """The chip's arrays after its tick, beside the shadow's."""
        for line, chunks in serial.items():
            shadow.feed(line, chunks)
        arrays = board.arrays()
        for _ in ticks:
            shadow.follow(arrays)
        self.tick_ns[name] += [end - begin for begin, end in ticks]
        seen.rate_group.overruns += 1 - len(ticks)
        vars(seen).update(arrays)
        seen.readings = [arrays[altimeter] for altimeter in seen.altimeters]
