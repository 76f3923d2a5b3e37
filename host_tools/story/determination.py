"""What orbit determination and the star tracker say, whenever they are asked: the truth, beside which their
errors stay what they were when the flight began.

    determination = Determination(world)       # before the world's first tick
    determination.fields()                     # of INITIAL_STATE, for now

At the first tick they are those of host_board/surroundings.py's initial_state. Before the burn only.
"""

import numpy as np
from numpy.typing import NDArray

from host_tools.world import dynamics as dyn
from host_tools.world.world import World, quaternion_of

_ONE_Q29 = 2**29
_PLACE = (dyn.ALTITUDE_M, dyn.DOWNRANGE_M, dyn.CROSSRANGE_M)
_SPEED = (dyn.SPEED_UP, dyn.SPEED_DOWNRANGE, dyn.SPEED_CROSSRANGE)
_AXES = (dyn.UP_X, dyn.DOWN_X, dyn.CROSS_X)


class Determination:
    """Errors of the world's seed: m, m/s, and a small turn; places move on by the speeds' error."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._began_us = world.now_us
        attitude = self._attitude()
        start = world.scenario.start
        place = np.array([world.believed_altitude_m, world.believed_downrange_m, 0.0])
        speed = np.array([start.vertical_speed_m_s, start.horizontal_speed_m_s, 0.0])
        self._place_off = world.view[list(_PLACE)] - place
        self._speed_off = world.view[list(_SPEED)] - speed
        believed = np.array([dyn.rotated(*world.believed_attitude, *axis) for axis in np.eye(3)]).T
        self._turn = believed.T @ attitude

    def fields(self) -> list[int]:
        """Of INITIAL_STATE, in its order and units."""
        world = self._world
        attitude = self._attitude()
        since_s = (world.now_us - self._began_us) * 1e-6
        place = world.view[list(_PLACE)] - self._place_off - self._speed_off * since_s
        speed = world.view[list(_SPEED)] - self._speed_off
        q = quaternion_of(attitude @ self._turn.T)
        return [
            *(round(float(x) * 1e3) for x in place),
            *(round(float(x) * 256e3) for x in speed),
            *(min(_ONE_Q29 - 1, max(1 - _ONE_Q29, round(float(x) * _ONE_Q29))) for x in q),
            round(world.scenario.vehicle.told.ignition_mass_kg * 1e3),
        ]

    def _attitude(self) -> NDArray[np.float64]:
        """Body to local, as a matrix."""
        self._world.look()  # high up the view is brought up to date only as far as somebody wants it
        return np.array([self._world.view[first : first + 3] for first in _AXES])
