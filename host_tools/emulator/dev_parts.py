"""Dev-board parts around an emulated chip: those that the board's pin table names, on the pins that it names.

They see a near scene: a wall, a rail, a room. The parts are those of the host board.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.emulator.chip import Chip
from host_tools.emulator.far_end import FarEnd
from host_tools.host_board.clock import Clock
from host_tools.host_board.parts import thermistor
from host_tools.host_board.parts.icm20948 import SimulatedIcm20948
from host_tools.host_board.parts.ina226 import SimulatedIna226
from host_tools.host_board.parts.lidar_lite import SimulatedLidarLite
from host_tools.host_board.parts.lw20 import SimulatedLw20
from host_tools.host_board.parts.tfmini import SimulatedTf03, SimulatedTfmini
from host_tools.host_board.parts.vl53l1x import SimulatedVl53l1x
from plumbline.services.pins import PinTable

BAUD = 115_200
FIRST_ADC_GPIO = 26  # RP2040 datasheet, 4.9
_STRENGTH = 90  # of a good target, to each of them
SHUNT_UOHM = 100_000
SWAY_US = 8_000_000
PERIOD_US = 1_000  # in which a serial part looks at its line
ADDRESSES = {"lidar_lite": 0x62, "vl53l1x": 0x29, "ina226": 0x40, "icm20948": 0x68}


@dataclass(frozen=True)
class NearScene:
    """What the parts of a bench measure; they measure it exactly, as far as their resolution goes."""

    wall_mm: int = 3_250
    sway_mm: int = 0  # of the wall, back and forth, in eight seconds
    celsius: float = 21.5
    bus_mv: float = 5_000.0
    current_ma: float = 240.0
    acceleration_g: tuple[float, float, float] = (0.0, 0.0, 1.0)
    rate_deg_s: tuple[float, float, float] = (0.0, 0.0, 6.0)

    def range_mm(self, now_us: int) -> int:
        """How far the wall is."""
        return round(self.wall_mm + self.sway_mm * math.sin(2 * math.pi * now_us / SWAY_US))


class _Serial:
    """A part on a serial line, as bench_parts lets it speak."""

    period_us = PERIOD_US

    def __init__(self, part: Any) -> None:
        self._part = part

    def speak(self, now_us: int) -> None:
        """Its turn."""
        self._part.advance(now_us)


def owners(pins: PinTable) -> dict[str, list[str]]:
    """The parts on each line that the emulator knows, by the owners of the line's signals."""
    found: dict[str, list[str]] = {}
    for signal in pins.signals:
        names = [name for name in pins.owner(signal).split() if name in KNOWN]
        if names:
            found[signal.partition(".")[0]] = names
    return found


def serial_parts(pins: PinTable, ends: Mapping[str, FarEnd], scene: NearScene, clock: Clock) -> list[_Serial]:
    """The parts on serial lines, each at the far end of its line."""

    def measure() -> tuple[int, int]:
        return scene.range_mm(clock.now_us) // 10, _STRENGTH

    named = owners(pins).items()
    return [_Serial(_ON_SERIAL[names[0]](ends[line], measure)) for line, names in named if line in ends]


def attach_buses(pins: PinTable, chip: Chip, clock: Clock, scene: NearScene) -> dict[str, Any]:
    """Plug the other parts in; returns them by name. `clock` is the chip's emulated time."""
    parts: dict[str, Any] = {}
    for signal in pins.signals:
        if pins.peripheral(signal) == "adc" and pins.owner(signal) == "thermistor":
            chip.analog(pins.gpio(signal) - FIRST_ADC_GPIO, thermistor.counts(scene.celsius))
    for line, names in owners(pins).items():
        if f"{line}.sda" in pins.signals:
            made = {name: _MAKERS[name](clock, scene) for name in names}
            chip.attach_i2c(
                _unit(pins, f"{line}.sda"), {ADDRESSES[name]: part for name, part in made.items()}
            )
            parts |= made
        elif f"{line}.sck" in pins.signals:
            parts[names[0]] = _MAKERS[names[0]](clock, scene)
            chip.attach_spi(_unit(pins, f"{line}.sck"), parts[names[0]], pins.gpio(f"{line}.select"))
    return parts


def _unit(pins: PinTable, signal: str) -> int:
    return int(pins.peripheral(signal)[-1])


_ON_SERIAL: dict[str, Callable[..., Any]] = {
    "tfmini": SimulatedTfmini,
    "tf03": SimulatedTf03,
    "lw20": SimulatedLw20,
}
_MAKERS: dict[str, Callable[[Clock, NearScene], Any]] = {
    "lidar_lite": lambda clock, scene: SimulatedLidarLite(clock, lambda: scene.range_mm(clock.now_us) // 10),
    "vl53l1x": lambda clock, scene: SimulatedVl53l1x(clock, lambda: (9, scene.range_mm(clock.now_us))),
    "ina226": lambda clock, scene: SimulatedIna226(
        clock, lambda: (scene.bus_mv, scene.current_ma), SHUNT_UOHM
    ),
    "icm20948": lambda clock, scene: SimulatedIcm20948(
        clock, lambda: (*scene.acceleration_g, *scene.rate_deg_s)
    ),
}
KNOWN = {*_ON_SERIAL, *_MAKERS, "thermistor"}
