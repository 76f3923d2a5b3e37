"""One burn that every simulation is given: a vehicle, its state at ignition, and a valve schedule.

The schedule is what the flight code commands in the first minutes of a landing; from there on nothing
is controlled, so that a difference in any force or torque grows for as long as the burn lasts.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from host_tools.host_board.lander import Lander
from host_tools.landing.loop import prepare
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world.vehicle import FlightVehicle
from host_tools.world.world import World

Floats = NDArray[np.float64]

SUBSTEP_S = dyn.SUBSTEP_US * 1e-6
SAMPLE_TICKS = 10  # between two rows of a path
SAMPLE_S = SAMPLE_TICKS * dyn.TICK_US * 1e-6
STATE_SIZE = dyn.THRUST  # of a row: position, velocity, quaternion, rates, mass


@dataclass(frozen=True)
class Burn:
    """What every simulation starts from, and where our world came to."""

    vehicle: FlightVehicle
    shares: Floats  # (substeps, valves): share of each substep of 2 ms in which the valve is open
    path: Floats  # (samples, STATE_SIZE): our world's state at every SAMPLE_S, the first at ignition

    @property
    def seconds(self) -> float:
        return len(self.shares) * SUBSTEP_S


def without_mass_error(scenario: Scenario) -> Scenario:
    """The scenario with the profile's mass at ignition; thrust, Isp, aim and balance stay dispersed.

    Our world's inertia is linear in the mass only up to the profile's mass, a tank's everywhere.
    """
    exact = scenario.dispersions.model_copy(update={"mass_fraction": 0.0})
    return scenario.model_copy(update={"dispersions": exact})


def record(scenario: Scenario, seed: int, seconds: float) -> Burn:
    """Fly the first `seconds` of a landing with the flight code and keep its valve schedule.

    Raises ValueError when a tank runs empty or the ground comes near: neither is in the comparison.
    """
    prepare(scenario)
    world = World(without_mass_error(scenario), seed)
    lander = Lander(world, flight_parameters(scenario.vehicle))
    ticks = round(seconds * 1e6 / dyn.TICK_US)
    shares = np.zeros((ticks, dyn.SUBSTEPS, dyn.VALVES))
    path = [world.truth[:STATE_SIZE].copy()]
    for tick in range(ticks):
        lander.step()
        shares[tick] = world.open_shares
        if (tick + 1) % SAMPLE_TICKS == 0:
            path.append(world.truth[:STATE_SIZE].copy())
    if world.propellant_kg <= 0.0 or world.view[dyn.AGL_M] < 100.0:
        raise ValueError(f"{scenario.name}: {seconds:g} s are too long for a burn far from the ground")
    return Burn(world.vehicle, shares.reshape(-1, dyn.VALVES), np.array(path))


@njit(cache=True)
def mean_thrusts_n(shares: Floats, thrusters: Floats) -> Floats:
    """(substeps, valves): each nozzle's mean thrust in each substep, from the valve schedule alone.

    A nozzle follows its valve with one time constant for filling and another for emptying; within a
    substep the valve counts as open by its share. Written apart from the world, whose work it judges.
    """
    means = np.zeros_like(shares)
    for valve in range(shares.shape[1]):
        full_n = thrusters[valve, dyn.T_FORCE_N]
        now_n = 0.0
        for k in range(shares.shape[0]):
            aim_n = full_n * shares[k, valve]
            tau_s = thrusters[valve, dyn.T_RISE_S if aim_n > now_n else dyn.T_FALL_S]
            gone = -math.expm1(-SUBSTEP_S / tau_s)  # of the gap between thrust and aim
            means[k, valve] = aim_n - (aim_n - now_n) * gone * tau_s / SUBSTEP_S
            now_n += (aim_n - now_n) * gone
    return means
