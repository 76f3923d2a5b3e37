"""The navigation board with recorded parts: the flight code itself, whose demand goes nowhere.

    board = ReplayBoard(vehicle, first_tick)
    board.tick(readings)
    board.vote()

A tick takes the readings that have come since the one before.
"""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import navigation_board
from host_tools.host_board.surroundings import BUSES, LINES, NAVIGATION_PHASE_US
from host_tools.host_board.wires import Wire
from host_tools.replay.columns import IMU, INERTIAL, INITIAL, POSITION, SPEEDS
from host_tools.replay.parts import RecordedAltimeter, RecordedImu, RecordedInertial, attitude_q29
from host_tools.replay.readings import Reading
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.vehicle import Vehicle
from plumbline.kernels import slots as s
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.subsystems.navigation import LEGS, TICK_US

_BAUD = dict(LINES)
_LINES = {name: _BAUD[name] for name in ("imu", "laser", "radar", "link")} | {"bus": _BAUD[BUSES[0] + "_bus"]}


class Vote(NamedTuple):
    """What the voter holds after a tick."""

    tick: int
    acquired: bool  # before, agl means nothing
    agl_mm: int
    agl_valid: bool
    verdicts: tuple[int, ...]  # of each altimeter of the vehicle
    steps: int  # taken for terrain so far
    step_mm: int  # the last one
    protection_mm: int  # agl is wrong by less, or a flag is up
    flags: int  # as VOT_FLAGS has them


class _Line:
    """One end of a serial line whose other end is a letterbox: bytes in at once, bytes out lost."""

    def __init__(self, baudrate: int) -> None:
        self.line = SimpleNamespace(baudrate=baudrate)
        self.letterbox = bytearray()

    def any(self) -> int:
        return len(self.letterbox)

    def readinto(self, buffer: bytearray | memoryview) -> int | None:
        count = min(len(self.letterbox), len(buffer))
        buffer[:count] = self.letterbox[:count]
        del self.letterbox[:count]
        return count or None

    def write(self, data: bytes | bytearray | memoryview) -> int:
        return len(data)


class _Sender:
    """The spacecraft's end of the bus, as far as it only sends."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    def readinto(self, _buffer: bytearray | memoryview) -> None:
        return None

    def write(self, data: bytes | bytearray | memoryview) -> int:
        self._line.letterbox += data
        return len(data)


class ReplayBoard:
    """`navigation` is the flight code's, built as on the host board; its three parts are recorded ones."""

    def __init__(self, vehicle: Vehicle, first_tick: int) -> None:
        self._clock = Clock((first_tick - 1) * TICK_US)
        self._tick = first_tick - 1
        lines = {name: _Line(baudrate) for name, baudrate in _LINES.items()}
        legs = [Wire() for _ in range(LEGS)]
        one_unit = vehicle.model_copy(update={"imu_2": None})  # recorded readings are of one
        # its parts are typed as the drivers that they are on a board
        self.navigation: Any = navigation_board(self._clock, lines, legs, flight_parameters(one_unit))
        self._mass_g = round(vehicle.ignition_mass_kg * 1e3)
        self._spacecraft = PacketPort(_Sender(lines["bus"]), dictionary.SPACECRAFT)
        self._knows_state = False
        navigation = self.navigation
        navigation.laser = RecordedAltimeter(navigation.laser.readings)
        navigation.radar = RecordedAltimeter(navigation.radar.readings)
        increments = RecordedImu(navigation.imu.readings)
        self._ready_made = RecordedInertial(navigation.imu.readings, navigation.estimate)
        navigation.imu = increments
        self._takers = {
            IMU: increments.take,
            INITIAL: self._initialise,
            INERTIAL: self._take_ready_made,
            **{name: getattr(navigation, kind).take for name, kind in sensors(vehicle).items()},
        }

    def tick(self, readings: Iterable[Reading]) -> None:
        """One control tick of 10 ms with what has come since the last one."""
        for reading in readings:
            self._takers[reading.sensor](reading)
        self._tick += 1
        self._clock.now_us = self._tick * TICK_US + NAVIGATION_PHASE_US
        self.navigation.rate_group.poll()

    def vote(self) -> Vote:
        """What the voter holds now."""
        vote, estimate = self.navigation.vote, self.navigation.estimate
        bases = range(s.VOT_FIRST, s.VOT_FIRST + vote[s.VOT_FITTED] * s.VOT_STRIDE, s.VOT_STRIDE)
        return Vote(
            self._tick,
            vote[s.VOT_ACQUIRED] == 1,
            estimate[s.EST_AGL_MM],
            estimate[s.EST_AGL_VALID] == 1,
            tuple(vote[base + s.VOT_VERDICT] for base in bases),
            vote[s.VOT_STEPS],
            vote[s.VOT_STEP_MM],
            vote[s.VOT_PROTECTION_MM],
            vote[s.VOT_FLAGS],
        )

    def _initialise(self, reading: Reading) -> None:
        """The command that the spacecraft sends before the descent."""
        values = reading.values
        packet = self._spacecraft.outgoing(dictionary.INITIAL_STATE)
        mass_g = round(values["mass_kg"] * 1e3) if "mass_kg" in values else self._mass_g
        fields = [
            *(round(values.get(name, 0.0) * 1e3) for name in POSITION),
            *(round(values[name] * 256e3) for name in SPEEDS),
            *attitude_q29(values),
            mass_g,
        ]
        for i, value in enumerate(fields):
            packet.values[i] = value
        self._spacecraft.send(packet)

    def _take_ready_made(self, reading: Reading) -> None:
        if not self._knows_state:
            self._knows_state = True
            self.navigation.imu = self._ready_made
            self._initialise(reading)
        self._ready_made.take(reading)


def sensors(vehicle: Vehicle) -> dict[str, str]:
    """The altimeters' names in a file of readings, and what each is to the flight code: laser or radar.

    A radar that only measures velocity is called radar.
    """
    names = {part.name: part.kind for part in vehicle.altimeters}
    if "radar" not in names.values():
        names.setdefault("radar", "radar")
    return names
