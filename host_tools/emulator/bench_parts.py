"""What is plugged into an emulated board on the bench: the parts of a landing, on a lander that stands still.

The lander rests 1,000 m above flat ground: the altimeters measure that, the inertial unit feels the weight.
Device tests also have the board's partners on the lines: the other board and the spacecraft.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.emulator import dev_parts
from host_tools.emulator.chip import Chip, Slice
from host_tools.emulator.dev_parts import NearScene
from host_tools.emulator.far_end import FarEnd
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import pin_table
from host_tools.host_board.parts.doppler_radar import SimulatedDopplerRadar
from host_tools.host_board.parts.laser_altimeter import SimulatedLaserAltimeter
from host_tools.host_board.parts.stim300 import SimulatedStim300
from host_tools.host_board.surroundings import LINES
from plumbline.link import dictionary
from plumbline.link.packet import PacketType
from plumbline.link.port import PacketPort
from plumbline.services.pins import PinTable

_BAUD = dict(LINES) | {"bus": dict(LINES)["navigation_bus"]}
_VALID, _VELOCITY_VALID = 1, 8
_BEAM_UNIT = 16384
_LATENCY_US = 6_000


@dataclass(frozen=True)
class Scene:
    """What the parts measure."""

    height_mm: int = 1_000_000
    velocity_x_lsb: int = 13_606  # 1.622 m/s2 for 2 ms in 2^-22 m/s: the weight, along body x
    near: NearScene = field(default_factory=NearScene)  # of dev-board parts


class Talker(Protocol):
    """A part or a partner: says at `now_us` what is due."""

    period_us: int

    def speak(self, now_us: int) -> None:
        """Its turn, every `period_us`."""
        ...


class _InertialUnit:
    """500 datagrams a second, whether anybody listens or not."""

    period_us = 2_000

    def __init__(self, end: FarEnd, scene: Scene) -> None:
        self._part = SimulatedStim300(end)
        self._increments = np.array([[0, 0, 0, scene.velocity_x_lsb, 0, 0]], np.int64)

    def speak(self, now_us: int) -> None:
        self._part.emit(self._increments)


class _Altimeter:
    """Answers what it is asked; the slant range of a slanting beam is longer."""

    period_us = 1_000

    def __init__(self, end: FarEnd, scene: Scene, radar: bool) -> None:
        self._scene = scene
        self._tail = (0, 0, 0) if radar else ()
        self._status = _VALID | _VELOCITY_VALID if radar else _VALID
        kind = SimulatedDopplerRadar if radar else SimulatedLaserAltimeter
        self._part = kind(end, self._measure, _LATENCY_US)

    def speak(self, now_us: int) -> None:
        self._part.advance(now_us)

    def _measure(self, _now_us: int, cos_q14: int, _sin_q14: int) -> tuple[int, ...]:
        if cos_q14 <= 0:
            return 0, 0, *self._tail  # it looks away from the ground
        return self._status, self._scene.height_mm * _BEAM_UNIT // cos_q14, *self._tail


class _Partner:
    """Sends the packets of a table in turn, and takes what is sent to it."""

    def __init__(
        self, end: FarEnd, board: int, packet: PacketType, period_us: int, table: tuple[tuple[int, ...], ...]
    ) -> None:
        self.period_us = period_us
        self.port = PacketPort(end, board)
        self._packet = self.port.outgoing(packet)
        self._table = table
        self._turn = 0

    def speak(self, now_us: int) -> None:
        for index, value in enumerate(self._table[self._turn % len(self._table)]):
            self._packet.values[index] = value
        self._turn += 1
        self.port.send(self._packet)
        while self.port.poll() >= 0:
            pass


# tick, flags, throttle, three torques, two trims; armed for 0.3 s, then disarmed for 0.1 s
_BURNING = (
    0,
    dictionary.DEMAND_ARMED | dictionary.DEMAND_MAIN_ENGINE,
    9_000,
    3_000,
    -12_000,
    16_384,
    500,
    -500,
)
_DEMANDS = (_BURNING,) * 30 + ((0,) * 8,) * 10


def _talkers(
    signals: Iterable[str], ends: Mapping[str, FarEnd], scene: Scene, partners: bool
) -> list[Talker]:
    talkers: list[Talker] = []
    if "imu" in ends:
        talkers.append(_InertialUnit(ends["imu"], scene))
    for name in ("laser", "radar"):
        if name in ends:
            talkers.append(_Altimeter(ends[name], scene, name == "radar"))
    if partners and "heater.fuel" in signals:
        arms = ((0,), (3,), (9,))  # in cruise: taken, wrong mode, unknown
        talkers.append(_Partner(ends["bus"], dictionary.SPACECRAFT, dictionary.STRUCTURE_ARM, 50_000, arms))
    if not partners or "link" not in ends:
        return talkers
    if "valve.main" in signals:
        talkers.append(_Partner(ends["link"], dictionary.NAVIGATION, dictionary.DEMAND, 10_000, _DEMANDS))
    else:
        status = ((100, 0, 0x7FFF, dictionary.PROPULSION_ARMED, 0, 7),)
        talkers.append(
            _Partner(ends["link"], dictionary.PROPULSION, dictionary.PROPULSION_STATUS, 100_000, status)
        )
        start = ((scene.height_mm, 0, 0, 0, 0, 0, 2**29 - 1, 0, 0, 0, 500_000),)
        talkers.append(_Partner(ends["bus"], dictionary.SPACECRAFT, dictionary.INITIAL_STATE, 500_000, start))
    return talkers


class BenchParts:
    """The parts of one emulated board: what Terminal and tests ask for before and tell after each run."""

    def __init__(self, board: str, chip: Chip, scene: Scene | None = None, partners: bool = False) -> None:
        pins: PinTable = pin_table(board)
        prefixes = sorted({signal.removesuffix(".rx") for signal in pins.signals if signal.endswith(".rx")})
        self.scene = scene or Scene()
        self._clock = Clock(chip.now_ns // 1000)
        self._ends = {prefix: FarEnd(self._clock) for prefix in prefixes}
        for prefix in prefixes:
            baud = _BAUD.get(prefix, dev_parts.BAUD)
            chip.attach_serial(prefix, pins.gpio(prefix + ".tx"), pins.gpio(prefix + ".rx"), baud)
        self.on_buses = dev_parts.attach_buses(pins, chip, self._clock, self.scene.near)
        talkers = _talkers(pins.signals, self._ends, self.scene, partners)
        talkers += dev_parts.serial_parts(pins, self._ends, self.scene.near, self._clock)
        self._due_us = [(self._clock.now_us + talker.period_us, talker) for talker in talkers]

    def inputs(self, until_ns: int) -> tuple[dict[str, list[tuple[int, bytes]]], list[tuple[int, int, int]]]:
        """What the parts say by then."""
        clock = self._clock
        while self._due_us:
            index, (due_us, talker) = min(enumerate(self._due_us), key=lambda entry: entry[1][0])
            if 1000 * due_us > until_ns:
                break
            clock.now_us = max(clock.now_us, due_us)
            talker.speak(due_us)
            self._due_us[index] = (due_us + talker.period_us, talker)
        serial = {prefix: end.take() for prefix, end in self._ends.items()}
        return {prefix: chunks for prefix, chunks in serial.items() if chunks}, []

    def outputs(self, slice_: Slice) -> None:
        """What the board has sent to them."""
        for prefix, sent in slice_.serial.items():
            self._ends[prefix].give(sent)


def parts(board: str, chip: Chip) -> BenchParts:
    """What `plumbline emulate` plugs in: the parts, but nobody who would open a valve."""
    return BenchParts(board, chip)
