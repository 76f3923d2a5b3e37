"""The micro rover as data, every number with its source: body, wheels, arm, battery, supply, inertial unit.

rover = load_rover("micro_rover")    # host_tools/scenarios/rovers/micro_rover.toml, or a file's path
"""

from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from host_tools.scenarios.library import FOLDER, ScenarioError, read, validate
from host_tools.scenarios.quantity import quantity
from host_tools.scenarios.sourced import Sourced, complain

ROVERS = FOLDER / "rovers"

Mass = Annotated[float, quantity("kg", 0.5, 50)]
Length = Annotated[float, quantity("m", 0.05, 2)]
Speed = Annotated[float, quantity("m/s", 0.005, 1)]
Force = Annotated[float, quantity("N", 0.1, 200)]
Current = Annotated[float, quantity("A", 0.001, 20)]
Voltage = Annotated[float, quantity("V", 3, 60)]
Resistance = Annotated[float, quantity("ohm", 0.001, 10)]
Charge = Annotated[float, quantity("Ah", 0.1, 100)]
Power = Annotated[float, quantity("W", 0, 200)]
Fraction = Annotated[float, quantity("fraction", 0, 1)]
SmallFraction = Annotated[float, quantity("fraction", 0, 0.5)]
Pulse = Annotated[float, quantity("m", 1e-6, 0.05)]
TurnRate = Annotated[float, quantity("rad/s", 0.01, 10)]
RateNoise = Annotated[float, quantity("deg/s", 0, 20)]
ForceNoise = Annotated[float, quantity("g", 0, 0.5)]


class Body(Sourced):
    """Size over everything, folded, and mass."""

    mass_kg: Mass
    length_m: Length
    width_m: Length
    height_m: Length


class Wheels(Sourced):
    """Four driven wheels; forces and speeds at a wheel's rim."""

    track_m: Length
    wheelbase_m: Length
    free_speed_m_s: Speed  # at full duty and nominal voltage, without load
    stall_force_n: Force
    stall_a: Current
    idle_a: Current
    nominal_v: Voltage
    pulse_m: Pulse  # between two edges of an encoder
    weaker_left: SmallFraction  # share that the left motors are weaker than the right ones

    @model_validator(mode="after")
    def _stall_draws_more(self) -> "Wheels":
        if self.idle_a >= self.stall_a:
            raise complain("idle_a", f"must be less than stall_a, {self.stall_a:g} A (got {self.idle_a:g})")
        return self


class Arm(Sourced):
    """The scoop's servo behind a worm gear: without pulses it stays where it is."""

    speed_rad_s: TurnRate
    power_w: Power


class Battery(Sourced):
    """Open-circuit voltage over the share of the charge that is left, between which it is linear."""

    capacity_ah: Charge
    resistance_ohm: Resistance
    shares: Annotated[list[Fraction], Field(min_length=2, max_length=50)]
    volts: Annotated[list[Voltage], Field(min_length=2, max_length=50)]

    @model_validator(mode="after")
    def _is_a_curve(self) -> "Battery":
        if len(self.volts) != len(self.shares):
            raise complain("volts", f"must be as many as shares, {len(self.shares)} (got {len(self.volts)})")
        if self.shares[0] != 0.0 or self.shares[-1] != 1.0:
            raise complain("shares", "must go from 0 to 1")
        for key, values in (("shares", self.shares), ("volts", self.volts)):
            if any(one >= other for one, other in pairwise(values)):
                raise complain(key, "must rise from each to the next")
        return self


class Supply(Sourced):
    """Where power comes from and goes to beside the motors; `solar_w` with the panel straight at the sun."""

    solar_w: Power
    base_w: Power


class InertialUnit(Sourced):
    """One sigma of what a seed draws for the biases, and of each sample's noise."""

    gyro_bias_deg_s: RateNoise
    gyro_noise_deg_s: RateNoise
    accel_bias_g: ForceNoise
    accel_noise_g: ForceNoise


class Rover(Sourced):
    """A rover's profile, one TOML file."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
    title: Annotated[str, Field(min_length=1)]
    description: str = ""
    body: Body
    wheels: Wheels
    arm: Arm
    battery: Battery
    supply: Supply
    inertial_unit: InertialUnit

    @model_validator(mode="after")
    def _wheels_are_within_the_body(self) -> "Rover":
        for key, over, size in (
            ("wheels.track_m", "body.width_m", self.body.width_m),
            ("wheels.wheelbase_m", "body.length_m", self.body.length_m),
        ):
            of = self.wheels.track_m if key == "wheels.track_m" else self.wheels.wheelbase_m
            if of >= size:
                raise complain(key, f"must be less than {over}, {size:g} m (got {of:g})")
        return self


def rover_names() -> list[str]:
    """The built-in rovers."""
    return sorted(path.stem for path in ROVERS.glob("*.toml"))


def load_rover(name: str, folder: Path = Path()) -> Rover:
    """The built-in rover of that name, or the one in that file of `folder`. Raises ScenarioError."""
    if name in rover_names():
        shown = f"rovers/{name}.toml"
        return validate(Rover, read(ROVERS / f"{name}.toml", shown), shown)
    if not name.endswith(".toml"):
        known = ", ".join(rover_names())
        raise ScenarioError(name, None, f"no such rover: neither built in ({known}) nor a .toml file")
    return validate(Rover, read(folder / name, str(folder / name)), str(folder / name))
