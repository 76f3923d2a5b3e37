"""A landing as data: what a scenario file holds, and the checks that need no flight to be made.

Distances along the track are `downrange`: 0 at the landing site, negative before it.
Altitude is above the site's datum; agl is above the ground below.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

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


class Rim(Sourced):
    """A step of the ground under the track, with an optional gentler wall after it.

    `height_m` is how much the ground before the rim stands above the ground after it: positive when
    the lander passes from a plateau down into a crater. It stands where one of the three keys says;
    the step begins there.
    """

    height_m: Annotated[float, quantity("m", -9_000, 9_000)]
    width_m: Annotated[float, quantity("m", 20, 100_000)] = 1_000.0  # assumed: a scarp of three to one
    wall_height_m: Annotated[float, quantity("m", -9_000, 9_000)] = 0.0
    wall_width_m: Annotated[float, quantity("m", 20, 200_000)] = 10_000.0  # assumed; no effect without wall_height_m
    downrange_m: Annotated[float, quantity("m", -1_000_000, -20)] | None = None
    at_agl_m: Annotated[float, quantity("m", 100, 90_000)] | None = None
    at_altitude_m: Annotated[float, quantity("m", 100, 90_000)] | None = None

    @property
    def total_height_m(self) -> float:
        return self.height_m + self.wall_height_m

    @model_validator(mode="after")
    def _stands_in_one_place(self) -> "Rim":
        keys = ("downrange_m", "at_agl_m", "at_altitude_m")
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none"
            raise complain(given[-1] if given else keys[0], f"exactly one of {', '.join(keys)} must be given (got {got})")
        if self.wall_height_m and "wall_width_m" not in self.model_fields_set:
            raise complain("wall_width_m", "is needed with wall_height_m")
        if self.downrange_m is not None:
            width_m = self.width_m + (self.wall_width_m if self.wall_height_m else 0.0)
            if self.downrange_m + width_m > 0:
                raise complain(
                    "downrange_m",
                    f"rim and wall are {number(width_m)} m wide and must end before the site (got {number(self.downrange_m)})",
                )
        for key in ("at_agl_m", "at_altitude_m"):
            at_m = getattr(self, key)
            if at_m is not None and -min(self.height_m, self.total_height_m) >= at_m:
                raise complain(
                    "height_m", f"the ground would rise through the lander, {number(at_m)} m above it (got {number(self.height_m)})"
                )
        return self


class TerrainSpec(Sourced):
    """Roughness and craters by statistics, rims by name."""

    kind: Literal["mare", "highlands"]
    smooth_radius_m: Annotated[float, quantity("m", 100, 20_000)] = 1_500.0  # assumed: a landing site is chosen smooth
    rims: Annotated[list[Rim], Field(max_length=16)] = []

    def level_m(self, downrange_m: float) -> float:
        """Ground level above the site that the rims give at a place, unplaced rims lying ahead."""
        return sum(rim.total_height_m for rim in self.rims if rim.downrange_m is None or rim.downrange_m > downrange_m)


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


class Scenario(Sourced):
    """One landing."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: Text
    special: Text  # one line for the list of scenarios: what makes this landing worth flying
    time_limit_s: Annotated[float, quantity("s", 60, 4_000)]
    vehicle: Vehicle
    start: Start
    dispersions: Dispersions
    terrain: TerrainSpec
    landing_limits: LandingLimits
    requirement: Requirement

    def with_altimeters(self, wanted: list[str]) -> "Scenario":
        """The scenario with only the named altimeters fitted; raises ValueError for an unknown one or none."""
        fitted = {altimeter.name: altimeter for altimeter in self.vehicle.altimeters}
        if not wanted:
            raise ValueError("at least one altimeter must be fitted")
        for name in wanted:
            if name not in fitted:
                raise ValueError(f"the vehicle has no altimeter '{name}' (it has {', '.join(fitted)})")
        kept = [altimeter for name, altimeter in fitted.items() if name in wanted]
        return self.model_copy(
            update={"vehicle": self.vehicle.model_copy(update={"altimeters": kept})}
        )

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
                raise complain(f"terrain.rims[{index}].downrange_m", f"the rim stands behind the start, {number(start_m)} m")
            if rim.at_agl_m is not None and rim.at_agl_m >= self.start.altitude_m - self.terrain.level_m(start_m):
                raise complain(f"terrain.rims[{index}].at_agl_m", "the lander starts below this height above the ground")
            if rim.at_altitude_m is not None and rim.at_altitude_m >= self.start.altitude_m:
                raise complain(f"terrain.rims[{index}].at_altitude_m", "the lander starts below this altitude")
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
