"""The lander's three Picos as emulated chips with the real firmware, on the bus that all boards share.

Used as picos.HostPicos is. Each chip runs a stretch of its own time in each tick of the world. What it
sends onto the bus goes on from a hub when the frame is whole; what is on the bus after its turn in a tick it
hears in the next one. Beside each chip runs the host board, on the same bytes: after every tick the kernels'
states must be equal (but for the nonces that the structure board draws by chance).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.emulator.body import EmulatedBody
from host_tools.emulator.far_end import FarEnd
from host_tools.emulator.flying_board import TICK_NS
from host_tools.emulator.lander import ValvePins
from host_tools.emulator.pair import HEARTBEAT, FlyingPair, sensors_of
from host_tools.host_board.clock import Clock
from host_tools.host_board.surroundings import BUSES, LINES
from host_tools.host_board.wires import CountedWire, Wire
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.subsystems.navigation import LEGS


class EmulatedPicos:
    """`navigation`, `propulsion`: the chips' arrays by name; `structure`: the main body with its chip;
    `sensors`: of tanks and valves.

    uf2: the firmware. To be closed. Raises the errors of emulator/lander.py.
    """

    tier = "emulated"

    def __init__(
        self,
        clock: Clock,
        ends: Mapping[str, Any],
        parameters: dict[str, Any],
        heartbeat: CountedWire,
        world: World,
        uf2: Path,
    ) -> None:
        self._clock = clock
        self._world = world
        self._heartbeat = heartbeat
        self._ends = ends
        self._valves = ValvePins(VALVES)
        self.far_ends = {name: FarEnd(clock) for name, _ in LINES if name != "link"}
        chips_ends = {**self.far_ends, **{board + "_bus": ends[board] for board in BUSES}}
        sensors = sensors_of(world.second is not None)
        legs = [Wire() for _ in range(LEGS)]
        self._pair = FlyingPair(world, parameters, uf2, chips_ends, legs, sensors, is_bus_shared=True)
        try:
            self.structure = EmulatedBody(clock, ends["structure"], uf2, is_bus_shared=True)
        except BaseException:
            self._pair.close()
            raise
        self.navigation, self.propulsion = self._pair.navigation, self._pair.propulsion
        self.sensors = self._pair.sensors

    def close(self) -> None:
        """End the three chips."""
        self._pair.close()
        self.structure.board.chip.close()

    def shares(self, now_us: int, out: NDArray[np.float64]) -> None:
        """Into out[substep, valve] the share of each substep from now_us on that the valve's pin is high."""
        self._valves.shares(now_us, SUBSTEP_US, out)

    def run_navigation(self, touching: Iterable[Any]) -> None:
        """The chip to the end of this tick of the world; touching: each leg."""
        self._pair.run_navigation(self._until_ns, touching)

    def run_structure(self) -> None:
        """The chip up to now, then its world."""
        self.structure.step()

    def run_propulsion(self) -> None:
        """The chip to the end of this tick; the edges of its heartbeat are on the wire then."""
        window = self._pair.run_propulsion(self._until_ns)
        self._valves.add(window.valve_edges)
        now_us = self._clock.now_us
        for at_ns, signal, level in window.pin_edges:
            if signal != HEARTBEAT:
                continue
            self._clock.now_us = at_ns // 1000  # a wire notes when its edges were
            self._heartbeat.level = level
        self._clock.now_us = now_us

    def figures(self) -> dict[str, dict[str, int]]:
        """By board: ticks, each compared with the host board's, overruns, and how long the worst tick was."""
        tick_ns = {**self._pair.tick_ns, "structure": self.structure.tick_ns}
        return {
            "ticks": {**self._pair.compared, "structure": self.structure.compared},
            "overruns": {
                "navigation": self.navigation.rate_group.overruns,
                "propulsion": self.propulsion.rate_group.overruns,
            },
            "rejected_frames": {},
            "worst_tick_us": {name: max(lengths) // 1000 for name, lengths in tick_ns.items()},
        }

    @property
    def chips(self) -> dict[str, Any]:
        """None: an emulated chip is not reset in a story."""
        return {}

    @property
    def _until_ns(self) -> int:
        return 1000 * self._world.now_us + TICK_NS
