"""The lander's three Picos, navigation, propulsion and structure, for the story: here on the host board.

    picos = HostPicos(clock, bus.ends, parameters, heartbeat, world)
    picos.run_navigation(world.touching)      at their places in a tick, with the clock there

emulated.py has the same three as emulated chips.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import HostPair
from host_tools.host_board.reset import ResettableBoard
from host_tools.host_board.structure import MainBody
from host_tools.host_board.surroundings import LINES
from host_tools.host_board.wires import CountedWire, SerialLine
from host_tools.world.dynamics import SUBSTEP_US
from host_tools.world.world import World

PICOS = ("navigation", "propulsion", "structure")


class HostPicos(HostPair):
    """`structure`: the main body; `far_ends`: what the parts get."""

    tier = "host"

    def __init__(
        self,
        clock: Clock,
        ends: Mapping[str, Any],
        parameters: dict[str, Any],
        heartbeat: CountedWire,
        world: World,
    ) -> None:
        line = {name: SerialLine(clock, baud) for name, baud in LINES}
        # the spacecraft's ends of navigation's and propulsion's own lines lead nowhere: there is one bus
        self.far_ends = {name: line[name].b for name in line if name != "link"}
        to_navigation = {name: line[name].a for name in ("imu", "imu_2", "laser", "radar", "link")}
        to_navigation["bus"] = ends["navigation"]
        to_propulsion = {"link": line["link"].b, "bus": ends["propulsion"]}
        super().__init__(
            clock, to_navigation, to_propulsion, heartbeat, world, parameters, is_bus_shared=True
        )
        self.structure = MainBody(clock, ends["structure"], is_shared=True)

    @property
    def chips(self) -> dict[str, ResettableBoard[Any]]:
        """What can be reset, by name."""
        return {**self.boards, "structure": self.structure.chip}

    @property
    def _programs(self) -> dict[str, Any]:
        return {
            "navigation": self.navigation,
            "propulsion": self.propulsion,
            "structure": self.structure.structure,
        }

    def close(self) -> None:
        """Nothing runs outside of this process."""

    def shares(self, now_us: int, out: NDArray[np.float64]) -> None:
        """Into out[substep, valve] the share of each substep from now_us on that the valve's gate is high."""
        self.outlets.shares(now_us, SUBSTEP_US, out)

    def run_structure(self) -> None:
        """Its world and its tick, if it is due."""
        self.structure.step()

    def figures(self) -> dict[str, dict[str, int]]:
        """Ticks, overruns and rejected frames, each by board."""
        programs = self._programs
        return {
            "ticks": {name: program.rate_group.ticks for name, program in programs.items()},
            "overruns": {name: program.rate_group.overruns for name, program in programs.items()},
            "rejected_frames": {name: program.bus.rejected for name, program in programs.items()},
        }
