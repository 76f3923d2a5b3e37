"""Vectors for replayed/flight.py: pieces of a descent in a closed loop, some of them under bad sensors.

The vehicle is the estimate itself, which a perfect inertial unit would keep true: it turns toward
the demanded direction, feels the force that guidance expects, and looks down on made-up ground.
"""

import io
import math
from array import array
from dataclasses import dataclass
from pathlib import Path
from random import Random

import host_tools.host_board  # noqa: F401  (makes `plumbline` importable)
from host_tools.proof import declared
from host_tools.proof.harness.noise import edges

# isort: split
from host_tools.proof.runtimes.replayed import flight
from host_tools.proof.runtimes.replayed.flight import Flight
from plumbline.kernels import slots, state
from plumbline.subsystems.parameters import Parameters

PARAMETERS = Path(__file__).resolve().parents[3] / "boards" / "navigation_pico" / "parameters.json"
PIECE_STEPS = 250
_ANGLE_LSB_PER_RAD = math.degrees(1) * 2**21
_VELOCITY_LSB_PER_MM_S2 = 0.01 * 2**22 / 1000  # in a tick of 10 ms
_TICK_S = 0.01
_SAMPLES = 5
_LUNAR_MM_S2 = 1622


@dataclass(frozen=True)
class Start:
    """Where a piece of the descent begins: metres and metres a second."""

    phase: int
    altitude_m: float
    downrange_m: float
    sink_m_s: float
    speed_m_s: float
    tilt_deg: float
    acquired: int = 1


STARTS = (
    Start(1, 20_000, -590_000, 10, 1_660, 90, acquired=0),
    Start(2, 12_000, -150_000, 60, 800, 82),
    Start(2, 3_600, -4_000, 70, 90, 60),
    Start(3, 2_000, -900, 50, 25, 25),
    Start(4, 45, -3, 5, 0.5, 1),
    Start(4, 1.5, 0, 1, 0, 0),
    Start(2, 9_000, -180_000, 50, 900, 80, acquired=0),
    Start(3, 900, -300, 30, 5, 5, acquired=0),
    Start(7, 11_000, -160_000, -20, 1_200, 85, acquired=0),
)


def flight_vectors(steps: int, seed: int) -> bytes:
    """`steps` ticks in pieces of 2.5 s; every third piece has sensors that say anything.

    In a short run the pieces are shorter, so that each start has its turn.
    """
    noise = Random(seed)
    piece_steps = min(PIECE_STEPS, max(1, steps // len(STARTS)))
    piece = Piece(noise, 0)
    parts = []
    for step in range(steps):
        if step % piece_steps == 0:
            piece = Piece(noise, step // piece_steps)
        parts.append(piece.tick())
    return b"".join(parts)


class Piece:
    """One piece of a descent; `tick` gives the next vector and runs the flight code on it."""

    def __init__(self, noise: Random, number: int) -> None:
        self.noise = noise
        self.flight = Flight()
        self.start = STARTS[number % len(STARTS)]
        self.mad = number % 3 == 2
        self.ticks = 0
        self.rim_at = noise.randrange(50, 400)
        self.rim_mm = noise.choice((0, 0, 3_000_000, -3_000_000, 400_000))
        self.contact = False
        self._fill_memories(Parameters.from_file(PARAMETERS), number)

    def _fill_memories(self, parameters: Parameters, number: int) -> None:
        noise, start, craft = self.noise, self.start, self.flight
        estimate, guidance = craft.estimate, craft.guidance
        estimate[slots.EST_ALTITUDE_MM] = int(start.altitude_m * 1000) + noise.randrange(-500, 500)
        estimate[slots.EST_DOWNRANGE_MM] = int(start.downrange_m * noise.uniform(950, 1050))
        estimate[slots.EST_CROSSRANGE_MM] = noise.randrange(-3_000, 3_000)
        estimate[slots.EST_VELOCITY_UP_Q8] = int(-start.sink_m_s * 256_000)
        estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = int(start.speed_m_s * 256_000)
        estimate[slots.EST_VELOCITY_CROSSRANGE_Q8] = noise.randrange(-256_000, 256_000)
        half = -math.radians(start.tilt_deg) / 2
        lean = noise.gauss(0, 0.01)
        quarter = (math.cos(half), lean, noise.gauss(0, 0.01), math.sin(half))
        state.normalise(estimate, *(int(part * (2**29 - 2**20)) for part in quarter))
        state.rotation_matrix(estimate)
        estimate[slots.EST_AGL_MM] = self._agl_mm() + int(noise.choice((0, 500, 20_000)) * noise.gauss(0, 1))
        estimate[slots.EST_AGL_VALID] = start.acquired
        craft.vote[slots.VOT_FITTED] = (2, 1, 4, 3)[number % 4]
        craft.vote[slots.VOT_ACQUIRED] = start.acquired
        guidance[slots.GUI_PHASE] = start.phase
        guidance[slots.GUI_MASS_G] = noise.randrange(350_000, 900_000)
        guidance[slots.GUI_SCALE_Q14] = 16384
        guidance[slots.GUI_PHASE_STEPS] = noise.choice((0, 110, 130))
        craft.params[:] = parameters.values
        fit = parameters.fit
        fit[2 * slots.FIT_STRIDE :] = fit[: 2 * slots.FIT_STRIDE]  # the third and fourth are as the first two
        craft.fit[:] = fit

    def tick(self) -> bytes:
        """The next vector. The memories that it restarts with are those of this moment."""
        noise, craft = self.noise, self.flight
        control = craft.control
        radar_new = self.ticks % 10 == 5 and noise.random() < 0.9
        control[flight.RESTART] = int(self.ticks == 0)
        control[flight.GUIDANCE_DUE] = int(self.ticks % 10 == 9)
        control[flight.CONTACTS] = self._contacts()
        control[flight.RADAR_NEW] = int(radar_new)
        control[flight.RADAR_DELAY_MS] = 6
        parts = [control.tobytes()]
        if self.ticks == 0:
            parts += [memory.tobytes() for memory in craft.memories]
        parts.append(self._imu())
        parts += [self._reading(index, radar_new) for index in range(flight.ALTIMETERS)]
        vector = b"".join(parts)
        craft.step(io.BytesIO(vector), io.BytesIO())
        self.ticks += 1
        return vector

    def _agl_mm(self) -> int:
        estimate = self.flight.estimate
        way_m = estimate[slots.EST_DOWNRANGE_MM] / 1000
        ground_mm = 20 * way_m * math.sin(way_m / 700) / (1 + abs(way_m) / 2_000)
        step_mm = self.rim_mm if self.ticks > self.rim_at else 0
        return max(0, int(estimate[slots.EST_ALTITUDE_MM] - ground_mm - step_mm))

    def _contacts(self) -> int:
        if self._agl_mm() < 300 and self.start.phase == 4:
            self.contact = True
        return self.noise.choice((3, 4)) if self.contact else int(self.noise.random() < 0.02)

    def _imu(self) -> bytes:
        noise, craft = self.noise, self.flight
        if self.mad and noise.random() < 0.3:
            return _anything("imu", noise)
        imu = array("i", [0] * slots.IMU_SIZE)
        imu[slots.IMU_SAMPLES] = 0 if noise.random() < 0.01 else _SAMPLES
        imu[slots.IMU_LOST] = self.ticks // 97
        for axis in range(3):
            error_rad = craft.attitude[slots.ATT_ERROR_X_Q14 + axis] / 2**14
            rate_rad_s = max(-0.09, min(0.09, 0.5 * error_rad)) + noise.gauss(0, 0.001)
            imu[slots.IMU_ANGLE_X + axis] = int(rate_rad_s * _TICK_S * _ANGLE_LSB_PER_RAD)
            imu[slots.IMU_VELOCITY_X + axis] = int(noise.gauss(0, 40))
        force_mm_s2 = craft.guidance[slots.GUI_EXPECTED_MM_S2]
        if self.contact:
            force_mm_s2 = max(force_mm_s2, _LUNAR_MM_S2 + int(noise.gauss(0, 200)))
        imu[slots.IMU_VELOCITY_X] += int(force_mm_s2 * _VELOCITY_LSB_PER_MM_S2)
        return imu.tobytes()

    def _reading(self, index: int, radar_new: bool) -> bytes:
        """What an altimeter last said. Each answers ten times a second; the last one is the radar."""
        noise, craft = self.noise, self.flight
        reading, estimate = craft.readings[index], craft.estimate
        if self.ticks % 10 != 4 + index % 2 or (index == flight.ALTIMETERS - 1 and not radar_new):
            return reading.tobytes()
        if self.mad and noise.random() < 0.5:
            return _anything("reading", noise)
        new = array("i", reading)
        new[slots.ALT_COUNT] = (reading[slots.ALT_COUNT] + 1) % 2**29
        new[slots.ALT_STATUS] = noise.choice((9, 9, 9, 9, 9, 9, 9, 8, 5, 0))
        agl_mm = self._agl_mm()
        range_mm = agl_mm + 1200 + int(noise.gauss(0, 200 + agl_mm * 0.004))
        if noise.random() < 0.03:
            range_mm = noise.randrange(20_000_000)
        if noise.random() > 0.05:  # else it is stuck
            new[slots.ALT_RANGE_MM] = max(0, range_mm)
        new[slots.ALT_AGE_MS] = noise.randrange(12)
        new[slots.ALT_BEAM_COS_Q14] = estimate[slots.EST_R00] >> 15
        new[slots.ALT_BEAM_SIN_Q14] = estimate[slots.EST_R00 + 1] >> 15
        for axis in range(3):
            speed = sum(
                estimate[slots.EST_R00 + 3 * row + axis] * estimate[slots.EST_VELOCITY_UP_Q8 + row]
                for row in range(3)
            )
            new[slots.ALT_VELOCITY_X_MM_S + axis] = (speed >> 37) + int(noise.gauss(0, 100))
        return new.tobytes()


_ARRAYS = declared.arrays()


def _anything(name: str, noise: Random) -> bytes:
    """Any content of an array, with many extremes."""
    values = array("i")
    for slot in _ARRAYS[name].slots:
        low, high = slot.range.low, slot.range.high
        values.append(noise.choice(edges(low, high)) if noise.random() < 0.3 else noise.randint(low, high))
    return values.tobytes()
