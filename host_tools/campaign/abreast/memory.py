"""The integers of LANES landers in one array of shape (SIZE, LANES), handed out as kernels want their arrays.

Parts of one array at constant places: the compiler sees that they do not overlap, which it cannot
see of arrays that were made apart, and nothing counts references (see host_board/rows.py).
"""

from typing import Any

from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numba.core import cgutils
from numba.np.arrayobj import populate_array

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.campaign.abreast.wholes import column
from host_tools.world.lanes import LANES, emitted
from plumbline.kernels import slots

LEGS = 4
VALVES = 15
PARTS = (  # name, slots
    ("imu", slots.IMU_SIZE),
    ("laser", slots.ALT_SIZE),
    ("radar", slots.ALT_SIZE),
    ("estimate", slots.EST_SIZE),
    ("state", slots.STA_SIZE),
    ("vote", slots.VOT_SIZE),
    ("guidance", slots.GUI_SIZE),
    ("attitude", slots.ATT_SIZE),
    ("demand", slots.DEM_SIZE),  # as navigation writes it
    ("taken", slots.DEM_SIZE),  # as propulsion takes it out of its packet
    ("modulation", slots.MOD_SIZE),
    ("pulses_us", VALVES),
    ("motion", slots.MOT_SIZE),
    ("health", slots.HEA_SIZE),
    ("turning", slots.TRN_SIZE),
    ("params", slots.PAR_SIZE),
    ("fit", 4 * slots.FIT_STRIDE),
    ("contact_ticks", LEGS),
)
PLACES: dict[str, slice] = {}
_end = 0
for _name, _size in PARTS:
    PLACES[_name] = slice(_end, _end + _size)
    _end += _size
SIZE = _end


def _part(name: str) -> Any:
    """A compiled function from the memory and a lane to a part: one landing's, or of ALL_LANES."""
    first, size = PLACES[name].start, PLACES[name].stop - PLACES[name].start

    @emitted
    def part(_context: Any, memory: Any, lane: Any) -> Any:
        every = isinstance(lane, types.NoneType)
        result = column if every else types.Array(types.int32, 1, "A")

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            whole = context.make_array(sig.args[0])(context, builder, args[0])
            start = cgutils.gep(builder, whole.data, first * LANES)
            if every:
                return start
            found = context.make_array(result)(context, builder)
            populate_array(
                found,
                data=cgutils.gep(builder, start, context.cast(builder, args[1], sig.args[1], types.intp)),
                shape=[context.get_constant(types.intp, size)],
                strides=[context.get_constant(types.intp, 4 * LANES)],
                itemsize=context.get_constant(types.intp, 4),
                meminfo=None,
            )
            return found._getvalue()

        return result(memory, lane), generate

    return part


imu, laser, radar = _part("imu"), _part("laser"), _part("radar")
estimate, state, vote, guidance = _part("estimate"), _part("state"), _part("vote"), _part("guidance")
attitude, demand, taken = _part("attitude"), _part("demand"), _part("taken")
modulation, pulses_us = _part("modulation"), _part("pulses_us")
motion, health, turning = _part("motion"), _part("health"), _part("turning")
params, fit, contact_ticks = _part("params"), _part("fit"), _part("contact_ticks")
