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
ASK_AGAIN_US = 200_000  # after a restart: by then the board knows its battery, without which it arms nothing
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
        super().__init__(world, parameters, vote, self._hear_event)
        self._pass_on = on_event
        self._asked_until_us = 0
        self._ask_again_us: int | None = None
        line = SerialLine(self.clock, _BAUD)
        self.lines["power_bus"] = line
        self.power = PowerBoard(self.clock, line.a, self.heartbeat, electrical)
        port = PacketPort(line.b, dictionary.SPACECRAFT)
        self.surroundings.spacecraft.append(("power", port))
        self._arm_supply = port.outgoing(dictionary.ARM_SUPPLY)
        self._port = port

    def ask_for_arm_supply(self, seconds: int, on: bool = True) -> None:
        """The spacecraft's command to the power board."""
        self._asked_until_us = self.world.now_us + 1_000_000 * seconds if on else 0
        self._arm_supply.values[0] = int(on)
        self._arm_supply.values[1] = seconds
        self._port.send(self._arm_supply)

    def _hear_event(self, time_s: float, board: str, name: str, severity: str, argument: int) -> None:
        """A power board that begins anew has forgotten what it was asked for."""
        if (board, name) == ("power", "restarted"):
            self._ask_again_us = self.world.now_us + ASK_AGAIN_US
        if self._pass_on is not None:
            self._pass_on(time_s, board, name, severity, argument)

    def open_valves(self) -> None:
        """The valves that have a supply."""
        super().open_valves()
        if not self.power.arm_is_on:
            self.world.open_shares[:] = 0.0

    def step(self) -> None:
        """One tick of 10 ms."""
        super().step()
        now_us = self.world.now_us
        if self._ask_again_us is not None and now_us >= self._ask_again_us:
            self._ask_again_us = None
            left_s = (self._asked_until_us - now_us) // 1_000_000
            if left_s > 0:
                self.ask_for_arm_supply(left_s)
        self.clock.now_us = now_us + POWER_PHASE_US
        self.power.step()
        self.sensors.arm_v = self.power.world.arm_v
