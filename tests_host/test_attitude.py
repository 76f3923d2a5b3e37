"""kernels/attitude.py: the signs of its torques, and a rigid body that it turns into place."""

import math
from array import array

import numpy as np
import pytest

from plumbline.kernels import attitude, slots

WAITING, COAST, BRAKING, CONTACT, LANDED, ABORT, ORBIT = 0, 1, 2, 5, 6, 7, 8
ARMED, MAIN_ENGINE, NEAR_GROUND, BLURRED = 1, 2, 4, 8
JET_RAD_S2 = np.array([0.094, 0.043, 0.043])  # 22 N * 1.2 m on 560 and 620 kg m2, roll by two jets
TRIM_RAD_S2 = 0.8 * 200 * 3 / 620  # six thrusters of 200 N on a ring of 0.8 m, per unit of duty
TRIM_LIMIT = 1638


def rotation(axis, angle: float) -> np.ndarray:
    """Rodrigues: the matrix that turns by `angle` about `axis`."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


class Body:
    """A rigid body with three independent axes; the kernel sees its matrix and its rates."""

    def __init__(self, matrix: np.ndarray, direction=(1.0, 0.0, 0.0), throttle=8000) -> None:
        self.matrix, self.rates = matrix, np.zeros(3)
        self.push = np.zeros(3)  # disturbance, rad/s2
        self.memory = array("i", [0] * slots.ATT_SIZE)
        self.demand = array("i", [0] * slots.DEM_SIZE)
        self.estimate = array("i", [0] * slots.EST_SIZE)
        self.guidance = array("i", [0] * slots.GUI_SIZE)
        self.guidance[slots.GUI_PHASE] = BRAKING
        self.guidance[slots.GUI_MAIN_ON] = 1
        self.guidance[slots.GUI_THROTTLE_Q14] = throttle
        unit = np.asarray(direction, float) / np.linalg.norm(direction)
        self.wanted = unit
        for axis in range(3):
            self.guidance[slots.GUI_DIRECTION_UP_Q14 + axis] = round(unit[axis] * 16384)

    def look(self) -> None:
        limit = 2**29 - 1
        for i, value in enumerate(self.matrix.flatten().tolist()):
            self.estimate[slots.EST_R00 + i] = max(-limit, min(limit, round(value * 2**29)))
        for axis in range(3):
            self.estimate[slots.EST_RATE_X_URAD_S + axis] = round(self.rates[axis] * 1e6)

    def step(self) -> int:
        self.look()
        return attitude.step(self.memory, self.demand, self.estimate, self.guidance)

    @property
    def torque(self) -> np.ndarray:
        return np.array(self.demand[slots.DEM_TORQUE_X_Q14 : slots.DEM_TORQUE_X_Q14 + 3]) / 16384

    @property
    def trim(self) -> np.ndarray:
        return np.array(self.demand[slots.DEM_TRIM_Y_Q14 : slots.DEM_TRIM_Y_Q14 + 2])

    def fly(self, seconds: float, trimming=True) -> None:
        for _ in range(round(seconds * 100)):
            self.step()
            acceleration = self.torque * JET_RAD_S2 + self.push
            if trimming:
                acceleration[1:] += self.trim / 16384 * TRIM_RAD_S2
            self.rates = self.rates + acceleration * 0.01
            angle = float(np.linalg.norm(self.rates)) * 0.01
            if angle > 0:
                self.matrix = self.matrix @ rotation(self.rates, angle)

    @property
    def pointing_rad(self) -> float:
        """Angle between thrust axis and demand."""
        return math.acos(max(-1.0, min(1.0, float(self.matrix[:, 0] @ self.wanted))))

    @property
    def roll_rad(self) -> float:
        """How far body y leans across the track."""
        return math.asin(float(self.matrix[2, 1]))


def turned(axis: int, angle: float) -> np.ndarray:
    return rotation(np.eye(3)[axis], angle)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("angle", [-0.2, -0.01, 0.01, 0.2])
def test_an_error_about_one_axis_is_answered_by_the_torque_that_reduces_it(axis, angle):
    # A body turned by +angle about its own axis must be turned back: torque 4 * angle against it.
    body = Body(turned(axis, angle))
    body.step()
    expected = np.zeros(3)
    expected[axis] = -4 * math.sin(angle)
    assert body.torque == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("rate", [-0.05, 0.05])
def test_a_rate_is_answered_by_the_torque_that_brakes_it(axis, rate):
    body = Body(np.eye(3))
    body.rates[axis] = rate
    body.step()
    expected = np.zeros(3)
    expected[axis] = -13 * rate
    assert body.torque == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("direction", [(1, 0, 0), (0.5, -0.8, 0.0), (0.3, -0.9, 0.3), (0.9, 0.2, -0.3)])
@pytest.mark.parametrize("seed", range(4))
def test_any_first_attitude_converges_to_the_demand(direction, seed):
    noise = np.random.default_rng(seed)
    target = np.asarray(direction, float) / np.linalg.norm(direction)
    z = np.array([0.0, 0.0, 1.0]) - target[2] * target
    z /= np.linalg.norm(z)
    aligned = np.column_stack([target, np.cross(z, target), z])
    assert np.linalg.det(aligned) == pytest.approx(1.0)
    body = Body(aligned @ rotation(noise.normal(size=3), noise.uniform(0.3, 2.4)), direction)
    body.fly(90.0)
    assert body.pointing_rad < math.radians(0.5)
    assert abs(body.roll_rad) < math.radians(0.5)
    assert np.abs(body.rates).max() < 0.005


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("degrees", [91, 150, 179.9, -179.9, 180])
def test_a_thrust_axis_that_points_backward_is_turned_round(axis, degrees):
    body = Body(turned(axis, math.radians(degrees)))
    body.fly(90.0)
    assert body.pointing_rad < math.radians(0.5)


def test_a_body_rolled_by_170_degrees_is_rolled_back():
    body = Body(turned(0, math.radians(170)))
    body.fly(120.0)
    assert abs(body.roll_rad) < math.radians(0.5)
    assert body.matrix[2, 2] > 0.99


def test_the_slew_stays_near_4_7_degrees_a_second():
    # 0.27 rad * 4 / 13 = 0.083 rad/s
    body, fastest = Body(turned(2, 1.5)), 0.0
    for _ in range(3000):
        body.fly(0.01)
        fastest = max(fastest, float(np.abs(body.rates).max()))
    assert 0.06 < fastest < 0.1


# --- trim ----------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("newton_metres", [-20.0, 20.0])
def test_a_steady_torque_moves_into_the_trim_and_leaves_the_jets_alone(axis, newton_metres):
    # 20 N m of 480 a unit of duty: 0.042 or 683 of 2^14
    body = Body(np.eye(3))
    body.push[axis] = newton_metres / 620
    body.fly(120.0)
    assert body.trim[axis - 1] == pytest.approx(-newton_metres / 480 * 16384, abs=15)
    assert body.trim[2 - axis] == pytest.approx(0, abs=15)
    assert np.abs(body.torque).max() < 0.025
    assert body.pointing_rad < math.radians(0.5)


@pytest.mark.parametrize("sign", [1, -1])
def test_trim_is_bounded_at_10_percent(sign):
    body = Body(turned(1, sign * 0.3))
    for _ in range(30_000):
        body.step()
    assert body.trim[0] in (-sign * TRIM_LIMIT, -sign * TRIM_LIMIT - 1, -sign * TRIM_LIMIT + 1)
    assert abs(body.trim[0]) <= TRIM_LIMIT


def test_trim_is_kept_and_does_not_grow_while_the_assist_thrusters_rest():
    body = Body(turned(1, 0.1))
    for _ in range(100):
        body.step()
    kept = body.trim.copy()
    assert kept.any()
    body.guidance[slots.GUI_THROTTLE_Q14] = 1638
    for _ in range(1000):
        body.step()
    assert (body.trim == kept).all()


# --- phases --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "main", "flags", "steering"),
    [
        (WAITING, 0, 0, False),
        (COAST, 0, ARMED, True),
        (BRAKING, 1, ARMED | MAIN_ENGINE, True),
        (CONTACT, 1, ARMED | MAIN_ENGINE | NEAR_GROUND, False),
        (LANDED, 0, 0, False),
        (ABORT, 1, ARMED | MAIN_ENGINE, True),
        (ORBIT, 0, ARMED, True),
    ],
)
def test_what_is_armed_in_a_phase(phase, main, flags, steering):
    body = Body(turned(2, 0.2))
    body.guidance[slots.GUI_PHASE], body.guidance[slots.GUI_MAIN_ON] = phase, main
    assert body.step() == flags
    assert body.demand[slots.DEM_FLAGS] == flags
    assert body.torque.any() == steering
    assert body.demand[slots.DEM_THROTTLE_Q14] == (8000 if steering else 0)
    body.estimate[slots.EST_BLURRED_TICKS] = 1
    assert body.step() == flags | BLURRED
