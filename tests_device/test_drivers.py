"""Drivers on the board's real lines, against the parts behind them.

Wired: a STIM300 to `imu`, range finders to `laser` and `radar`, or simulated ones; they see what the
bench's scene says: a lander at rest above flat ground.
"""

import time
import unittest

import bench

from plumbline.drivers.doppler_radar import DopplerRadar
from plumbline.drivers.laser_altimeter import LaserAltimeter
from plumbline.drivers.stim300 import Stim300
from plumbline.kernels import slots
from plumbline.ports import Board

NEEDS = ("imu.rx", "laser.rx", "radar.rx")
TICK_US = 10_000
ONE_Q14 = 16384


class Lines:
    """The board's lines, opened once: a state machine and a DMA channel have one user."""

    imu = laser = radar = None

    @classmethod
    def open(cls):
        if cls.imu is None:
            board = Board.from_files(bench.given["board"])
            cls.imu = Stim300(board.uart("imu", 921600))
            cls.laser = LaserAltimeter(board.uart("laser", 115200))
            cls.radar = DopplerRadar(board.uart("radar", 115200))


def ticks(count):
    """Every 10 ms, as in flight."""
    due = time.ticks_us()
    for index in range(count):
        due = time.ticks_add(due, TICK_US)
        left_us = time.ticks_diff(due, time.ticks_us())
        if left_us > 0:
            time.sleep_us(left_us)
        yield index


class InertialUnit(unittest.TestCase):
    def setUp(self):
        bench.skip_unless_wired(self, "imu")
        Lines.open()

    def test_a_second_has_its_500_datagrams_and_none_is_rejected_or_lost(self):
        imu = Lines.imu
        for _ in ticks(5):  # what came before, and the datagram under way when the line was opened
            imu.poll()
        before = imu.readings[slots.IMU_REJECTED], imu.readings[slots.IMU_LOST]
        samples = least = most = 0
        for index in ticks(100):
            imu.poll()
            count = imu.readings[slots.IMU_SAMPLES]
            samples += count
            least = count if index == 0 else min(least, count)
            most = max(most, count)
        after = imu.readings[slots.IMU_REJECTED], imu.readings[slots.IMU_LOST]
        bench.figure("datagrams in a poll, least", least, "")
        bench.figure("datagrams in a poll, most", most, "")
        self.assertEqual(after, before, "rejected and lost")
        self.assertLessEqual(abs(samples - 500), 2)

    def test_a_lander_at_rest_feels_its_weight_and_does_not_turn(self):
        scene = bench.given["scene"]
        imu = Lines.imu
        for _ in ticks(20):
            imu.poll()
            samples = imu.readings[slots.IMU_SAMPLES]
            for axis in range(3):
                self.assertEqual(imu.readings[slots.IMU_ANGLE_X + axis], 0)
            self.assertEqual(imu.readings[slots.IMU_VELOCITY_X], samples * scene["velocity_x_lsb"])
            self.assertEqual(imu.readings[slots.IMU_VELOCITY_X + 1], 0)
            self.assertEqual(imu.readings[slots.IMU_FAULTS], 0)


class RangeFinders(unittest.TestCase):
    def setUp(self):
        bench.skip_unless_wired(self, "laser", "radar")
        Lines.open()

    def test_the_laser_measures_the_height_straight_down(self):
        self._ask(Lines.laser, ONE_Q14, 0)
        self._measures(Lines.laser, bench.given["scene"]["height_mm"])

    def test_the_laser_measures_a_longer_way_along_a_slanting_beam(self):
        # 30 degrees: cos = 14189 / 2^14, and the slant range is height / cos
        self._ask(Lines.laser, 14189, 8192)
        self._measures(Lines.laser, bench.given["scene"]["height_mm"] * ONE_Q14 // 14189)

    def test_the_radar_measures_the_height_and_no_velocity(self):
        self._ask(Lines.radar, ONE_Q14, 0)
        self._measures(Lines.radar, bench.given["scene"]["height_mm"])
        readings = Lines.radar.readings
        self.assertEqual(readings[slots.ALT_STATUS], 9, "range and velocity are valid")
        for axis in range(3):
            self.assertEqual(readings[slots.ALT_VELOCITY_X_MM_S + axis], 0)

    def test_each_of_twenty_requests_has_one_reply_on_both_lines_at_once(self):
        laser, radar = Lines.laser, Lines.radar
        before = laser.readings[slots.ALT_COUNT], radar.readings[slots.ALT_COUNT]
        for index in ticks(20 * 5 + 10):
            if index % 5 == 0 and index < 100:
                laser.request(ONE_Q14, 0)
                radar.request(ONE_Q14, 0)
            laser.poll()
            radar.poll()
        self.assertEqual(laser.readings[slots.ALT_COUNT] - before[0], 20)
        self.assertEqual(radar.readings[slots.ALT_COUNT] - before[1], 20)
        self.assertEqual(laser.line.rejected + radar.line.rejected, 0)
        self.assertEqual(laser.line.duplicates + radar.line.duplicates, 0)

    def _ask(self, part, cos_q14, sin_q14):
        while part.poll():
            pass
        part.request(cos_q14, sin_q14)
        for _ in ticks(15):
            if part.poll():
                return
        self.fail("no reply in 150 ms")

    def _measures(self, part, height_mm):
        readings = part.readings
        self.assertTrue(readings[slots.ALT_STATUS] & 1, "the range is valid")
        self.assertLessEqual(abs(readings[slots.ALT_RANGE_MM] - height_mm), 1)
        self.assertLess(readings[slots.ALT_AGE_MS], 100)
