"""Recorded parts: they stand where the drivers stand and fill the same readings.

What a driver would have found on its line since the last tick is put in with `take`; the flight code polls.
"""

from typing import Any

import numpy as np

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.replay.columns import ANGLES, ATTITUDE, BEAM, DOPPLER, KICKS, POSITION, SPEEDS
from host_tools.replay.readings import Reading
from host_tools.world.moon import MU_M3_S2, RADIUS_M
from plumbline.kernels import slots as s
from plumbline.kernels import state

ANGLE_LSB_DEG = 2.0**-21  # STIM300, TS1524: incremental angle
VELOCITY_LSB_M_S = 2.0**-22  # and incremental velocity of the 10 g part
UNIT_Q14, UNIT_Q29 = 1 << 14, 1 << 29
_SAMPLES_A_TICK = 5
_TICK_S = 0.01
_COUNT_MASK = 0x1FFFFFFF
_RANGE_VALID, _VELOCITY_VALID = 1, 8
_UPRIGHT = (1.0, 0.0, 0.0, 0.0)


class RecordedImu:
    """An inertial unit's increments, summed over each tick; `readings` has the IMU_ slots."""

    def __init__(self, readings: Any) -> None:
        self.readings = readings
        self._sums = [0] * 7  # samples, three angles, three velocities
        self._lost = 0
        self._faults = 0

    def take(self, reading: Reading) -> None:
        """One row of imu."""
        values, sums = reading.values, self._sums
        self._lost += int(values.get("lost", 0))
        self._faults += int(values.get("faults", 0))
        if values["samples"]:
            sums[0] += int(values["samples"])
            for i in range(3):
                sums[1 + i] += round(values[ANGLES[i]] / ANGLE_LSB_DEG)
                sums[4 + i] += round(values[KICKS[i]] / VELOCITY_LSB_M_S)

    def poll(self) -> int:
        """Hand over what has come since the last poll; the number of samples."""
        readings = self.readings
        for slot, value in enumerate(self._sums):
            readings[s.IMU_SAMPLES + slot] = value
            self._sums[slot] = 0
        readings[s.IMU_LOST] = (readings[s.IMU_LOST] + self._lost) & _COUNT_MASK
        readings[s.IMU_FAULTS] = (readings[s.IMU_FAULTS] + self._faults) & _COUNT_MASK
        self._lost = self._faults = 0
        return readings[s.IMU_SAMPLES]


class RecordedInertial:
    """Ready-made velocity and attitude in place of an inertial unit: the state is set before each step.

    The increments handed over are those of an unaccelerated flight at that velocity, so that the step adds
    the way of a tick and nothing else. What a row leaves empty stays as it was, or moves along.
    """

    def __init__(self, readings: Any, estimate: Any) -> None:
        self.readings = readings
        self._estimate = estimate
        self._values: dict[str, float] = {}
        self._position: dict[str, float] = {}  # what rows since the last poll say of it

    def take(self, reading: Reading) -> None:
        """One row of inertial."""
        self._values.update(reading.values)
        self._position.update((name, reading.values[name]) for name in POSITION if name in reading.values)

    def poll(self) -> int:
        """Set the state of this tick; the number of samples."""
        if not self._values:
            return 0
        estimate = self._estimate
        speeds = np.array([self._values[name] for name in SPEEDS])
        for i, speed_m_s in enumerate(speeds):
            estimate[s.EST_VELOCITY_UP_Q8 + i] = round(speed_m_s * 256e3)
        state.normalise(estimate, *attitude_q29(self._values))
        state.rotation_matrix(estimate)
        # the step that follows moves on by a tick
        for slot, name, speed_m_s in zip(
            (s.EST_ALTITUDE_MM, s.EST_DOWNRANGE_MM, s.EST_CROSSRANGE_MM), POSITION, speeds, strict=True
        ):
            if name in self._position:
                estimate[slot] = round(1e3 * (self._position[name] - speed_m_s * _TICK_S))
        self._position.clear()
        kick_m_s = self._body_to_local().T @ (self._hovering_m_s2(speeds) * _TICK_S)
        self.readings[s.IMU_SAMPLES] = _SAMPLES_A_TICK
        for i in range(3):
            self.readings[s.IMU_ANGLE_X + i] = 0
            self.readings[s.IMU_VELOCITY_X + i] = round(float(kick_m_s[i]) / VELOCITY_LSB_M_S)
        return _SAMPLES_A_TICK

    def _body_to_local(self) -> np.ndarray:
        return np.array(self._estimate[s.EST_R00 : s.EST_R00 + 9], dtype=float).reshape(3, 3) / UNIT_Q29

    def _hovering_m_s2(self, speeds: np.ndarray) -> np.ndarray:
        """Specific force up, downrange and crossrange of a vehicle whose speeds over the ground stay."""
        up, down, cross = speeds
        radius_m = RADIUS_M + 1e-3 * self._estimate[s.EST_ALTITUDE_MM]
        gravity = MU_M3_S2 / radius_m**2
        return np.array(
            [gravity - (down**2 + cross**2) / radius_m, up * down / radius_m, up * cross / radius_m]
        )


class RecordedAltimeter:
    """A laser's or radar's replies; `readings` has the ALT_ slots."""

    def __init__(self, readings: Any) -> None:
        self.readings = readings
        self._replies: list[Reading] = []

    def take(self, reading: Reading) -> None:
        """One row of this altimeter."""
        self._replies.append(reading)

    def poll(self) -> int:
        """Take the replies that have come since the last poll; how many."""
        count = len(self._replies)
        for reply in self._replies:
            self._write(reply)
        self._replies.clear()
        return count

    def request(self, cos_q14: int, sin_q14: int) -> None:
        """Nobody answers."""

    def _write(self, reply: Reading) -> None:
        readings, values = self.readings, reply.values
        status = reply.flags
        if "range_m" in values:
            status |= _RANGE_VALID
        if DOPPLER[0] in values:
            status |= _VELOCITY_VALID
        readings[s.ALT_COUNT] = (readings[s.ALT_COUNT] + 1) & _COUNT_MASK
        readings[s.ALT_STATUS] = status
        readings[s.ALT_RANGE_MM] = round(values.get("range_m", 0.0) * 1e3)
        readings[s.ALT_AGE_MS] = int(values.get("age_ms", 0))
        readings[s.ALT_BEAM_COS_Q14] = round(values.get(BEAM[0], 1.0) * UNIT_Q14)
        readings[s.ALT_BEAM_SIN_Q14] = round(values.get(BEAM[1], 0.0) * UNIT_Q14)
        for i, name in enumerate(DOPPLER):
            readings[s.ALT_VELOCITY_X_MM_S + i] = round(values.get(name, 0.0) * 1e3)


def attitude_q29(values: dict[str, float]) -> list[int]:
    """The quaternion of a row, body to local, as the state has it; upright where there is none."""
    return [
        min(UNIT_Q29 - 1, max(1 - UNIT_Q29, round(values.get(name, default) * UNIT_Q29)))
        for name, default in zip(ATTITUDE, _UPRIGHT, strict=True)
    ]
