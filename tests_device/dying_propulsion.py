"""The propulsion board with every valve busy: main engine, assist thrusters and RCS."""

from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.ports import Board
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

__all__ = ["Board", "busy"]


def busy(board):
    """The program, as if a demand had just come in every tick."""
    propulsion = Propulsion(board, PropulsionParameters.from_file("/parameters.json"), "/limits.json")

    def keep_demand(_count):
        propulsion._age_ticks = 0

    propulsion._take_demand = keep_demand
    demand = propulsion.demand
    demand[slots.DEM_FLAGS] = dictionary.DEMAND_ARMED | dictionary.DEMAND_MAIN_ENGINE
    demand[slots.DEM_THROTTLE_Q14] = 9000
    for axis in range(3):
        demand[slots.DEM_TORQUE_X_Q14 + axis] = 12000
    return propulsion
