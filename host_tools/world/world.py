"""The world of one landing: truth, ground and sensor errors drawn from one seed, advanced by ticks.

It takes valve pulses in and gives increments, ranges and velocities out, through the scenario's
faults if it has any; it knows no flight code. The same seed gives the same flight, bit for bit.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from host_tools.scenarios.schema import Scenario
from host_tools.scenarios.vehicle import Altimeter, InertialUnit, Velocimeter
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world import vehicle as veh
from host_tools.world.faults import Faults
from host_tools.world.moon import RADIUS_M, STANDARD_GRAVITY_M_S2
from host_tools.world.terrain import Terrain
from host_tools.world.tick import ALL, advance, legs_down

_BLOCK_TICKS = 1000
_WANTED = np.array([ALL])
_ROWS = {"laser": sens.LASER, "radar": sens.RADAR}
_INITIAL_PITCH_RAD = math.radians(-91.0)  # thrust axis against the flight, as at ignition


class SecondUnit:
    """A second inertial unit: errors and noise of its own, of the same motion. `counts` as the world's."""

    def __init__(self, unit: InertialUnit, rng: np.random.Generator) -> None:
        self.errors = _imu_errors(unit, rng)
        self.counts = np.zeros((dyn.SUBSTEPS, 6), np.int64)
        self._rng = rng

    def measure(self, ideal: np.ndarray, work: np.ndarray) -> None:
        """One tick. work: the world's, overwritten."""
        normals = self._rng.standard_normal((dyn.SUBSTEPS, 6))
        sens.counts_of(ideal, work, self.errors, normals, self.counts)


class World:
    """Truth and its sensors for one scenario and seed.

    `view` holds what the truth looks like now (indices in dynamics.py); `contact[0]` is the time
    of first contact in microseconds (0 before), `contact[1:]` the view at that moment; `touching`
    holds the legs' switches; `faults` is None in a world in which nothing fails. `second` is the second
    inertial unit, or None.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        # children are told apart by their number: one more changes none of the others
        *streams, fault_seed, second_seed = np.random.SeedSequence(seed).spawn(7)
        terrain_rng, vehicle_rng, start_rng = map(np.random.default_rng, streams[:3])
        # campaign/abreast draws from these in a register of eight: SFC64 takes to that, PCG64 does not
        sensor_rng, noise_rng = (np.random.Generator(np.random.SFC64(s)) for s in streams[3:])
        self.scenario = scenario
        self.terrain = Terrain.build(scenario.terrain, terrain_rng, range_m=scenario.start.range_to_site_m)
        self.vehicle = veh.build(scenario, vehicle_rng)
        self.open_shares = np.zeros((dyn.SUBSTEPS, dyn.VALVES))
        self.touching = np.zeros(dyn.LEGS, np.bool_)
        self.counts = np.zeros((dyn.SUBSTEPS, 6), np.int64)
        self.contact = np.zeros(1 + dyn.VIEW_SIZE)
        self.view = np.zeros(dyn.VIEW_SIZE)
        self.now_us = 0
        self.faults = Faults(scenario.faults, fault_seed) if scenario.faults else None
        self.noise_rng = noise_rng
        self._normals = np.zeros((0, dyn.SUBSTEPS, 6))
        self._next_normal = 0
        self._work = np.zeros(dyn.WORK_SIZE)
        self._low = np.zeros(1, np.bool_)
        self._start(start_rng)
        self._draw_sensors(sensor_rng)
        second = scenario.vehicle.imu_2
        self.second = None if second is None else SecondUnit(second, np.random.default_rng(second_seed))
        self._ideal = np.zeros((0 if second is None else dyn.SUBSTEPS, 6))
        self._look()

    def _start(self, rng: np.random.Generator) -> None:
        """True state beside the nominal one; `believed` is what orbit determination says."""
        start, d = self.scenario.start, self.scenario.dispersions
        self.believed_altitude_m = start.altitude_m + start.altitude_error_m
        self.believed_downrange_m = -start.range_to_site_m
        errors = np.zeros(9)  # altitude, downrange, crossrange, three speeds, three angles
        errors[:3] = (
            rng.normal(0.0, d.altitude_m),
            rng.normal(0.0, d.range_m),
            rng.normal(0.0, d.crossrange_m),
        )
        errors[3:6] = rng.normal(0.0, d.speed_m_s, 3)
        errors[6:] = rng.normal(0.0, d.attitude_rad, 3)
        altitude = start.altitude_m + errors[0]
        angle = (-start.range_to_site_m + errors[1]) / RADIUS_M
        across = errors[2] / RADIUS_M
        speeds = np.array([start.vertical_speed_m_s, start.horizontal_speed_m_s, 0.0]) + errors[3:6]
        r = RADIUS_M + altitude + self.vehicle.frame[dyn.F_FOOT_DOWN_M]
        up = np.array(
            [math.cos(across) * math.cos(angle), math.cos(across) * math.sin(angle), math.sin(across)]
        )
        down = np.array([-math.sin(angle), math.cos(angle), 0.0])
        cross = np.cross(up, down)
        # body to local: turned by the pitch about crossrange, so that body x points against the flight
        half = 0.5 * _INITIAL_PITCH_RAD
        self.believed_attitude = np.array([math.cos(half), 0.0, 0.0, math.sin(half)])
        # body to local, then local to inertial; the star tracker's error is in the truth
        local = np.zeros(4)
        local[:] = self.believed_attitude
        dyn.turn(local, *errors[6:])
        frame = _quaternion_of(np.column_stack([up, down, cross]))
        self.truth = np.zeros(dyn.TRUTH_SIZE)
        self.truth[dyn.POSITION : dyn.POSITION + 3] = r * up
        self.truth[dyn.VELOCITY : dyn.VELOCITY + 3] = speeds[0] * up + speeds[1] * down + speeds[2] * cross
        self.truth[dyn.QUATERNION : dyn.QUATERNION + 4] = _product(frame, local)
        self.truth[dyn.MASS] = self.vehicle.mass_kg

    def _draw_sensors(self, rng: np.random.Generator) -> None:
        """This flight's biases, scales and reaches."""
        self.imu_errors = _imu_errors(self.scenario.vehicle.imu, rng)
        self.sensor_rng = rng
        self.altimeters = np.zeros((sens.ALTIMETERS, sens.ALTIMETER_SIZE))
        for part in self.scenario.vehicle.altimeters:
            self.altimeters[_ROWS[part.kind]] = _altimeter_row(part, rng)
        self.velocimeter = _velocimeter_row(self.scenario.vehicle.velocimeter, rng)

    def _look(self) -> None:
        dyn.look(self.truth, self.vehicle.frame, self.terrain.grid, self.terrain.rims, self.view, 0)

    def advance(self) -> int:
        """One tick of 10 ms, with each valve open for its share of each substep as `open_shares` has it.

        `counts` then holds the inertial unit's increments. Returns legs that touch.
        """
        if self._next_normal == len(self._normals):
            self._normals = self.noise_rng.standard_normal((_BLOCK_TICKS, dyn.SUBSTEPS, 6))
            self._next_normal = 0
        if self.faults is not None:
            self.faults.update(self.now_us, self.view, self.vehicle.thrusters, self._units())
        advance(
            self.truth, self.vehicle.frame, self.view, self.terrain.grid, self.terrain.rims,
            self.terrain.triggers, self.terrain.relief, self.vehicle.thrusters, self.open_shares,
            self.now_us, self.touching, self.imu_errors,
            self._normals[self._next_normal], self.counts, self._ideal, self.contact,
            self._work, self._low, _WANTED, 0,
        )  # fmt: skip
        if self.second is not None:
            self.second.measure(self._ideal, self._work)
        touching = legs_down(self.touching)
        self._next_normal += 1
        self.now_us += dyn.TICK_US
        if self.faults is not None:
            self.faults.spoil_counts(self.counts)
            if self.second is not None:
                self.faults.spoil_counts(self.second.counts, "imu_2")
            self.faults.close_switches(self.touching)
        return touching

    def _units(self) -> dict[str, np.ndarray]:
        """The errors of each inertial unit by its name."""
        units = {"imu": self.imu_errors}
        if self.second is not None:
            units["imu_2"] = self.second.errors
        return units

    @property
    def mass_kg(self) -> float:
        return float(self.truth[dyn.MASS])

    @property
    def propellant_kg(self) -> float:
        return self.mass_kg - self.scenario.vehicle.empty_mass_kg

    def laser(self, cosine: float, sine: float) -> tuple[int, int]:
        """(status, range in mm) as the laser would report it for that beam."""
        return self._altimeter(self.part("laser"), sens.laser_reading, cosine, sine)

    def radar(self, cosine: float, sine: float) -> tuple[int, int, int, int, int]:
        """(status, range in mm, velocity over ground in mm/s, body x y z) as the radar would report."""
        status, range_mm = 0, 0
        part = self.part("radar")
        if part is not None:
            status, range_mm = self._altimeter(part, sens.radar_reading, cosine, sine)
        bit, velocity = self._measured_velocity(cosine, sine)
        status |= bit
        if self.faults is not None:
            status, velocity = self.faults.velocity(self.now_us, status, velocity)
        return status, range_mm, *velocity

    def part(self, kind: str) -> Any:
        """The altimeter of this kind, or None."""
        return next((part for part in self.scenario.vehicle.altimeters if part.kind == kind), None)

    def _altimeter(
        self, part: Any, reading: Callable[..., tuple[int, int]], cosine: float, sine: float
    ) -> tuple[int, int]:
        """What an altimeter reads and its faults make of it."""
        rng, terrain, row = self.sensor_rng, self.terrain, _ROWS[part.kind]
        reach_m = self.reach_m(part)
        draws = rng.random(), rng.standard_normal(), rng.random()
        status, range_mm = reading(
            self.view, self.vehicle.frame[dyn.F_FOOT_DOWN_M], cosine, sine, terrain.grid, terrain.rims,
            terrain.relief[0], self.altimeters, row, reach_m, draws,
        )  # fmt: skip
        if self.faults is not None:
            return self.faults.altimeter(part.name, self.now_us, status, range_mm)
        return status, range_mm

    def reach_m(self, part: Altimeter) -> float:
        """How far this altimeter sees now."""
        reach_m = float(self.altimeters[_ROWS[part.kind], sens.A_REACH_M])
        if self.faults is None:
            return reach_m
        speeds = (dyn.SPEED_UP, dyn.SPEED_DOWNRANGE, dyn.SPEED_CROSSRANGE)
        speed_m_s = math.hypot(*(float(self.view[axis]) for axis in speeds))
        return self.faults.reach_m(part.name, reach_m, speed_m_s)

    def _measured_velocity(self, cosine: float, sine: float) -> tuple[int, tuple[int, int, int]]:
        """(status bit, velocity over ground in mm/s) of the radar's velocity beams."""
        view, row, rng = self.view, self.velocimeter, self.sensor_rng
        seen = sens.velocity_in_reach(view, row) and rng.random() >= row[sens.V_DROPOUT]
        if not seen or not sens.velocity_beams_point_down(view, cosine, sine, row):
            return 0, (0, 0, 0)
        x, y, z = (sens.measured_mm_s(view, row, axis, rng.standard_normal()) for axis in range(3))
        return sens.VELOCITY_VALID, (x, y, z)

    def extra_latency_us(self, kind: str) -> int:
        """What a fault adds to the time that the altimeter of this kind takes to answer."""
        part = self.part(kind)
        if part is None or self.faults is None:
            return 0
        return self.faults.extra_latency_us(part.name, self.now_us)


def _imu_errors(imu: InertialUnit, rng: np.random.Generator) -> np.ndarray:
    """This flight's inertial unit, as rows of sensors.py."""
    dt = dyn.SUBSTEP_US * 1e-6
    errors = np.zeros((sens.IMU_ROWS, 6))
    hour = 3600.0
    errors[sens.BIAS, :3] = rng.normal(0.0, math.radians(imu.gyro_bias_deg_h) / hour, 3) * dt
    errors[sens.BIAS, 3:] = rng.normal(0.0, imu.accel_bias_mg * 1e-3 * STANDARD_GRAVITY_M_S2, 3) * dt
    errors[sens.SCALE, :3] = rng.normal(0.0, imu.gyro_scale_ppm * 1e-6, 3)
    errors[sens.SCALE, 3:] = rng.normal(0.0, imu.accel_scale_ppm * 1e-6, 3)
    errors[sens.NOISE, :3] = math.radians(imu.gyro_angle_random_walk_deg_sqrt_h) / 60.0 * math.sqrt(dt)
    errors[sens.NOISE, 3:] = imu.accel_velocity_random_walk_m_s_sqrt_h / 60.0 * math.sqrt(dt)
    errors[sens.ACROSS_1] = rng.normal(0.0, imu.misalignment_mrad * 1e-3, 6)
    errors[sens.ACROSS_2] = rng.normal(0.0, imu.misalignment_mrad * 1e-3, 6)
    sens.prepare_inertial(errors)
    return errors


def _altimeter_row(part: Altimeter, rng: np.random.Generator) -> np.ndarray:
    """This flight's altimeter, as columns of sensors.py."""
    row = np.zeros(sens.ALTIMETER_SIZE)
    row[sens.A_REACH_M] = part.max_range_m * (1.0 + rng.normal(0.0, part.acquisition_scatter_fraction))
    row[sens.A_SCALE] = 1.0 + rng.normal(0.0, part.scale_sigma_fraction)
    row[sens.A_LEAST_M] = part.min_range_m
    row[sens.A_FLOOR_M] = part.noise_floor_m
    row[sens.A_FRACTION] = part.noise_fraction
    row[sens.A_DROPOUT] = part.dropout_probability
    if part.kind == "laser":
        row[sens.A_ANGLE_RAD] = math.radians(part.max_incidence_deg)
    else:
        row[sens.A_ANGLE_RAD] = math.radians(part.max_tilt_deg)
        row[sens.A_BEAM_RAD] = math.radians(part.beam_deg)
    return row


def _velocimeter_row(part: Velocimeter | None, rng: np.random.Generator) -> np.ndarray:
    """This flight's velocity beams, as columns of sensors.py; without any they have no reach."""
    row = np.zeros(sens.VELOCIMETER_SIZE)
    row[sens.V_REACH_M] = -math.inf
    if part is not None:
        row[sens.V_REACH_M] = part.max_range_m
        row[sens.V_SCALE] = 1.0 + rng.normal(0.0, part.scale_sigma_fraction)
        row[sens.V_NOISE_M_S] = part.noise_m_s
        row[sens.V_FRACTION] = part.noise_fraction
        row[sens.V_DROPOUT] = part.dropout_probability
        row[sens.V_LEVEL] = -math.cos(math.radians(part.max_tilt_deg))
    return row


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Quaternion product a b, scalar first."""
    return np.array(
        [
            a[0] * b[0] - a[1:] @ b[1:],
            *(a[0] * b[1:] + b[0] * a[1:] + np.cross(a[1:], b[1:])),
        ]
    )


def _quaternion_of(matrix: np.ndarray) -> np.ndarray:
    """Quaternion of a rotation matrix whose angle is below 180 degrees."""
    w = 0.5 * math.sqrt(max(0.0, 1.0 + np.trace(matrix)))
    x = (matrix[2, 1] - matrix[1, 2]) / (4.0 * w)
    y = (matrix[0, 2] - matrix[2, 0]) / (4.0 * w)
    z = (matrix[1, 0] - matrix[0, 1]) / (4.0 * w)
    return np.array([w, x, y, z])
