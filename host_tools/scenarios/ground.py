"""The ground as data: what the world's terrain is drawn from."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from host_tools.scenarios.quantity import number, quantity
from host_tools.scenarios.sourced import Sourced, complain


class Rim(Sourced):
    """A step of the ground under the track, with an optional gentler wall after it.

    `height_m` is how much the ground before the rim stands above the ground after it: positive when
    the lander passes from a plateau down into a crater. It stands where one of the three keys says;
    the step begins there.
    """

    height_m: Annotated[float, quantity("m", -9_000, 9_000)]
    width_m: Annotated[float, quantity("m", 20, 100_000)] = 1_000.0  # assumed: a scarp of three to one
    wall_height_m: Annotated[float, quantity("m", -9_000, 9_000)] = 0.0
    wall_width_m: Annotated[float, quantity("m", 20, 200_000)] = (
        10_000.0  # assumed; no effect without wall_height_m
    )
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
            raise complain(
                given[-1] if given else keys[0], f"exactly one of {', '.join(keys)} must be given (got {got})"
            )
        if self.wall_height_m and "wall_width_m" not in self.model_fields_set:
            raise complain("wall_width_m", "is needed with wall_height_m")
        if self.downrange_m is not None:
            width_m = self.width_m + (self.wall_width_m if self.wall_height_m else 0.0)
            if self.downrange_m + width_m > 0:
                raise complain(
                    "downrange_m",
                    f"rim and wall are {number(width_m)} m wide and must end before the site "
                    f"(got {number(self.downrange_m)})",
                )
        for key in ("at_agl_m", "at_altitude_m"):
            at_m = getattr(self, key)
            if at_m is not None and -min(self.height_m, self.total_height_m) >= at_m:
                raise complain(
                    "height_m",
                    f"the ground would rise through the lander, {number(at_m)} m above it "
                    f"(got {number(self.height_m)})",
                )
        return self


class TerrainSpec(Sourced):
    """Roughness and craters by statistics, rims by name."""

    kind: Literal["mare", "highlands"]
    smooth_radius_m: Annotated[float, quantity("m", 100, 20_000)] = (
        1_500.0  # assumed: a landing site is chosen smooth
    )
    rims: Annotated[list[Rim], Field(max_length=16)] = []

    def level_m(self, downrange_m: float) -> float:
        """Ground level above the site that the rims give at a place, unplaced rims lying ahead."""
        return sum(
            rim.total_height_m
            for rim in self.rims
            if rim.downrange_m is None or rim.downrange_m > downrange_m
        )
