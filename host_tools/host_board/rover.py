"""The micro rover on the host: its board's program, its parts, and its world, on a given bus.

    rover = MicroRover(clock, bus.end("rover"))
    rover.release()               the lander lets go
    clock.now_us += 10_000
    rover.step()

Whoever runs the simulation moves the clock and calls `step` once in 10 ms.
"""

from collections.abc import Callable
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
import machine
from host_tools.host_board.burst import BurstOutlet
from host_tools.host_board.buses import BusHarness, SimulatedAdc, SimulatedI2c
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS
from host_tools.host_board.lives import flown_limits
from host_tools.host_board.parts.icm20948 import SimulatedIcm20948
from host_tools.host_board.parts.ina226 import SimulatedIna226
from host_tools.host_board.parts.vc0706 import SimulatedVc0706
from host_tools.host_board.reset import READY_US, Memory, ResettableBoard
from host_tools.host_board.wires import CountedWire, SerialLine, Wire
from host_tools.world.rover import WHEELS, RoverWorld
from host_tools.world.rover_picture import picture
from plumbline.ports.simulated_bursts import Board
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.limit_table import LimitTable
from plumbline.services.pins import ESP32_LAST_GPIO, PinTable
from plumbline.services.reset_log import WATCHDOG
from plumbline.subsystems.rover import Rover

NAME = "rover_esp32"
CAMERA_BAUD = 38_400
WHEEL_SHUNT_UOHM, BATTERY_SHUNT_UOHM = 20_000, 10_000
_MONITORS = (0x41, 0x44, 0x45, 0x48)  # of the wheels


class EncoderWire(CountedWire):
    """A wire whose edges a wheel has counted; `stuck`: it gives none any more."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.stuck = False

    def count(self, edges: int) -> None:
        """Edges of the wheel so far."""
        if not self.stuck:
            self.edges = edges


class MicroRover:
    """`rover`: the program; `world`: what it is in; `camera`: the part that looks; bus: its end of the bus.

    `duties`: what each motor had in the last step; `flash` outlives a reset. is_shared: other boards hang at
    the bus.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Any,
        world: RoverWorld | None = None,
        limits: list[dict[str, Any]] | None = None,
        flash: SimulatedFlash | None = None,
        is_shared: bool = False,
    ) -> None:
        self.clock = clock
        self.world = world or RoverWorld()
        self.bursts = {f"wheel.{i + 1}": BurstOutlet(clock) for i in range(WHEELS)}
        self.bursts["scoop.servo"] = BurstOutlet(clock)
        self.encoders = [EncoderWire(clock) for _ in range(WHEELS)]
        self.dock, self.enable = Wire(1), Wire()
        self.back = {"left": Wire(), "right": Wire()}
        line = SerialLine(clock, CAMERA_BAUD)
        self.camera_line = line
        self.camera = SimulatedVc0706(line.b, self._look)
        self.imu = SimulatedIcm20948(clock, self.world.inertial)
        self.i2c = SimulatedI2c({0x68: self.imu, 0x40: self._battery_monitor(), **self._wheel_monitors()})
        self.duties = [0.0] * WHEELS
        self.has_scooped = False
        self._bus = bus
        self._limits = limits or flown_limits(NAME)
        self.flash = flash or SimulatedFlash(SECTORS)
        self._is_shared = is_shared
        self._since_us = clock.now_us
        lines = [bus, self.camera_line.a]
        self.chip = ResettableBoard(clock, self._boot, lines, READY_US["rover"], self._let_go)

    @property
    def rover(self) -> Rover:
        """The program; while the chip is away, the last one."""
        return self.chip.program

    def release(self) -> None:
        """The lander lets go: the switch opens, the umbilical comes off."""
        self.world.held = False
        self.dock.level = 0

    def reset(self, cause: int = WATCHDOG) -> None:
        """The board restarts at its next step: the pull-down of the bridges' enable holds the motors.

        cause: one of services/reset_log.py.
        """
        self.chip.reset(cause, 0)

    def hang(self) -> None:
        """The program stands still; the watchdog resets the chip 80 ms later."""
        self.chip.hang()

    def step(self) -> None:
        """The world up to the clock's time, then the parts, then the board's tick if it is due."""
        self.advance()
        self.chip.poll()

    def advance(self) -> None:
        """World and parts alone: of a board that is dead, the bursts under way end."""
        since_us, self._since_us = self._since_us, self.clock.now_us
        self.duties = self._duties(since_us)
        arm_us = self.bursts["scoop.servo"].held_us(since_us)
        self.world.advance((self._since_us - since_us) * 1e-6, self.duties, arm_us)
        self.has_scooped |= self.world.arm_rad > 1.1
        for wire, pulses in zip(self.encoders, self.world.pulses, strict=True):
            wire.count(pulses)
        self.camera.advance()

    def _duties(self, since_us: int) -> list[float]:
        """What the bridges have given to each motor since then, -1 to 1."""
        if not self.enable.level:
            return [0.0] * WHEELS
        signs = [-1.0 if self.back[side].level else 1.0 for side in ("left", "right", "left", "right")]
        return [sign * self.bursts[f"wheel.{i + 1}"].duty(since_us) for i, sign in enumerate(signs)]

    def _look(self) -> bytes:
        world = self.world
        return picture(world.arm_rad, world.along_m, world.sun_elevation_deg, self.has_scooped)

    def _battery_monitor(self) -> SimulatedIna226:
        world = self.world
        return SimulatedIna226(
            self.clock, lambda: (world.battery_v * 1e3, world.battery_a * 1e3), BATTERY_SHUNT_UOHM
        )

    def _wheel_monitors(self) -> dict[int, SimulatedIna226]:
        return {
            address: SimulatedIna226(self.clock, self._measure_of(wheel), WHEEL_SHUNT_UOHM)
            for wheel, address in enumerate(_MONITORS)
        }

    def _measure_of(self, wheel: int) -> Callable[[], tuple[float, float]]:
        world = self.world
        return lambda: (world.battery_v * 1e3, world.wheel_a[wheel] * 1e3)

    def _arm_counts(self) -> int:
        """The potentiometer behind a 12-bit converter."""
        return min(max(round((10_000 + self.world.arm_rad * 1e3 * 80 / 3) / 16), 0), 4095)

    def _let_go(self) -> None:
        """Pins become inputs, the pull-down of the bridges' enable holds the motors."""
        self.enable.level = 0

    def _boot(self, memory: Memory) -> Rover:
        lines = (BOARDS / NAME / "pins.csv").read_text(encoding="utf-8").splitlines()
        pins = PinTable(lines, f"boards/{NAME}/pins.csv", ESP32_LAST_GPIO)
        wires: dict[str, Wire] = {f"encoder.{i + 1}": wire for i, wire in enumerate(self.encoders)}
        wires |= {f"{side}.back": wire for side, wire in self.back.items()}
        wires |= {"dock": self.dock, "motors.enable": self.enable, "tick": Wire()}
        harness = BusHarness(
            clock=self.clock,
            serial={"bus": self._bus, "camera": self.camera_line.a},
            wires={pins.gpio(signal): wire for signal, wire in wires.items()},
            buses={"i2c": self.i2c, "scoop.angle": SimulatedAdc(self._arm_counts), **self.bursts},
        )
        with machine.current_board(harness):
            board = Board(NAME, pins, harness)
            memory.lend_to(board)
            board.flash = self.flash
            rover = Rover(board, LimitTable(self._limits))
        rover.bus.is_shared = self._is_shared
        return rover
