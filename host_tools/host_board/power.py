"""The power board on the host: its program from firmware/, four simulated INA226, and the arm driver.

    board = PowerBoard(clock, spacecraft_bus.a, heartbeat=wire)
    board.step()          each 10 ms, after the clock has moved on
    board.arm_is_on       what the valves' drivers get

The arm driver is that of boards/power_esp32/README.md: two retriggerable monostables, both of which must
hold. An edge of this board's holds one for 2 s, unless `hold` is low; an edge of propulsion's heart the
other one for 60 ms.
"""

import json
from pathlib import Path
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
import machine
from host_tools.host_board.buses import BusHarness, SimulatedI2c
from host_tools.host_board.clock import Clock
from host_tools.host_board.lives import flown_limits
from host_tools.host_board.parts.ina226 import SimulatedIna226
from host_tools.host_board.reset import READY_US, Memory, ResettableBoard
from host_tools.host_board.wires import CountedWire, SerialEnd, Wire
from host_tools.world.electrical import Electrical
from plumbline.ports.simulated_buses import Board
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.limit_table import LimitTable
from plumbline.services.pins import ESP32_LAST_GPIO, PinTable
from plumbline.services.reset_log import POWER, WATCHDOG
from plumbline.subsystems.power import MONITORS, Power
from plumbline.subsystems.power_limits import PowerLimits

BOARD = Path(__file__).resolve().parents[2] / "boards" / "power_esp32"
MONOSTABLE_US = 2_000_000
HEART_US = 60_000


def power_parameters() -> dict[str, Any]:
    """The board's parameters.json."""
    return json.loads((BOARD / "parameters.json").read_text(encoding="utf-8"))


class PowerBoard:
    """`power`: the program; `world`: what it measures and switches.

    bus: the board's end of the spacecraft's bus. heartbeat: the wire that propulsion drives.
    `reset` is a reset of the chip: the pads that are held, loads and `hold`, stay as they are, the others
    become inputs, and the program begins anew; `flash` outlives it. `is_running` False is a chip that hangs
    with its pins as they are and has no watchdog; one that has it is reset 80 ms after `hang`. `is_shared`:
    other boards hang at the bus.
    """

    def __init__(
        self,
        clock: Clock,
        bus: SerialEnd,
        heartbeat: CountedWire | None = None,
        world: Electrical | None = None,
        parameters: dict[str, Any] | None = None,
        limits: list[dict[str, Any]] | None = None,
        flash: SimulatedFlash | None = None,
        is_shared: bool = False,
    ) -> None:
        self.clock = clock
        self.world = world or Electrical()
        self.heartbeat = heartbeat or CountedWire(clock)
        self.parts = [
            SimulatedIna226(clock, measure, shunt_uohm)
            for measure, (_, shunt_uohm) in zip(self._measures(), MONITORS, strict=True)
        ]
        self.i2c = SimulatedI2c(
            {address: part for (address, _), part in zip(MONITORS, self.parts, strict=True)}
        )
        self.is_running = True
        self._bus = bus
        self._parameters = parameters or power_parameters()
        self._limits = limits or flown_limits("power_esp32")
        self.flash = flash or SimulatedFlash(SECTORS)
        loads = [f"load.{load['name']}" for load in self._parameters["loads"]]
        self.arm_wire = CountedWire(clock)
        self.hold_wire = CountedWire(clock)  # low while the driver's supply comes up
        self.load_wires = {signal: Wire() for signal in loads}
        self._advanced_us = clock.now_us
        self._is_shared = is_shared
        self.chip = ResettableBoard(clock, self._start, [bus], READY_US["power"], self._let_go)

    @property
    def power(self) -> Power:
        """The program; while the chip is away, the last one."""
        return self.chip.program

    @property
    def arm_is_on(self) -> bool:
        """Whether the valves' drivers have their supply now."""
        edge_us, heart_us, held_us = self.arm_wire.edge_us, self.heartbeat.edge_us, self.hold_wire.edge_us
        if edge_us is None or heart_us is None or not self.hold_wire.level or edge_us < (held_us or 0):
            return False
        now_us = self.clock.now_us
        return now_us - edge_us < MONOSTABLE_US and now_us - heart_us < HEART_US

    def step(self) -> None:
        """The world up to the clock's time, then the program's tick if it is due."""
        now_us, world = self.clock.now_us, self.world
        world.arm_on = self.arm_is_on
        world.loads_on = [bool(wire.level) for wire in self.load_wires.values()]
        world.advance((now_us - self._advanced_us) * 1e-6)
        self._advanced_us = now_us
        if self.is_running:
            self.chip.poll()

    def hang(self) -> None:
        """The program stands still; the watchdog resets the chip 80 ms later."""
        self.chip.hang()

    def reset(self, cause: int = WATCHDOG, ready_us: int = 0) -> None:
        """The chip begins anew, whatever the program was doing; cause: one of services/reset_log.py.

        ready_us: until its program has been built.
        """
        self.is_running = True
        self.chip.reset(cause, ready_us)
        if cause == POWER:
            for wire in (self.hold_wire, *self.load_wires.values()):
                wire.level = 0

    def _let_go(self) -> None:
        """A reset: an edge on the arm wire, maybe; the pads that are held stay as they are."""
        self.arm_wire.level = 0

    def _start(self, memory: Memory) -> Power:
        lines = (BOARD / "pins.csv").read_text(encoding="utf-8").splitlines()
        pins = PinTable(lines, "boards/power_esp32/pins.csv", ESP32_LAST_GPIO)
        wires = {pins.gpio(signal): wire for signal, wire in self.load_wires.items()}
        wires |= {pins.gpio("arm"): self.arm_wire, pins.gpio("tick"): Wire()}
        wires[pins.gpio("hold")] = self.hold_wire
        wires[pins.gpio("heartbeat")] = self.heartbeat
        harness = BusHarness(
            clock=self.clock, serial={"bus": self._bus}, wires=wires, buses={"i2c": self.i2c}
        )
        with machine.current_board(harness):
            board = Board("power_esp32", pins, harness)
            memory.lend_to(board)
            board.flash = self.flash
            power = Power(board, PowerLimits(self._parameters), LimitTable(self._limits))
        power.bus.is_shared = self._is_shared
        return power

    def _measures(self) -> list[Any]:
        """(mV, mA) of battery, solar array, bus and arm supply, in the order of MONITORS."""
        world = self.world
        return [
            lambda: (world.battery_v * 1e3, world.battery_a * 1e3),
            lambda: (world.solar_v * 1e3, world.solar_a * 1e3),
            lambda: (world.bus_v * 1e3, world.bus_a * 1e3),
            lambda: (world.arm_v * 1e3, world.arm_a * 1e3),
        ]
