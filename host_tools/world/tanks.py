"""Tanks behind a regulator, and the bottle of helium that pressurises them, as this flight drew them.

Each volume of propellant that leaves is filled with helium of the tanks' pressure, so the bottle's pressure
falls in proportion to the mass that has gone; how much for each kilogram depends on how much heat it takes
from its wall. Engines see a constant pressure, hence a constant thrust. Public of the Series 1 lander are the
maker of its propulsion and the kinds of its engines, not its feed system: regulated helium is assumed, as is
every number.
"""

import numpy as np

from host_tools.scenarios.vehicle import Vehicle

TANK_KPA = 1_800.0  # of fuel and oxidiser, behind the regulator
BOTTLE_FULL_KPA = 27_600.0  # at ignition
BOTTLE_EMPTY_KPA = 6_000.0  # when all propellant is gone
REGULATOR_SIGMA = 0.01  # of its set point
FALL_SIGMA = 0.01  # of the bottle's fall for each kilogram, after what earlier burns have taught
LEAST_DROP_KPA = 300.0  # between bottle and tanks, for the regulator to regulate


def fall_kpa_kg(vehicle: Vehicle) -> float:
    """What a kilogram of propellant costs the bottle, nominally."""
    return (BOTTLE_FULL_KPA - BOTTLE_EMPTY_KPA) / vehicle.propellant_at_ignition_kg


class Tanks:
    """Pressures by the mass that the vehicle still has; mass_kg: at ignition."""

    def __init__(self, vehicle: Vehicle, mass_kg: float, rng: np.random.Generator) -> None:
        fuel, oxidiser, fall = rng.standard_normal(3)
        self._mass_kg = mass_kg
        self._set_kpa = TANK_KPA * (1.0 + REGULATOR_SIGMA * np.array([fuel, oxidiser]))
        self._fall_kpa_kg = fall_kpa_kg(vehicle) * (1.0 + FALL_SIGMA * fall)

    def pressures_kpa(self, mass_kg: float) -> tuple[float, float, float]:
        """Of fuel tank, oxidiser tank and bottle."""
        bottle = max(0.0, BOTTLE_FULL_KPA - self._fall_kpa_kg * (self._mass_kg - mass_kg))
        fuel, oxidiser = np.minimum(self._set_kpa, max(0.0, bottle - LEAST_DROP_KPA))
        return float(fuel), float(oxidiser), float(bottle)
