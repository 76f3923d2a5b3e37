"""The world of one landing: truth, ground and sensor errors drawn from one seed, advanced by ticks.

It takes valve pulses in and gives increments, ranges and velocities out, through the scenario's
faults if it has any; it knows no flight code. The same seed gives the same flight, bit for bit.
"""

import math

import numpy as np
from numba import njit

from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world import vehicle as veh
from host_tools.world.faults import RANGE_VALID, VELOCITY_VALID, Faults
from host_tools.world.moon import RADIUS_M, STANDARD_GRAVITY_M_S2
from host_tools.world.terrain import Terrain, place_due_rims

_BLOCK_TICKS = 1000
_INITIAL_PITCH_RAD = math.radians(-91.0)  # thrust axis against the flight, as at ignition


@njit(cache=True)
def _tick(truth, frame, view, grid, rims, triggers, table, open_shares, cg, now_us,
          touching, errors, normals, counts, contact):  # fmt: skip
    """Five substeps; stops at the first one in which a foot touches for the first time."""
    ideal = np.zeros(6)
    for i in range(dyn.SUBSTEPS):
        at_us = now_us + i * dyn.SUBSTEP_US
        dyn.substep(truth, frame, view, grid, rims, table, open_shares[i], cg, touching, ideal)
        sens.inertial_counts(ideal, errors, normals[i], counts[i])
        place_due_rims(view[dyn.DOWNRANGE_M], view[dyn.ALTITUDE_M], view[dyn.AGL_M], rims, triggers)
        if contact[0] == 0.0 and touching.any():
            contact[0] = at_us + dyn.SUBSTEP_US
            contact[1:] = view
    return touching.sum()


class World:
    """Truth and its sensors for one scenario and seed.

    `view` holds what the truth looks like now (indices in dynamics.py); `contact[0]` is the time
    of first contact in microseconds (0 before), `contact[1:]` the view at that moment; `touching`
    holds the legs' switches; `faults` is None in a world in which nothing fails.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        *streams, fault_seed = np.random.SeedSequence(seed).spawn(6)
        terrain_rng, vehicle_rng, start_rng, sensor_rng, noise_rng = map(np.random.default_rng, streams)
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
        self._noise_rng = noise_rng
        self._normals = np.zeros((0, dyn.SUBSTEPS, 6))
        self._next_normal = 0
        self._velocity = np.zeros(3)
        self._start(start_rng)
        self._draw_sensors(sensor_rng)
        self._look()

    def _start(self, rng: np.random.Generator) -> None:
        """True state beside the nominal one; `believed` is what orbit determination says."""
        start, d = self.scenario.start, self.scenario.dispersions
        self.believed_altitude_m = start.altitude_m + start.altitude_error_m
        self.believed_downrange_m = -start.range_to_site_m
        altitude = start.altitude_m + rng.normal(0.0, d.altitude_m)
        angle = (-start.range_to_site_m + rng.normal(0.0, d.range_m)) / RADIUS_M
        across = rng.normal(0.0, d.crossrange_m) / RADIUS_M
        speeds = np.array([start.vertical_speed_m_s, start.horizontal_speed_m_s, 0.0])
        speeds = speeds + rng.normal(0.0, d.speed_m_s, 3)
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
        dyn.turn(local, *rng.normal(0.0, d.attitude_rad, 3))
        frame = _quaternion_of(np.column_stack([up, down, cross]))
        self.truth = np.zeros(dyn.TRUTH_SIZE)
        self.truth[dyn.POSITION : dyn.POSITION + 3] = r * up
        self.truth[dyn.VELOCITY : dyn.VELOCITY + 3] = speeds[0] * up + speeds[1] * down + speeds[2] * cross
        self.truth[dyn.QUATERNION : dyn.QUATERNION + 4] = _product(frame, local)
        self.truth[dyn.MASS] = self.vehicle.mass_kg

    def _draw_sensors(self, rng: np.random.Generator) -> None:
        """This flight's biases, scales and reaches."""
        imu = self.scenario.vehicle.imu
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
        self._imu_errors = errors
        self._sensor_rng = rng
        self._reach, self._scale = {}, {}
        for part in self.scenario.vehicle.altimeters:
            self._reach[part.kind] = part.max_range_m * (
                1.0 + rng.normal(0.0, part.acquisition_scatter_fraction)
            )
            self._scale[part.kind] = 1.0 + rng.normal(0.0, part.scale_sigma_fraction)
        velocimeter = self.scenario.vehicle.velocimeter
        self._velocity_scale = 1.0
        if velocimeter is not None:
            self._velocity_scale += rng.normal(0.0, velocimeter.scale_sigma_fraction)

    def _look(self) -> None:
        dyn.look(self.truth, self.vehicle.frame, self.terrain.grid, self.terrain.rims, self.view)

    def advance(self) -> int:
        """One tick of 10 ms, with each valve open for its share of each substep as `open_shares` has it.

        `counts` then holds the inertial unit's increments. Returns legs that touch.
        """
        if self._next_normal == len(self._normals):
            self._normals = self._noise_rng.standard_normal((_BLOCK_TICKS, dyn.SUBSTEPS, 6))
            self._next_normal = 0
        if self.faults is not None:
            self.faults.update(self.now_us, self.view, self.vehicle.thrusters, self._imu_errors)
        touching = _tick(
            self.truth, self.vehicle.frame, self.view, self.terrain.grid, self.terrain.rims,
            self.terrain.triggers, self.vehicle.thrusters, self.open_shares, self.vehicle.cg_m,
            self.now_us, self.touching, self._imu_errors, self._normals[self._next_normal],
            self.counts, self.contact,
        )  # fmt: skip
        self._next_normal += 1
        self.now_us += dyn.TICK_US
        if self.faults is not None:
            self.faults.spoil_counts(self.counts)
            self.faults.close_switches(self.touching)
        return touching

    @property
    def mass_kg(self) -> float:
        return float(self.truth[dyn.MASS])

    @property
    def propellant_kg(self) -> float:
        return self.mass_kg - self.scenario.vehicle.empty_mass_kg

    def laser(self, cosine: float, sine: float) -> tuple[int, int]:
        """(status, range in mm) as the laser would report it for that beam."""
        part = next(p for p in self.scenario.vehicle.altimeters if p.kind == "laser")
        distance = sens.laser_range_m(
            self.view, self.vehicle.frame[dyn.F_FOOT_DOWN_M], cosine, sine, self.terrain.grid,
            self.terrain.rims, self._reach_m(part), math.radians(part.max_incidence_deg),
            self._sensor_rng.random(),
        )  # fmt: skip
        return self._report(part, distance)

    def radar(self, cosine: float, sine: float) -> tuple[int, int, int, int, int]:
        """(status, range in mm, velocity over ground in mm/s, body x y z) as the radar would report."""
        status, range_mm = 0, 0
        part = next((p for p in self.scenario.vehicle.altimeters if p.kind == "radar"), None)
        if part is not None:
            distance = sens.radar_range_m(
                self.view, self.vehicle.frame[dyn.F_FOOT_DOWN_M], cosine, sine, self.terrain.grid,
                self.terrain.rims, self._reach_m(part), math.radians(part.beam_deg),
                math.radians(part.max_tilt_deg), self._sensor_rng.random(),
            )  # fmt: skip
            status, range_mm = self._report(part, distance)
        bit, velocity = self._measured_velocity(cosine, sine)
        status |= bit
        if self.faults is not None:
            status, velocity = self.faults.velocity(self.now_us, status, velocity)
        return status, range_mm, *velocity

    def _measured_velocity(self, cosine: float, sine: float) -> tuple[int, tuple[int, int, int]]:
        """(status bit, velocity over ground in mm/s) of the radar's velocity beams."""
        view, rng, v = self.view, self._sensor_rng, self.scenario.vehicle.velocimeter
        nothing = 0, (0, 0, 0)
        if v is None or view[dyn.AGL_M] > v.max_range_m or rng.random() < v.dropout_probability:
            return nothing
        up, _ = sens.beam_direction(view, cosine, sine)
        if up > -math.cos(math.radians(v.max_tilt_deg)):
            return nothing
        sens.body_velocity(view, self._velocity)
        sigma = v.noise_m_s + v.noise_fraction * np.abs(self._velocity)
        seen = self._velocity * self._velocity_scale + rng.normal(0.0, 1.0, 3) * sigma
        x, y, z = (round(float(speed) * 1000.0) for speed in seen)
        return VELOCITY_VALID, (x, y, z)

    def _reach_m(self, part) -> float:
        """How far this altimeter sees now."""
        reach_m = self._reach[part.kind]
        if self.faults is None:
            return reach_m
        view = self.view
        speed_m_s = math.hypot(view[dyn.SPEED_UP], view[dyn.SPEED_DOWNRANGE], view[dyn.SPEED_CROSSRANGE])
        return self.faults.reach_m(part.name, reach_m, speed_m_s)

    def extra_latency_us(self, kind: str) -> int:
        """What a fault adds to the time that the altimeter of this kind takes to answer."""
        part = next((p for p in self.scenario.vehicle.altimeters if p.kind == kind), None)
        if part is None or self.faults is None:
            return 0
        return self.faults.extra_latency_us(part.name, self.now_us)

    def _report(self, part, distance_m: float) -> tuple[int, int]:
        """Scale, noise, dropout and faults on a true distance; -1 is no echo."""
        rng = self._sensor_rng
        sigma = math.hypot(part.noise_floor_m, part.noise_fraction * max(0.0, distance_m))
        noise, drop = rng.normal(0.0, 1.0), rng.random()
        status, range_mm = 0, 0
        if distance_m >= part.min_range_m and drop >= part.dropout_probability:
            status = RANGE_VALID
            range_mm = max(0, round(1000.0 * (distance_m * self._scale[part.kind] + noise * sigma)))
        if self.faults is not None:
            return self.faults.altimeter(part.name, self.now_us, status, range_mm)
        return status, range_mm


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
