"""The lander's three Picos, navigation, propulsion and structure, for the story: here on the host board.

    picos = HostPicos(clock, bus.ends, parameters, heartbeat, world)
    picos.run_navigation(world.touching)      at their places in a tick, with the clock there

emulated.py has the same three as emulated chips.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.clock import Clock
from host_tools.host_board.isolation import IsolationValves
from host_tools.host_board.lander import navigation_board, propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.reset import READY_US, Memory, ResettableBoard
from host_tools.host_board.structure import MainBody
from host_tools.host_board.surroundings import LINES
from host_tools.host_board.wires import CountedWire, SerialLine, Wire
from host_tools.scenarios.parameters import turning
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.subsystems.navigation import LEGS, Navigation
from plumbline.subsystems.propulsion import Propulsion

PICOS = ("navigation", "propulsion", "structure")


class HostPicos:
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
        self._legs = [Wire() for _ in range(LEGS)]
        self._outlets = Outlets(VALVES)
        serial = {name: line[name].a for name in ("imu", "imu_2", "laser", "radar", "link")}
        serial["bus"] = ends["navigation"]
        isolation = IsolationValves(world.isolated)
        to_propulsion = {"link": line["link"].b, "bus": ends["propulsion"]}

        def navigation(memory: Memory) -> Navigation:
            program = navigation_board(clock, serial, self._legs, parameters, memory=memory)
            program.bus.is_shared = True
            return program

        def propulsion(memory: Memory) -> Propulsion:
            program = propulsion_board(
                clock,
                to_propulsion,
                self._outlets,
                heartbeat,
                memory,
                isolation,
                turning(world.scenario.vehicle),
            )
            program.bus.is_shared = True
            return program

        def let_go() -> None:
            self._outlets.close_all(clock.now_us)
            heartbeat.level = 0

        self._navigation = ResettableBoard(clock, navigation, serial.values(), READY_US["navigation"])
        self._propulsion = ResettableBoard(
            clock, propulsion, to_propulsion.values(), READY_US["propulsion"], let_go
        )
        self.structure = MainBody(clock, ends["structure"], is_shared=True)

    @property
    def navigation(self) -> Navigation:
        """The program; while the chip is away, the last one."""
        return self._navigation.program

    @property
    def propulsion(self) -> Propulsion:
        """The program; while the chip is away, the last one."""
        return self._propulsion.program

    @property
    def chips(self) -> dict[str, ResettableBoard[Any]]:
        """What can be reset, by name."""
        return {
            "navigation": self._navigation,
            "propulsion": self._propulsion,
            "structure": self.structure.chip,
        }

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
        self._outlets.shares(now_us, SUBSTEP_US, out)

    def run_navigation(self, touching: Iterable[Any]) -> None:
        """Its tick, if it is due; touching: each leg."""
        for wire, is_touching in zip(self._legs, touching, strict=True):
            wire.level = int(is_touching)
        self._navigation.poll()

    def run_structure(self) -> None:
        """Its world and its tick, if it is due."""
        self.structure.step()

    def run_propulsion(self) -> None:
        """Its tick, if it is due."""
        self._propulsion.poll()

    def figures(self) -> dict[str, dict[str, int]]:
        """Ticks, overruns and rejected frames, each by board."""
        programs = self._programs
        return {
            "ticks": {name: program.rate_group.ticks for name, program in programs.items()},
            "overruns": {name: program.rate_group.overruns for name, program in programs.items()},
            "rejected_frames": {name: program.bus.rejected for name, program in programs.items()},
        }
