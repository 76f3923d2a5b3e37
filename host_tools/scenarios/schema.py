"""A landing as data: what a scenario file holds, and the checks that need no flight to be made.

Distances along the track are `downrange`: 0 at the landing site, negative before it.
Altitude is above the site's datum; agl is above the ground below.
"""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from host_tools.scenarios.faults import ALTIMETER, TARGETS
from host_tools.scenarios.faults import Fault as Fault
from host_tools.scenarios.ground import Rim as Rim
from host_tools.scenarios.ground import TerrainSpec as TerrainSpec
from host_tools.scenarios.quantity import number, quantity
from host_tools.scenarios.sourced import Sourced, complain
from host_tools.scenarios.vehicle import Vehicle

Text = Annotated[str, Field(min_length=1)]


class Start(Sourced):
    """State at the ignition of the braking burn."""

    altitude_m: Annotated[float, quantity("m", 1_000, 100_000)]
    horizontal_speed_m_s: Annotated[float, quantity("m/s", 20, 2_400)]
    vertical_speed_m_s: Annotated[float, quantity("m/s", -300, 300)]  # positive up
    range_to_site_m: Annotated[float, quantity("m", 1_000, 1_000_000)]
    # the altitude that navigation is told, less the true one; positive: it believes itself too high
    altitude_error_m: Annotated[float, quantity("m", -5_000, 5_000)] = 0.0


class Dispersions(Sourced):
    """One standard deviation each; drawn once per flight from its seed."""

    altitude_m: Annotated[float, quantity("m", 0, 5_000)]
    range_m: Annotated[float, quantity("m", 0, 20_000)]
    crossrange_m: Annotated[float, quantity("m", 0, 20_000)]
    speed_m_s: Annotated[float, quantity("m/s", 0, 20)]  # each axis
    attitude_rad: Annotated[float, quantity("rad", 0, 0.1)]
    mass_fraction: Annotated[float, quantity("fraction", 0, 0.2)]
    thrust_fraction: Annotated[float, quantity("fraction", 0, 0.2)]  # each engine
    isp_fraction: Annotated[float, quantity("fraction", 0, 0.2)]


class LandingLimits(Sourced):
    """What the legs survive: more than this is a crash."""

    vertical_speed_m_s: Annotated[float, quantity("m/s", 0.1, 10)]
    horizontal_speed_m_s: Annotated[float, quantity("m/s", 0.1, 10)]
    tilt_deg: Annotated[float, quantity("deg", 1, 45)]


class Requirement(Sourced):
    """What the flight code is asked for: reported beside what was measured."""

    vertical_speed_m_s: Annotated[float, quantity("m/s", 0.1, 10)]
    horizontal_speed_m_s: Annotated[float, quantity("m/s", 0.1, 10)]
    tilt_deg: Annotated[float, quantity("deg", 1, 45)]
    propellant_left_fraction: Annotated[float, quantity("fraction", 0, 0.5)]


def _fitted(vehicle: Vehicle, wanted: list[str]) -> Vehicle:
    """The vehicle with only these altimeters; raises ValueError for an unknown one or none."""
    fitted = {altimeter.name: altimeter for altimeter in vehicle.altimeters}
    if not wanted:
        raise ValueError("at least one altimeter must be fitted")
    for name in wanted:
        if name not in fitted:
            raise ValueError(f"the vehicle has no altimeter '{name}' (it has {', '.join(fitted)})")
    kept = [altimeter for name, altimeter in fitted.items() if name in wanted]
    return vehicle.model_copy(update={"altimeters": kept})


class Scenario(Sourced):
    """One landing."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: Text
    special: Text  # one line for the list of scenarios: what makes this landing worth flying
    time_limit_s: Annotated[float, quantity("s", 60, 4_000)]
    altimeters: list[str] | None = None  # of the vehicle's, those that are fitted; all of them without this
    vehicle: Vehicle
    start: Start
    dispersions: Dispersions
    terrain: TerrainSpec
    landing_limits: LandingLimits
    requirement: Requirement
    faults: Annotated[list[Fault], Field(max_length=32)] = []

    def with_altimeters(self, wanted: list[str]) -> "Scenario":
        """The scenario with only these altimeters fitted; raises ValueError for an unknown one or none.

        Faults of an altimeter that is not fitted are left out.
        """
        faults = [fault for fault in self.faults if fault.part != ALTIMETER or fault.target in wanted]
        return self.model_copy(update={"vehicle": _fitted(self.vehicle, wanted), "faults": faults})

    @field_validator("vehicle")
    @classmethod
    def _only_what_is_fitted(cls, vehicle: Vehicle, info: ValidationInfo) -> Vehicle:
        wanted = info.data.get("altimeters")
        return vehicle if wanted is None else _fitted(vehicle, wanted)

    @model_validator(mode="after")
    def _faults_can_happen(self) -> "Scenario":
        names = [altimeter.name for altimeter in self.vehicle.altimeters]
        agl_m = self.start.altitude_m - self.terrain.level_m(-self.start.range_to_site_m)
        for index, fault in enumerate(self.faults):
            if fault.part == ALTIMETER and fault.target not in names:
                raise complain(
                    f"faults[{index}].target",
                    f"must be an altimeter that is fitted ({', '.join(names)}) or one of "
                    f"{', '.join(TARGETS)} (got '{fault.target}')",
                )
            if fault.target == "imu_2" and self.vehicle.imu_2 is None:
                raise complain(f"faults[{index}].target", "the vehicle has no second inertial unit, imu_2")
            for key, highest_m in (("at_agl_m", agl_m), ("at_altitude_m", self.start.altitude_m)):
                if (getattr(fault, key) or 0.0) >= highest_m:
                    raise complain(
                        f"faults[{index}].{key}", "the lander starts below this: say time_s = 0 instead"
                    )
        return self

    @model_validator(mode="after")
    def _starts_above_the_ground(self) -> "Scenario":
        start_m = -self.start.range_to_site_m
        levels_m = [self.terrain.level_m(start_m)]
        for rim in self.terrain.rims:
            if rim.downrange_m is not None and rim.downrange_m >= start_m:
                after_m = self.terrain.level_m(rim.downrange_m)
                levels_m += [after_m, after_m + rim.wall_height_m]
        highest_m = max(levels_m)
        if self.start.altitude_m <= highest_m:
            raise complain(
                "start.altitude_m",
                f"the ground reaches {number(highest_m)} m on the way to the site, above the start "
                f"(got {number(self.start.altitude_m)})",
            )
        for index, rim in enumerate(self.terrain.rims):
            if rim.downrange_m is not None and rim.downrange_m < start_m:
                raise complain(
                    f"terrain.rims[{index}].downrange_m",
                    f"the rim stands behind the start, {number(start_m)} m",
                )
            if rim.at_agl_m is not None and rim.at_agl_m >= self.start.altitude_m - self.terrain.level_m(
                start_m
            ):
                raise complain(
                    f"terrain.rims[{index}].at_agl_m", "the lander starts below this height above the ground"
                )
            if rim.at_altitude_m is not None and rim.at_altitude_m >= self.start.altitude_m:
                raise complain(
                    f"terrain.rims[{index}].at_altitude_m", "the lander starts below this altitude"
                )
        return self

    @model_validator(mode="after")
    def _can_be_flown_at_all(self) -> "Scenario":
        speed_m_s = self.start.horizontal_speed_m_s
        if self.vehicle.delta_v_m_s <= speed_m_s:
            raise complain(
                "vehicle.ignition_mass_kg",
                f"the propellant is worth {self.vehicle.delta_v_m_s:.0f} m/s, less than the "
                f"{number(speed_m_s)} m/s to be taken off",
            )
        hardest_m_s2 = self.vehicle.full_thrust_n / self.vehicle.empty_mass_kg
        shortest_m = speed_m_s**2 / (2 * hardest_m_s2)
        if self.start.range_to_site_m <= shortest_m:
            raise complain(
                "start.range_to_site_m",
                f"even the empty vehicle at full thrust needs {shortest_m:.0f} m to stop from "
                f"{number(speed_m_s)} m/s (got {number(self.start.range_to_site_m)})",
            )
        return self
