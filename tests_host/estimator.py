"""The inertial estimator at the start of a descent, and what its tests share: its constants, quaternions."""

from array import array

import numpy as np

from plumbline.kernels import slots, state

RADIUS_M, MU = 1_737_400.0, 4.902800066e12  # IAU 2015; DE440
VELOCITY_LSB = 2.0**-22  # STIM300, TS1524: incremental velocity
SAMPLE_S, SAMPLES = 0.002, 5
START_DOWNRANGE_MM = -660_000_000


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Quaternion products, scalar first, row by row."""
    scalar = a[:, 0] * b[:, 0] - (a[:, 1:] * b[:, 1:]).sum(1)
    vector = a[:, :1] * b[:, 1:] + b[:, :1] * a[:, 1:] + np.cross(a[:, 1:], b[:, 1:])
    return np.column_stack([scalar, vector])


def about(axis: int, angle: np.ndarray) -> np.ndarray:
    q = np.zeros((len(angle), 4))
    q[:, 0], q[:, 1 + axis] = np.cos(angle / 2), np.sin(angle / 2)
    return q


class Estimator:
    """The kernel's three arrays, set to a start."""

    def __init__(
        self, quaternion=(1.0, 0.0, 0.0, 0.0), altitude_m=20_000.0, velocity=(0.0, 0.0, 0.0)
    ) -> None:
        self.estimate = array("i", [0] * slots.EST_SIZE)
        self.state = array("i", [0] * slots.STA_SIZE)
        self.imu = array("i", [0] * slots.IMU_SIZE)
        self.estimate[slots.EST_ALTITUDE_MM] = round(altitude_m * 1000)
        self.estimate[slots.EST_DOWNRANGE_MM] = START_DOWNRANGE_MM
        for axis in range(3):
            self.estimate[slots.EST_VELOCITY_UP_Q8 + axis] = round(velocity[axis] * 256_000)
        parts = [max(1 - 2**29, min(2**29 - 1, round(part * 2**29))) for part in quaternion]
        state.normalise(self.estimate, *parts)
        state.rotation_matrix(self.estimate)

    def tick(self, angles, kicks, samples=SAMPLES, lost=0) -> int:
        self.imu[slots.IMU_SAMPLES] = samples
        self.imu[slots.IMU_LOST] += lost
        for axis in range(3):
            self.imu[slots.IMU_ANGLE_X + axis] = int(angles[axis])
            self.imu[slots.IMU_VELOCITY_X + axis] = int(kicks[axis])
        return state.step(self.estimate, self.state, self.imu)

    @property
    def velocity(self) -> list[float]:
        """m/s"""
        return [self.estimate[slots.EST_VELOCITY_UP_Q8 + axis] / 256_000 for axis in range(3)]

    @property
    def matrix(self) -> np.ndarray:
        return np.array(self.estimate[slots.EST_R00 : slots.EST_R00 + 9]).reshape(3, 3) / 2**29
