"""The mathematics of inertial navigation over a sphere, in real numbers and SI-like units.

Lengths in mm, speeds in mm/s, angles in rad, 2 ms a sample. Sources: strapdown kinematics as in
Savage; the Moon as in host_tools/world/moon.py (mean radius of the IAU, GM of DE440).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[Any]  # float64 or longdouble, (vectors,)

RADIUS_MM = 1_737_400_000.0
MU_MM3_S2 = 4.902800066e12 * 1e9
SAMPLE_S = 0.002
ANGLE_LSB_RAD = np.pi / 180 / 2**21  # STIM300, incremental angle
VELOCITY_LSB_MM_S = 1000 / 2**22  # STIM300, incremental velocity


def real(value: NDArray[Any]) -> Real:
    """Extended precision: full 31-bit products stay exact."""
    return np.asarray(value, np.longdouble)


def gravity_mm_s2(altitude_mm: Real) -> Real:
    """Inverse square of the distance from the centre."""
    return MU_MM3_S2 / (RADIUS_MM + altitude_mm) ** 2


def product(p: list[Real], q: list[Real]) -> list[Real]:
    """Hamilton's product, scalar first."""
    a, b, c, d = p
    e, f, g, h = q
    return [
        a * e - b * f - c * g - d * h,
        a * f + b * e + c * h - d * g,
        a * g - b * h + c * e + d * f,
        a * h + b * g - c * f + d * e,
    ]


def rotation(half_x: Real, half_y: Real, half_z: Real) -> list[Real]:
    """The quaternion of a rotation vector, given half of it."""
    half = np.sqrt(half_x * half_x + half_y * half_y + half_z * half_z)
    over = np.where(half < 1e-6, 1 - half * half / 6, np.sin(half) / np.where(half == 0, 1, half))
    return [np.cos(half), half_x * over, half_y * over, half_z * over]


def unit(q: list[Real]) -> list[Real]:
    """The same direction with length 1."""
    length = np.sqrt(sum((part * part for part in q), start=np.longdouble(0)))
    return [part / length for part in q]


def matrix(q: list[Real]) -> list[Real]:
    """Body-to-local matrix of a quaternion near length 1, nine entries by rows."""
    w, x, y, z = q
    return [
        1 - 2 * (y * y + z * z),
        2 * (x * y - w * z),
        2 * (x * z + w * y),
        2 * (x * y + w * z),
        1 - 2 * (x * x + z * z),
        2 * (y * z - w * x),
        2 * (x * z - w * y),
        2 * (y * z + w * x),
        1 - 2 * (x * x + y * y),
    ]


def turning_frame(velocity: list[Real], turn: list[Real]) -> list[Real]:
    """Change of (up, downrange, crossrange) velocity because the axes turn: minus turn cross v."""
    up, down, cross = velocity
    about_down, about_cross = turn
    return [about_cross * down - about_down * cross, -about_cross * up, about_down * up]


def seen_from(vector: list[Real], half: list[Real]) -> list[Real]:
    """A vector turned by the rotation vector of which `half` is half."""
    q = rotation(*half)
    conjugate = [q[0], -q[1], -q[2], -q[3]]
    return product(product(q, [0 * vector[0], *vector]), conjugate)[1:]
