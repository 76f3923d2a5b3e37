"""The vehicle as data: masses, engines, sensors; validated, every number with its source.

Body axes: x along the thrust, y downrange when standing, z crossrange. Sigmas are one standard deviation.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from host_tools.scenarios.quantity import check_number, number, quantity
from host_tools.scenarios.sourced import Sourced, complain

STANDARD_GRAVITY_M_S2 = 9.80665  # ISO 80000-3: the unit of specific impulse
MOON_SURFACE_GRAVITY_M_S2 = 1.625  # 4902.8 km3/s2 over 1737.4 km squared

Mass = Annotated[float, quantity("kg", 1, 20_000)]
Payload = Annotated[float, quantity("kg", 0, 10_000)]
Inertia = Annotated[float, quantity("kg m2", 0.1, 100_000)]
Thrust = Annotated[float, quantity("N", 1, 20_000)]
SpecificImpulse = Annotated[float, quantity("s", 50, 460)]
ValveTime = Annotated[float, quantity("s", 0.0002, 0.2)]
Length = Annotated[float, quantity("m", 0.05, 20)]
SmallLength = Annotated[float, quantity("m", 0, 0.5)]
SmallAngle = Annotated[float, quantity("rad", 0, 0.1)]
Range = Annotated[float, quantity("m", 100, 200_000)]
Noise = Annotated[float, quantity("m", 0, 50)]
SpeedNoise = Annotated[float, quantity("m/s", 0, 20)]
Fraction = Annotated[float, quantity("fraction", 0, 0.5)]
Latency = Annotated[float, quantity("s", 0, 0.5)]
Angle = Annotated[float, quantity("deg", 0.2, 90)]


def _exactly(count: int) -> BeforeValidator:
    def check(value: Any) -> int:
        if check_number(value) != count:
            raise ValueError(
                f"must be {count}, which is what the propulsion board drives (got {number(value)})"
            )
        return count

    return BeforeValidator(check)


def _three(value: Any) -> Any:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise ValueError(f"must be three numbers, one per body axis (got {value!r})")
    return tuple(value)


Inertias = Annotated[tuple[Inertia, Inertia, Inertia], BeforeValidator(_three)]


class Engine(Sourced):
    """A kind of thruster behind on/off valves; thrust is that of one nozzle at full pressure."""

    thrust_n: Thrust
    isp_s: SpecificImpulse
    rise_time_s: ValveTime  # time constant of the thrust after the valve opens
    fall_time_s: ValveTime
    minimum_on_time_s: ValveTime
    misalignment_sigma_rad: SmallAngle


class AssistThrusters(Engine):
    count: Annotated[int, _exactly(6)]
    radius_m: Length


class RcsThrusters(Engine):
    count: Annotated[int, _exactly(8)]
    lever_m: Length


class _Altimeter(Sourced):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)] = ""
    max_range_m: Range
    min_range_m: Annotated[float, quantity("m", 0, 100)]
    noise_floor_m: Noise
    noise_fraction: Fraction
    scale_sigma_fraction: Fraction
    latency_s: Latency
    acquisition_scatter_fraction: Fraction  # of max_range_m, drawn once per flight
    dropout_probability: Fraction  # of each reading

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_kind(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" not in data and isinstance(data.get("kind"), str):
            return {**data, "name": data["kind"]}
        return data


class LaserAltimeter(_Altimeter):
    kind: Literal["laser"]
    max_incidence_deg: Angle  # between the beam and the ground's normal


class RadarAltimeter(_Altimeter):
    kind: Literal["radar"]
    beam_deg: Angle  # full width at half power
    max_tilt_deg: Angle


Altimeter = Annotated[LaserAltimeter | RadarAltimeter, Field(discriminator="kind")]


class Velocimeter(Sourced):
    """The velocity beams of the radar: three components over the ground."""

    max_range_m: Range
    noise_m_s: SpeedNoise
    noise_fraction: Fraction
    scale_sigma_fraction: Fraction
    latency_s: Latency
    max_tilt_deg: Angle
    dropout_probability: Fraction


class InertialUnit(Sourced):
    """Noise of the inertial unit, and what is left of its errors after calibration in free fall (1 sigma)."""

    part: Literal["STIM300"]
    gyro_angle_random_walk_deg_sqrt_h: Annotated[float, quantity("deg/sqrt(h)", 0, 10)]
    gyro_bias_deg_h: Annotated[float, quantity("deg/h", 0, 200)]
    gyro_scale_ppm: Annotated[float, quantity("ppm", 0, 20_000)]
    accel_velocity_random_walk_m_s_sqrt_h: Annotated[float, quantity("m/s/sqrt(h)", 0, 5)]
    accel_bias_mg: Annotated[float, quantity("mg", 0, 50)]
    accel_scale_ppm: Annotated[float, quantity("ppm", 0, 20_000)]
    misalignment_mrad: Annotated[float, quantity("mrad", 0, 50)]


class Vehicle(Sourced):
    """A lander at ignition of the braking burn."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: str = ""

    dry_mass_kg: Mass
    payload_mass_kg: Payload
    ignition_mass_kg: Mass
    inertia_at_ignition_kg_m2: Inertias
    inertia_empty_kg_m2: Inertias
    height_m: Length
    footpad_radius_m: Length
    footpad_plane_below_cg_m: Length
    cg_offset_sigma_m: SmallLength

    main_engine: Engine
    assist_thrusters: AssistThrusters
    rcs_thrusters: RcsThrusters
    altimeters: Annotated[list[Altimeter], Field(alias="altimeter")] = []
    velocimeter: Velocimeter
    imu: InertialUnit
    imu_2: InertialUnit | None = None  # a second one, if it is fitted

    believed: "Vehicle | None" = None  # what the flight code is told of it, where that is not the truth

    @property
    def told(self) -> "Vehicle":
        """The vehicle as the flight code knows it, with the altimeters and inertial units that are fitted."""
        if self.believed is None:
            return self
        kinds = [part.kind for part in self.altimeters]
        known = [part for part in self.believed.altimeters if part.kind in kinds]
        return self.believed.model_copy(update={"altimeters": known, "imu_2": self.imu_2})

    @property
    def empty_mass_kg(self) -> float:
        """Mass with the payload and no propellant."""
        return self.dry_mass_kg + self.payload_mass_kg

    @property
    def propellant_at_ignition_kg(self) -> float:
        return self.ignition_mass_kg - self.empty_mass_kg

    @property
    def full_thrust_n(self) -> float:
        """Main engine and all assist thrusters."""
        return self.main_engine.thrust_n + self.assist_thrusters.count * self.assist_thrusters.thrust_n

    @property
    def delta_v_m_s(self) -> float:
        """What the propellant is worth with the main engine's Isp (Tsiolkovsky)."""
        ratio = self.ignition_mass_kg / self.empty_mass_kg
        return self.main_engine.isp_s * STANDARD_GRAVITY_M_S2 * math.log(ratio)

    @model_validator(mode="after")
    def _masses_add_up(self) -> "Vehicle":
        if self.empty_mass_kg >= self.ignition_mass_kg:
            raise complain(
                "ignition_mass_kg",
                f"must be more than dry mass and payload, {number(self.empty_mass_kg)} kg "
                f"(got {number(self.ignition_mass_kg)})",
            )
        weight_n = self.empty_mass_kg * MOON_SURFACE_GRAVITY_M_S2
        if self.full_thrust_n <= weight_n:
            raise complain(
                "main_engine.thrust_n",
                f"full thrust {number(self.full_thrust_n)} N cannot lift the empty vehicle's lunar weight, "
                f"{weight_n:.0f} N",
            )
        for key in ("inertia_at_ignition_kg_m2", "inertia_empty_kg_m2"):
            largest = max(getattr(self, key))
            if 2 * largest > sum(getattr(self, key)):
                raise complain(key, "no rigid body has one moment larger than the other two together")
        return self

    @model_validator(mode="after")
    def _altimeters_can_be_told_apart(self) -> "Vehicle":
        if not self.altimeters:
            raise complain("altimeter", "the vehicle has no altimeter: add at least one [[altimeter]]")
        for key in ("kind", "name"):
            seen: set[str] = set()
            for index, altimeter in enumerate(self.altimeters):
                value = getattr(altimeter, key)
                if value in seen:
                    raise complain(
                        f"altimeter[{index}].{key}", f"there is already an altimeter with {key} '{value}'"
                    )
                seen.add(value)
        for index, altimeter in enumerate(self.altimeters):
            if altimeter.min_range_m >= altimeter.max_range_m:
                raise complain(f"altimeter[{index}].min_range_m", "must be below max_range_m")
        return self

    @model_validator(mode="after")
    def _believed_parts_exist(self) -> "Vehicle":
        if self.believed is not None:
            known = {part.kind for part in self.believed.altimeters}
            for index, altimeter in enumerate(self.altimeters):
                if altimeter.kind not in known:
                    raise complain(
                        f"altimeter[{index}].kind", f"the believed vehicle has no {altimeter.kind} altimeter"
                    )
        return self
