"""The world of the micro rover: four wheels on a ramp and on regolith, rocks, an arm, a battery, the sun.

Quasi-static: at some 5 cm/s wheels and arm follow their motors at once. Slip grows with the slope. The rover
is a profile (scenarios/rovers); the ground's figures are assumed, and are parameters.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from host_tools.scenarios.rover import Rover, load_rover

MOON_GRAVITY_M_S2 = 1.622
STANDARD_GRAVITY_M_S2 = 9.80665
WHEELS = 4
_LEFT = (True, False, True, False)  # front left, front right, rear left, rear right
_LEAST_SLIP, _MOST_SLIP = 0.02, 0.95


@dataclass(frozen=True)
class Ground:
    """A straight way away from the lander: the ramp, then regolith. Slopes uphill positive, in degrees.

    rocks: (metres along the way, metres to the left) of what no wheel of 160 mm climbs.
    """

    ramp_m: float = 1.0
    ramp_deg: float = -18.0
    hills: tuple[tuple[float, float], ...] = ((1.5, 0.0), (4.0, 4.0), (7.0, -3.0), (11.0, 1.0))
    rolling: float = 0.25  # resistance over weight
    slip: float = 0.08  # on level regolith
    slip_per_tangent: float = 0.9
    turning_slip: float = 0.45  # of a turn on the spot: wheels go sideways
    rocks: tuple[tuple[float, float], ...] = ()

    def slope_deg(self, along_m: float) -> float:
        """The slope at a place of the way, uphill positive."""
        if along_m < self.ramp_m:
            return self.ramp_deg
        places, slopes = zip((self.ramp_m, 0.0), *self.hills, strict=True)
        return float(np.interp(along_m, places, slopes))


@dataclass
class Drawn:
    """This rover's biases, drawn from a seed."""

    gyro_bias_deg_s: float = 0.0
    accel_bias_g: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass
class RoverWorld:
    """Truth. Duties, directions and the arm's command come from whoever steps it; `advance` moves time.

    Positions: `along_m` on the way from where the lander holds it, `left_m` beside it; `travelled_m` is the
    length of its centre's path. `held`: by the lander. `jammed`: wheels that are blocked, by index.
    `arm_stop_rad`: a rock under the regolith that the arm meets there.
    """

    profile: Rover = field(default_factory=lambda: load_rover("micro_rover"))
    ground: Ground = field(default_factory=Ground)
    drawn: Drawn = field(default_factory=Drawn)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    charge_share: float = 0.9
    sun_elevation_deg: float = 20.0
    umbilical_w: float = 0.0  # from the lander while it holds the rover
    held: bool = True
    airborne: bool = False  # its wheels touch nothing
    roll_deg: float = 0.0  # added to everything: a lander that leans, a stone under one side
    jammed: set[int] = field(default_factory=set)
    arm_stop_rad: float | None = None

    def __post_init__(self) -> None:
        self.along_m = self.left_m = self.yaw_rad = self.travelled_m = 0.0
        self.pitch_rad = math.radians(self.ground.slope_deg(0.0))
        self.yaw_rate_rad_s = 0.0
        self.speed_m_s = 0.0
        self.wheel_a = [0.0] * WHEELS
        self.rim_m = [0.0] * WHEELS  # turned so far, whichever way
        self.arm_rad = 0.0
        self.battery_v = self._open_circuit_v()
        self.battery_a = 0.0

    @classmethod
    def drawn_from(cls, seed: int, profile: Rover, **given: object) -> "RoverWorld":
        """A rover whose inertial unit's biases are drawn."""
        rng = np.random.default_rng(np.random.SeedSequence((seed, 5)))
        unit = profile.inertial_unit
        x, y, z = (float(bias) for bias in rng.normal(0.0, unit.accel_bias_g, 3))
        drawn = Drawn(float(rng.normal(0.0, unit.gyro_bias_deg_s)), (x, y, z))
        return cls(profile, drawn=drawn, rng=rng, **given)  # type: ignore[arg-type]

    @property
    def pulses(self) -> list[int]:
        """Edges of each encoder so far."""
        return [int(rim / self.profile.wheels.pulse_m) for rim in self.rim_m]

    def advance(self, seconds: float, duties: list[float], arm_us: int | None) -> None:
        """duties: of each wheel, -1 to 1; arm_us: pulse width at the arm's servo, None for none."""
        rims = [self._rim_m_s(wheel, duties[wheel]) for wheel in range(WHEELS)]
        for wheel, rim in enumerate(rims):
            self.rim_m[wheel] += abs(rim) * seconds
        self._move(rims, seconds)
        self._move_arm(arm_us, seconds)
        self._charge(duties, arm_us is not None, seconds)

    def _rim_m_s(self, wheel: int, duty: float) -> float:
        """Speed of a rim, and the motor's current: its force falls with the speed."""
        wheels = self.profile.wheels
        volts = abs(duty) * self.battery_v / wheels.nominal_v * (1.0 - wheels.weaker_left * _LEFT[wheel])
        if volts == 0.0:
            self.wheel_a[wheel] = 0.0
            return 0.0
        wanted_n = self._load_n(math.copysign(1.0, duty))
        if wheel in self.jammed or self._meets_rock(wheel, duty) or self.held:
            wanted_n = math.inf
        force_n = min(max(wanted_n, 0.0), wheels.stall_force_n * volts)
        self.wheel_a[wheel] = wheels.idle_a + wheels.stall_a * force_n / wheels.stall_force_n
        rim = wheels.free_speed_m_s * (volts - force_n / wheels.stall_force_n)
        return math.copysign(max(rim, 0.0), duty)

    def _load_n(self, direction: float) -> float:
        """What a wheel has to push with: rolling resistance, and its share of the weight uphill."""
        if self.airborne:
            return 0.0
        weight_n = self.profile.body.mass_kg * MOON_GRAVITY_M_S2 / WHEELS
        return weight_n * (
            self.ground.rolling * math.cos(self.pitch_rad) + direction * math.sin(self.pitch_rad)
        )

    def _meets_rock(self, wheel: int, duty: float) -> bool:
        """Whether this wheel stands at a rock that it would have to climb."""
        wheels = self.profile.wheels
        half_base, half_track = wheels.wheelbase_m / 2, wheels.track_m / 2
        ahead = half_base if wheel < 2 else -half_base
        aside = half_track if _LEFT[wheel] else -half_track
        for along_m, left_m in self.ground.rocks:
            there = along_m - (self.along_m + ahead), left_m - (self.left_m + aside)
            if abs(there[0]) < 0.09 and abs(there[1]) < 0.06 and there[0] * duty > 0:
                return True
        return False

    def _move(self, rims: list[float], seconds: float) -> None:
        """The body goes with its wheels, less their slip; where one is blocked it stays."""
        left = (rims[0] + rims[2]) / 2
        right = (rims[1] + rims[3]) / 2
        mean = (left + right) / 2
        blocked = self.held or self.airborne or any(self._meets_rock(w, mean) for w in range(WHEELS))
        uphill = math.tan(self.pitch_rad) * math.copysign(1.0, mean)
        slip = self.ground.slip + self.ground.slip_per_tangent * uphill
        slip = min(max(slip, _LEAST_SLIP), _MOST_SLIP)
        self.speed_m_s = 0.0 if blocked else mean * (1.0 - slip)
        turning = (right - left) / self.profile.wheels.track_m * (1.0 - self.ground.turning_slip)
        self.yaw_rate_rad_s = 0.0 if self.held or self.airborne else turning
        self.yaw_rad += self.yaw_rate_rad_s * seconds
        self.along_m += self.speed_m_s * math.cos(self.yaw_rad) * seconds
        self.left_m += self.speed_m_s * math.sin(self.yaw_rad) * seconds
        self.travelled_m += abs(self.speed_m_s) * seconds
        half = self.profile.wheels.wheelbase_m / 2
        slopes = self.ground.slope_deg(self.along_m + half), self.ground.slope_deg(self.along_m - half)
        self.pitch_rad = math.radians(sum(slopes) / 2) * math.cos(self.yaw_rad)

    def _move_arm(self, arm_us: int | None, seconds: float) -> None:
        """The servo turns towards its pulses' angle; without any it stays."""
        if arm_us is None:
            return
        goal = (arm_us - 600) / 1800 * 1.5
        most = self.profile.arm.speed_rad_s * seconds
        step = min(max(goal - self.arm_rad, -most), most)
        arm = self.arm_rad + step
        self.arm_rad = arm if self.arm_stop_rad is None else min(arm, max(self.arm_stop_rad, self.arm_rad))

    def _charge(self, duties: list[float], arm_is_on: bool, seconds: float) -> None:
        """Current out of the battery, positive; the sun falls onto a flat panel."""
        motors_w = sum(a * abs(d) for a, d in zip(self.wheel_a, duties, strict=True)) * self.battery_v
        supply, battery, arm = self.profile.supply, self.profile.battery, self.profile.arm
        sun_w = supply.solar_w * math.sin(math.radians(max(self.sun_elevation_deg, 0.0)))
        given_w = sun_w + (self.umbilical_w if self.held else 0.0)
        self.battery_a = (supply.base_w + motors_w + arm.power_w * arm_is_on - given_w) / self.battery_v
        share = self.charge_share - self.battery_a * seconds / (3600 * battery.capacity_ah)
        self.charge_share = min(max(share, 0.0), 1.0)
        self.battery_v = self._open_circuit_v() - self.battery_a * battery.resistance_ohm

    def _open_circuit_v(self) -> float:
        battery = self.profile.battery
        return float(np.interp(self.charge_share, battery.shares, battery.volts))

    def inertial(self) -> list[float]:
        """Specific force x y z in g, rates x y z in degrees a second, as the unit measures them now."""
        g = MOON_GRAVITY_M_S2 / STANDARD_GRAVITY_M_S2
        pitch, roll = self.pitch_rad, math.radians(self.roll_deg)
        up = (math.sin(pitch), math.cos(pitch) * math.sin(roll), math.cos(pitch) * math.cos(roll))
        noise = self.rng.normal(0.0, 1.0, 6)
        drawn, unit = self.drawn, self.profile.inertial_unit
        force = [g * up[i] + drawn.accel_bias_g[i] + unit.accel_noise_g * noise[i] for i in range(3)]
        yaw = math.degrees(self.yaw_rate_rad_s) + drawn.gyro_bias_deg_s
        still = unit.gyro_noise_deg_s
        return [*force, still * noise[3], still * noise[4], yaw + still * noise[5]]
