"""Faults of landings that fly abreast: the compiled loop asks Python whenever one of them has a say.

What faults do is told once, in world/faults.py. The loop looks before each tick whether one may begin or end;
while faults are under way it asks how far a weak altimeter sees, and has readings changed, and the inertial
unit's counts. A landing in which a board fails flies alone (`flies_abreast`).
"""

import ctypes
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numpy.typing import NDArray

from host_tools.campaign.abreast import memory
from host_tools.campaign.abreast.kernels import inner
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.faults import VELOCITY_VALID
from host_tools.world.lanes import LANES, emitted
from host_tools.world.world import World
from plumbline.kernels import slots as s

UPDATE, COUNTS, LASERS_REACH, RADARS_REACH, LASER, RADAR = range(6)  # what is asked
WEAKENED, SPOILS = 1, 2  # what faults do to an altimeter: it sees less far; they have a say in its readings
SPOILT, SILENT, OVERLOADED = 1, 2, 4  # what an inertial unit suffers from
STATUS, RANGE_MM, SPEED_X, SPEED_Y, SPEED_Z, EXTRA_US = range(6)  # of a desk: asked with, and answered
_DESK_SIZE = 6
_KINDS = ("laser", "radar")  # by the rows of sensors.py
_UNIT = "imu"
_LOST = memory.PLACES["imu"].start + s.IMU_LOST
_DATAGRAM_COUNTS = 64  # a unit's count of its datagrams comes round after so many


class Trouble(NamedTuple):
    """What the loop knows of the faults of LANES landings."""

    ask: NDArray[np.int64]  # the address of who answers
    alarms: NDArray[np.float64]  # (LANES, 4): see FlownFault.alarm
    speaks: NDArray[np.int64]  # (LANES, altimeters): what faults do to each altimeter, a bit each
    closed: NDArray[np.int64]  # (LANES,): the legs whose switch is closed whatever stands below, a bit each
    unit: NDArray[np.int64]  # (LANES,): what the inertial unit suffers from, a bit each
    desk: NDArray[np.int64]  # (LANES, _DESK_SIZE): a reading as it is measured, then as it is reported
    reach_m: NDArray[np.float64]  # (LANES,): of an altimeter that sees less far


def nothing() -> Trouble:
    """What is known of landings in which nothing fails."""
    return Trouble(
        ask=np.zeros(1, np.int64),
        alarms=np.tile([math.inf, -math.inf, -math.inf, -math.inf], (LANES, 1)),
        speaks=np.zeros((LANES, sens.ALTIMETERS), np.int64),
        closed=np.zeros(LANES, np.int64),
        unit=np.zeros(LANES, np.int64),
        desk=np.zeros((LANES, _DESK_SIZE), np.int64),
        reach_m=np.zeros(LANES),
    )


def flies_abreast(scenario: Scenario) -> bool:
    """Whether there is one inertial unit, and no board fails."""
    return scenario.vehicle.imu_2 is None and not any(fault.is_of_a_board for fault in scenario.faults)


class Answers:
    """Who answers the loop for landings whose worlds have faults. Hold it while they fly, then `check` it."""

    def __init__(self, worlds: Sequence[World], sky: Any, room: Any) -> None:
        self.trouble = nothing()
        self._worlds, self._sky, self._room = worlds, sky, room
        self._speaking_since_us = [0] * LANES  # each inertial unit
        self._spoken = [0] * LANES  # its datagrams, before it fell silent
        self._error: BaseException | None = None
        kind = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
        self._function = kind(self._answer)  # kept: the loop has only its address
        for lane, world in enumerate(worlds):
            if world.faults is not None:
                world.view, world.terrain.rims = sky.views[lane], sky.rims[lane]
                self._look_ahead(lane)
        address = ctypes.cast(self._function, ctypes.c_void_p).value
        self.trouble.ask[0] = 0 if all(world.faults is None for world in worlds) else address or 0

    def check(self) -> None:
        """Raise what was raised while the loop flew: an exception does not find its way through it."""
        if self._error is not None:
            raise self._error

    def _answer(self, lane: int, what: int, now_us: int) -> None:
        if self._error is not None:
            return
        try:
            self._worlds[lane].now_us = now_us
            if what == UPDATE:
                self._update(lane, now_us)
            elif what == COUNTS:
                self._spoil_counts(lane)
            elif what in (LASERS_REACH, RADARS_REACH):
                world = self._worlds[lane]
                self.trouble.reach_m[lane] = world.reach_m(world.part(_KINDS[what - LASERS_REACH]))
            else:
                self._spoil_reading(lane, _KINDS[what - LASER])
        except BaseException as error:  # noqa: BLE001  `check` raises it again
            self._error = error

    def _update(self, lane: int, now_us: int) -> None:
        world, sky = self._worlds[lane], self._sky
        assert world.faults is not None
        was_silent = _UNIT in world.faults.silent
        if now_us > 0:
            world.faults.remember_counts(self._room.counts[..., lane], _UNIT)
        world.faults.update(now_us, world.view, world.vehicle.thrusters, {_UNIT: world.imu_errors})
        self._count_datagrams(lane, now_us, was_silent, _UNIT in world.faults.silent)
        world.imu_errors[sens.CARRY] = sky.errors[sens.CARRY, :, lane]
        sky.errors[..., lane] = world.imu_errors
        sky.table[..., lane] = world.vehicle.thrusters
        self._look_ahead(lane)

    def _look_ahead(self, lane: int) -> None:
        """When a fault may begin or end next, and what those under way have a say in."""
        faults, trouble = self._worlds[lane].faults, self.trouble
        assert faults is not None
        alarms = np.array([fault.alarm() for fault in faults.all])
        trouble.alarms[lane] = alarms[:, 0].min(), *alarms[:, 1:].max(axis=0)
        for row, kind in enumerate(_KINDS):
            part = self._worlds[lane].part(kind)
            does = 0 if part is None else WEAKENED * faults.weaken(part.name)
            targets = [] if part is None else [part.name]
            targets += ["velocimeter"] if kind == "radar" else []
            spoilt = any(faults.spoil_readings(target) for target in targets)
            trouble.speaks[lane, row] = does + SPOILS * spoilt
        closed = np.zeros(dyn.LEGS, np.bool_)
        faults.close_switches(closed)
        trouble.closed[lane] = sum(1 << leg for leg in range(dyn.LEGS) if closed[leg])
        suffers = faults.spoils_counts(_UNIT), _UNIT in faults.silent, _UNIT in faults.overloaded
        trouble.unit[lane] = sum(
            bit for bit, is_so in zip((SPOILT, SILENT, OVERLOADED), suffers, strict=True) if is_so
        )

    def _count_datagrams(self, lane: int, now_us: int, was_silent: bool, is_silent: bool) -> None:
        """A unit that comes back counts its datagrams from 0: the driver takes the gap for lost ones."""
        if is_silent and not was_silent:
            self._spoken[lane] = (now_us - self._speaking_since_us[lane]) // dyn.TICK_US * dyn.SUBSTEPS
        elif was_silent and not is_silent:
            self._speaking_since_us[lane] = now_us
            self._room.ints[_LOST, lane] += -self._spoken[lane] % _DATAGRAM_COUNTS

    def _spoil_counts(self, lane: int) -> None:
        """An inertial unit's increments of the last tick."""
        faults = self._worlds[lane].faults
        assert faults is not None
        counts = self._room.counts[..., lane].copy()
        faults.spoil_counts(counts, _UNIT)
        self._room.counts[..., lane] = counts

    def _spoil_reading(self, lane: int, kind: str) -> None:
        """What an altimeter of this kind has measured, as it reports it."""
        world, desk = self._worlds[lane], self.trouble.desk[lane]
        faults, part = world.faults, world.part(kind)
        assert faults is not None
        said: list[int] = desk.tolist()
        bit = said[STATUS] & VELOCITY_VALID
        status, range_mm = said[STATUS] & ~VELOCITY_VALID, said[RANGE_MM]
        if part is not None:
            status, range_mm = faults.altimeter(part.name, world.now_us, status, range_mm)
        if kind == "radar":
            speeds = said[SPEED_X], said[SPEED_Y], said[SPEED_Z]
            status, speeds = faults.velocity(world.now_us, status | bit, speeds)
            desk[SPEED_X : SPEED_Z + 1] = speeds
        desk[STATUS], desk[RANGE_MM] = status, range_mm
        desk[EXTRA_US] = world.extra_latency_us(kind)


# --- in the loop ----------------------------------------------------------------------------------------


@emitted
def _call(_context: Any, address: Any, lane: Any, what: Any, now_us: Any) -> Any:
    """Calls a C function of three int64."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        long = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [long] * 3)
        numbers = [context.cast(builder, v, k, types.int64) for v, k in zip(args, sig.args, strict=True)]
        builder.call(builder.inttoptr(numbers[0], kind.as_pointer()), numbers[1:])
        return context.get_dummy_value()

    return types.void(address, lane, what, now_us), generate


@inner
def watches(trouble, lane):
    """Whether a landing must look where it is after every tick."""
    return max(trouble.alarms[lane, 1], trouble.alarms[lane, 2], trouble.alarms[lane, 3]) > -math.inf


@inner
def begin_and_end(trouble, views, now_us, lane):
    """Before a tick: has what is due begun or ended."""
    alarms = trouble.alarms
    low = views[lane, dyn.AGL_M] < alarms[lane, 1] or views[lane, dyn.ALTITUDE_M] < alarms[lane, 2]
    due = now_us >= alarms[lane, 0] or (low and views[lane, dyn.SPEED_UP] < 0.0)
    if due or views[lane, dyn.AGL_M] < alarms[lane, 3]:
        _call(trouble.ask[0], lane, UPDATE, now_us)


@inner
def close_switches(trouble, touching, lane):
    """After a tick: the legs' switches that a fault holds closed."""
    if trouble.closed[lane]:
        for leg in range(dyn.LEGS):
            touching[lane, leg] |= trouble.closed[lane] >> leg & 1 != 0


@inner
def spoil_counts(trouble, now_us, lane):
    """After a tick: has the inertial unit's counts changed by what it suffers from."""
    if trouble.unit[lane] & SPOILT:
        _call(trouble.ask[0], lane, COUNTS, now_us)


@inner
def datagrams_of_no_use(trouble, lane):
    """How many datagrams of a tick say that they are of no use: all, or none has come."""
    return 0 if trouble.unit[lane] & SILENT else dyn.SUBSTEPS


@inner
def reach_m(trouble, kind, now_us, lane):
    """How far an altimeter sees that is weak."""
    _call(trouble.ask[0], lane, LASERS_REACH + kind, now_us)
    return trouble.reach_m[lane]


@inner
def spoil_reading(trouble, kind, now_us, lane):
    """Has the reading on the desk changed into what the altimeter reports."""
    _call(trouble.ask[0], lane, LASER + kind, now_us)
