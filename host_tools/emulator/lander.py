"""A lander on emulated boards: the same world and parts as on the host, around two emulated Picos.

Each step is one tick of the world in lockstep with the chips' own time. What navigation sends to
propulsion arrives when the line has carried it; what propulsion sends back arrives a tick later.
The valves open and close when the pins do. Beside each chip runs the host board, on the same bytes:
after each tick the kernels' states must be equal.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.emulator.chip import ChipError
from host_tools.emulator.far_end import FarEnd
from host_tools.emulator.filesystem import FlashImageError
from host_tools.emulator.flying_board import TICK_NS, FlyingBoardError
from host_tools.emulator.pair import FlyingPair, sensors_of
from host_tools.emulator.shadow import ShadowMismatch
from host_tools.flash.board_files import BoardError
from host_tools.host_board.clock import Clock
from host_tools.host_board.surroundings import LINES, OnEvent, Surroundings
from host_tools.host_board.wires import Wire
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.subsystems.navigation import LEGS

ERRORS = (BoardError, ChipError, FlashImageError, FlyingBoardError, ShadowMismatch)  # each one line

_BAUD = dict(LINES)


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
        self._valves = ValvePins(VALVES)
        self._legs = [Wire() for _ in range(LEGS)]
        ends = {name: FarEnd(self.clock) for name in _BAUD if name != "link"}
        self.surroundings = Surroundings(world, ends, on_event)
        sensors = sensors_of(world.second is not None)
        self._pair = FlyingPair(world, parameters, uf2, ends, self._legs, sensors)
        self.navigation, self.propulsion = self._pair.navigation, self._pair.propulsion
        self.tick_ns = self._pair.tick_ns
        self.surroundings.send_initial_state()

    def __enter__(self) -> "EmulatedLander":
        return self

    def __exit__(self, *_: object) -> None:
        self._pair.close()

    def step(self) -> None:
        """One tick of 10 ms."""
        world = self.world
        self._valves.shares(world.now_us, SUBSTEP_US, world.open_shares)
        world.advance()
        self.clock.now_us = world.now_us
        self.surroundings.sample()
        until_ns = 1000 * world.now_us + TICK_NS
        self._pair.run_navigation(until_ns, world.touching)
        self._valves.add(self._pair.run_propulsion(until_ns).valve_edges)
        self.surroundings.listen()
