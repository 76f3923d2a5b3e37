"""A lander whose valves get their supply from the power board, all three programs on the host.

lander = PoweredLander(world, parameters, on_event=...)
lander.ask_for_arm_supply(600)
"""

from collections.abc import Callable
from typing import Any

from host_tools.host_board.lander import Lander
from host_tools.host_board.power import PowerBoard
from host_tools.host_board.surroundings import OnEvent
from host_tools.host_board.wires import SerialLine
from host_tools.world.electrical import Electrical
from host_tools.world.world import World
from plumbline.link import dictionary
from plumbline.link.port import PacketPort

POWER_PHASE_US = 9_000  # after propulsion's tick
_BAUD = 460_800


class PoweredLander(Lander):
    """host_board/lander.py's Lander with a third board; the world sees no valve open without its supply.

    They are normally closed: without it they fall shut, whatever their gates say.
    """

    def __init__(
        self,
        world: World,
        parameters: dict[str, Any],
        vote: Callable[..., int] | None = None,
        on_event: OnEvent | None = None,
        electrical: Electrical | None = None,
    ) -> None:
        super().__init__(world, parameters, vote, on_event)
        line = SerialLine(self.clock, _BAUD)
        self.lines["power_bus"] = line
        self.power = PowerBoard(self.clock, line.a, self.heartbeat, electrical)
        port = PacketPort(line.b, dictionary.SPACECRAFT)
        self.surroundings.spacecraft.append(("power", port))
        self._arm_supply = port.outgoing(dictionary.ARM_SUPPLY)
        self._port = port

    def ask_for_arm_supply(self, seconds: int, on: bool = True) -> None:
        """The spacecraft's command to the power board."""
        self._arm_supply.values[0] = int(on)
        self._arm_supply.values[1] = seconds
        self._port.send(self._arm_supply)

    def open_valves(self) -> None:
        """The valves that have a supply."""
        super().open_valves()
        if not self.power.arm_is_on:
            self.world.open_shares[:] = 0.0

    def step(self) -> None:
        """One tick of 10 ms."""
        super().step()
        self.clock.now_us = self.world.now_us + POWER_PHASE_US
        self.power.step()
