"""The Moon as this world knows it: a sphere with central gravity, not rotating.

Rotation is left out (assumed): 4.6 m/s of ground speed at the equator, which a descent of
15 minutes sees as a constant offset of the target.
"""

RADIUS_M = 1_737_400.0  # mean radius, IAU 2015 report on cartographic coordinates
MU_M3_S2 = 4.902800066e12  # DE440
SURFACE_GRAVITY_M_S2 = MU_M3_S2 / RADIUS_M**2
STANDARD_GRAVITY_M_S2 = 9.80665  # for Isp and for the inertial unit's milli-g
