"""The dev-board parts of a test bench on the board's real lines, and what their polls cost.

Wired: what `pins.csv` names on the lines tfmini, tf03, lw20, i2c and imu, or simulated parts; they see what
the bench's scene says under "near": a wall, a rail of 5 V, a table that turns slowly.
"""

import time
import unittest

import bench
import locked

import micropython
from plumbline.drivers.ina226 import Ina226
from plumbline.kernels import slots
from plumbline.ports.bus_board import Board
from plumbline.subsystems.bench import Bench

NEEDS = ("tfmini.rx", "tf03.rx", "lw20.rx", "i2c.sda", "imu.sck", "thermistor")
LEAST_HZ = {
    "tfmini": 95,
    "tf03": 95,
    "lw20": 40,
    "lidar_lite": 40,
    "vl53l1x": 22,
    "ina226": 25,
    "icm20948": 218,
}
LEAST_HZ["thermistor"] = 11
TICK_US = 10_000


class Bus:
    """The board's parts, opened once: a state machine and a DMA channel have one user."""

    bench = None
    said = []

    @classmethod
    def open(cls):
        if cls.bench is None:
            cls.bench = Bench(Board.from_files(bench.given["board"]), cls.said.append)
            for _ in range(100):  # every part is set up within a second
                cls.tick()
        return {part.name: part for part in cls.bench.parts}

    @classmethod
    def tick(cls):
        while not cls.bench.rate_group.poll():
            pass


class Parts(unittest.TestCase):
    def setUp(self):
        bench.skip_unless_wired(self, "tfmini", "tf03", "lw20", "i2c", "imu")
        self.parts = Bus.open()

    def test_every_part_delivers_at_its_rate_and_nothing_is_rejected(self):
        before = {name: part.taken for name, part in self.parts.items()}
        rejected = {name: part.rejected for name, part in self.parts.items()}
        for _ in range(200):
            Bus.tick()
        for name, part in self.parts.items():
            rate_hz = (part.taken - before[name]) / 2
            bench.figure(name + " rate", rate_hz, "Hz")
            self.assertLessEqual(LEAST_HZ[name], rate_hz, name)
            self.assertEqual(part.rejected, rejected[name], name + " rejected")

    def test_the_range_finders_see_the_wall(self):
        wall_mm = bench.given["scene"]["near"]["wall_mm"]
        for name in ("tfmini", "tf03", "lw20", "lidar_lite", "vl53l1x"):
            readings = self.parts[name].driver.readings
            self.assertEqual(readings[slots.ALT_STATUS], 1, name)
            self.assertLessEqual(abs(readings[slots.ALT_RANGE_MM] - wall_mm), 10, name)

    def test_rail_and_room_are_what_they_are(self):
        near = bench.given["scene"]["near"]
        readings = self.parts["ina226"].driver.readings
        self.assertLessEqual(abs(readings[slots.PWR_BUS_MV] - near["bus_mv"]), 2)
        self.assertLessEqual(abs(readings[slots.PWR_CURRENT_MA] - near["current_ma"]), 1)
        celsius = self.parts["thermistor"].driver.readings[slots.TMP_MC] / 1000
        self.assertLessEqual(abs(celsius - near["celsius"]), 0.05)

    def test_the_inertial_unit_feels_gravity_and_the_turn(self):
        near = bench.given["scene"]["near"]
        readings = self.parts["icm20948"].driver.readings
        for _ in range(3):
            Bus.tick()
            samples = readings[slots.IMU_SAMPLES]
            for axis in range(3):
                degree_s = readings[slots.IMU_ANGLE_X + axis] / 2097152 * 225
                self.assertLessEqual(abs(degree_s - samples * near["rate_deg_s"][axis]), 0.05 * samples)
                metres_s2 = readings[slots.IMU_VELOCITY_X + axis] / 4194304 * 225
                wanted = samples * 9.80665 * near["acceleration_g"][axis]
                self.assertLessEqual(abs(metres_s2 - wanted), 0.01 * samples + 0.001)

    def test_a_report_has_a_line_about_each_part(self):
        said = Bus.said
        said.clear()
        while not any(line.startswith("bench-tick") for line in said):
            Bus.bench.step()
        said.clear()
        while not any(line.startswith("bench-tick") for line in said):
            Bus.bench.step()
        named = [line.split()[1] for line in said if line.startswith("bench ")]
        self.assertEqual(sorted(named), sorted(self.parts))

    def test_no_poll_allocates_and_a_tick_has_time_left(self):
        group = Bus.bench.rate_group
        clock = Bus.bench._board.clock
        self.assertTrue(locked.finds_an_allocation(locked.Clock()))
        self.assertEqual(locked.complaints(group, clock, 120), [])
        worst_us = total_us = 0
        for _ in range(100):
            left_us = time.ticks_diff(group._next, time.ticks_us())
            if left_us > 0:
                time.sleep_us(left_us)
            begun = time.ticks_us()
            Bus.tick()
            took_us = time.ticks_diff(time.ticks_us(), begun)
            worst_us = max(worst_us, took_us)
            total_us += took_us
        bench.figure("all polls, mean", total_us / 100, "us")
        bench.figure("all polls, worst", worst_us, "us")
        self.assertLess(worst_us, TICK_US)

    def test_an_absent_part_costs_no_memory_and_less_than_a_millisecond(self):
        driver = Ina226(Bus.bench._i2c("i2c"), 100_000, address=0x4F)
        worst_us = self._worst_us(driver.poll)
        bench.figure("poll of an absent part, worst", worst_us, "us")
        self.assertEqual(driver.readings[slots.PWR_REJECTED], 20)
        self.assertLess(worst_us, 1_000)

    def _worst_us(self, poll):
        worst_us = 0
        for _ in range(20):
            begun = time.ticks_us()
            micropython.heap_lock()
            try:
                poll()
            finally:
                micropython.heap_unlock()
            worst_us = max(worst_us, time.ticks_diff(time.ticks_us(), begun))
        return worst_us
