"""The structure board with its outputs busy: all heaters on, the ramp under way."""

from plumbline.kernels import slots
from plumbline.ports.bus_board import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.heaters import PULSE_US
from plumbline.subsystems.structure import Structure
from plumbline.subsystems.structure_parameters import StructureParameters

__all__ = ["Board", "busy"]

_FIRING = 2
_RAMP = 2


def busy(board):
    """The program, as if it were always too cold and the ramp had just been fired for 10 s."""
    structure = Structure(
        board, StructureParameters.from_file("/parameters.json"), LimitTable.from_file("/limits.json")
    )
    structure.heaters.step = lambda _index, _count: PULSE_US
    structure.heaters.renew = lambda _index: PULSE_US
    arming = structure.releases.memory
    arming[slots.ARM_STATE] = _FIRING
    arming[slots.ARM_ACTUATOR] = _RAMP
    arming[slots.ARM_PULSE_LEFT_US] = 10_000_000
    return structure
