"""Ground that is too steep to stand on: felt by the altimeters as the lander drifts over it, and left.

Along the track only: nothing on board looks to the side.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_EST_ALTITUDE_MM = const(0)
_EST_AGL_MM = const(1)
_EST_DOWNRANGE_MM = const(2)
_EST_AGL_VALID = const(29)
_EST_HEIGHT_DOUBT_MM = const(32)  # what of agl must not be counted on

_GUI_HOVER_S = const(21)  # how long the propellant lasts to hover
_GUI_PASSED_MM = const(22)
_GUI_PASSED_GROUND_MM = const(23)
_GUI_LEVEL_WANTED_MM = const(24)

_FROM_HEIGHT_MM = const(120000)
_TO_HEIGHT_MM = const(12000)  # lower there is no going away any more
_FARTHEST_MM = const(500000000)
_STRETCH_MM = const(6000)  # some three times what stands on it
_JUMP_MM = const(24000)
_LEVEL_MM = const(12000)
_STANDS_ON = const(5)  # 1 in 5, 11 degrees
_RESERVE_S = const(80)  # to come down from there, and 3 % of the propellant
_DRIFT_MM_S = const(2500)


@micropython.viper
def must_leave(guidance: ptr32, estimate: ptr32) -> int:
    """1 while the ground that was passed last is too steep to stand on: until 12 m of level ground have
    passed below, or the propellant only lasts to come down.

    Stays a call.
    """
    height = estimate[_EST_AGL_MM]
    place = int(clamp(estimate[_EST_DOWNRANGE_MM], 0 - _FARTHEST_MM, _FARTHEST_MM))
    ground = estimate[_EST_ALTITUDE_MM] - height
    felt = estimate[_EST_AGL_VALID]
    if height > _FROM_HEIGHT_MM or height < _TO_HEIGHT_MM or estimate[_EST_HEIGHT_DOUBT_MM] > 0:
        felt = 0
    if felt == 0:
        place = 0 - _FARTHEST_MM  # what comes after it begins anew
    moved = place - guidance[_GUI_PASSED_MM]
    if moved < 0:
        moved = 0 - moved
    if felt == 0 or moved >= _STRETCH_MM:
        level = 0
        if felt == 1 and moved < _JUMP_MM:
            rise = ground - guidance[_GUI_PASSED_GROUND_MM]
            if rise < 0:
                rise = 0 - rise
            level = int(clamp(guidance[_GUI_LEVEL_WANTED_MM] - moved, 0, _LEVEL_MM))
            if rise > moved // _STANDS_ON:
                level = _LEVEL_MM
        guidance[_GUI_PASSED_MM] = place
        guidance[_GUI_PASSED_GROUND_MM] = ground
        guidance[_GUI_LEVEL_WANTED_MM] = level
    if guidance[_GUI_LEVEL_WANTED_MM] > 0 and guidance[_GUI_HOVER_S] > _RESERVE_S:
        return 1
    return 0


@micropython.viper
def drift_on(speed: int, limit: int) -> int:
    """Sideways force that keeps on at 2.5 m/s the way that it moves, mm/s2.

    Ranges: speed -2_000_000..2_000_000, limit 0..30_517.
    """
    wanted = _DRIFT_MM_S
    if speed < 0:
        wanted = 0 - _DRIFT_MM_S
    return int(clamp((wanted - speed) >> 1, 0 - limit, limit))
