"""Faults of landings that fly abreast: the compiled loop asks Python whenever one of them has a say.

What faults do is told once, in world/faults.py. The loop looks after each tick whether one may begin or end,
and has the altimeters of a lander answered by its World while one of their faults is under way. Faults that
spoil the inertial unit's datagrams come every tick: such a landing flies alone (`flies_abreast`).
"""

import ctypes
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numpy.typing import NDArray

from host_tools.campaign.abreast.kernels import inner
from host_tools.scenarios.faults import ELECTRICAL_KINDS
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.lanes import LANES, emitted
from host_tools.world.world import World

UPDATE, LASER, RADAR = range(3)  # what is asked
_NO_DATAGRAM_OF_ITS_OWN = ("bias", "noisy")
_BEAM_COS, _BEAM_SIN, EXTRA_US, STATUS, RANGE_MM, SPEED_X = range(6)  # of a desk: asked with, and answered
_DESK_SIZE = 8
_UNIT_Q14 = 16384.0


class Trouble(NamedTuple):
    """What the loop knows of the faults of LANES landings."""

    ask: NDArray[np.int64]  # the address of who answers
    alarms: NDArray[np.float64]  # (LANES, 4): see FlownFault.alarm
    speaks: NDArray[np.bool_]  # (LANES,): a fault of the altimeters has a say in every reading
    closed: NDArray[np.int64]  # (LANES,): the legs whose switch is closed whatever stands below, a bit each
    desk: NDArray[np.int64]  # (LANES, _DESK_SIZE)
    holds: NDArray[np.bool_]  # (LANES,): valves are open for another share of the time than was commanded
    least: NDArray[np.float64]  # (LANES, VALVES): at least this one
    most: NDArray[np.float64]  # (LANES, VALVES): and at most this one


def nothing() -> Trouble:
    """What is known of landings in which nothing fails."""
    return Trouble(
        ask=np.zeros(1, np.int64),
        alarms=np.tile([math.inf, -math.inf, -math.inf, -math.inf], (LANES, 1)),
        speaks=np.zeros(LANES, np.bool_),
        closed=np.zeros(LANES, np.int64),
        desk=np.zeros((LANES, _DESK_SIZE), np.int64),
        holds=np.zeros(LANES, np.bool_),
        least=np.zeros((LANES, dyn.VALVES)),
        most=np.ones((LANES, dyn.VALVES)),
    )


def flies_abreast(scenario: Scenario) -> bool:
    """Whether there is one inertial unit with datagrams that faults leave alone, no reset of a board and no
    valve whose coil tells of its fault: a batch has no converter."""
    return scenario.vehicle.imu_2 is None and not any(
        fault.is_of_a_board
        or fault.kind in ELECTRICAL_KINDS
        or (fault.target == "imu" and fault.kind not in _NO_DATAGRAM_OF_ITS_OWN)
        for fault in scenario.faults
    )


class Answers:
    """Who answers the loop for landings whose worlds have faults. Hold it while they fly, then `check` it."""

    def __init__(self, worlds: Sequence[World], sky: Any) -> None:
        self.trouble = nothing()
        self._worlds, self._sky = worlds, sky
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
            else:
                self._read(lane, what)
        except BaseException as error:  # noqa: BLE001  `check` raises it again
            self._error = error

    def _update(self, lane: int, now_us: int) -> None:
        world, sky = self._worlds[lane], self._sky
        assert world.faults is not None
        world.faults.update(now_us, world.view, world.vehicle.thrusters, {"imu": world.imu_errors})
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
        trouble.speaks[lane] = faults.spoil_readings
        closed = np.zeros(dyn.LEGS, np.bool_)
        faults.close_switches(closed)
        # each fault holds a share between two numbers, and so do several of them one after the other
        trouble.least[lane], trouble.most[lane] = 0.0, 1.0
        faults.hold_valves(trouble.least[lane : lane + 1])
        faults.hold_valves(trouble.most[lane : lane + 1])
        trouble.holds[lane] = (trouble.least[lane] > 0.0).any() or (trouble.most[lane] < 1.0).any()
        trouble.closed[lane] = sum(1 << leg for leg in range(dyn.LEGS) if closed[leg])

    def _read(self, lane: int, what: int) -> None:
        """An altimeter's reading, by the World itself, with the noise that is next."""
        world, desk = self._worlds[lane], self.trouble.desk[lane]
        beam = desk[_BEAM_COS] / _UNIT_Q14, desk[_BEAM_SIN] / _UNIT_Q14
        noise = self._sky.sensor_noise[:, lane]
        generator = world.sensor_rng.bit_generator
        generator.state = {**generator.state, "state": {"state": noise.copy()}}
        kind = "laser" if what == LASER else "radar"
        said = world.laser(*beam) if what == LASER else world.radar(*beam)
        noise[:] = generator.state["state"]["state"]
        desk[EXTRA_US] = world.extra_latency_us(kind)
        desk[STATUS : STATUS + len(said)] = said


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
def hold_valves(trouble, shares, lane):
    """Before a tick: what valves that are stuck or leak make of what was commanded."""
    if trouble.holds[lane]:
        for valve in range(dyn.VALVES):
            least, most = trouble.least[lane, valve], trouble.most[lane, valve]
            for substep in range(dyn.SUBSTEPS):
                shares[substep, valve, lane] = min(max(shares[substep, valve, lane], least), most)


@inner
def read(trouble, what, now_us, cosine, sine, lane):
    """Has an altimeter's answer put onto the desk."""
    trouble.desk[lane, _BEAM_COS] = cosine
    trouble.desk[lane, _BEAM_SIN] = sine
    _call(trouble.ask[0], lane, what, now_us)
