"""No tick of the navigation board allocates: each phase of its schedule, each phase of a descent.

Wired: the parts, a spacecraft on `bus` and a propulsion board on `link`, real or simulated. On a board
with nothing wired the lines are silent, and the tests that need their traffic are left out.
"""

import gc
import unittest

import bench
from locked import Clock, complaints, finds_an_allocation, growth

from plumbline.kernels import slots
from plumbline.ports import Board
from plumbline.subsystems.navigation import Navigation
from plumbline.subsystems.parameters import Parameters

NEEDS = ("imu.rx", "laser.rx", "radar.rx")
TALKERS = ("imu", "laser", "radar", "bus", "link")
WAITING, ORBIT = 0, 8


class Flight:
    """The one navigation of this file, on the board's own lines."""

    navigation = None
    clock = Clock()

    @classmethod
    def begin(cls):
        if cls.navigation is None:
            board = Board.from_files(bench.given["board"])
            board.clock = cls.clock
            parameters = Parameters.from_file("/parameters.json")
            gc.collect()  # what reading left; a kilobyte in one piece is needed last
            cls.navigation = Navigation(board, parameters)
        return cls.navigation


class Allocation(unittest.TestCase):
    def setUp(self):
        self.navigation = Flight.begin()
        self.group = self.navigation.rate_group

    def test_0_the_lock_finds_a_tick_that_allocates(self):
        self.assertTrue(finds_an_allocation(Flight.clock))

    def test_a_no_tick_allocates_with_traffic_on_every_line(self):
        bench.skip_unless_wired(self, *TALKERS)
        navigation = self.navigation
        found = complaints(self.group, Flight.clock, 220)  # 22 times each of the ten phases
        self.assertEqual(found, [])
        self.assertGreater(navigation.laser.readings[slots.ALT_COUNT], 15)
        self.assertGreater(navigation.radar.readings[slots.ALT_COUNT], 15)
        self.assertGreater(navigation.imu.readings[slots.IMU_SAMPLES], 2)
        self.assertGreater(navigation.bus.accepted, 0, "initial states")
        self.assertGreater(navigation.link.passed_by, 15, "propulsion's status")
        self.assertEqual(navigation.bus.rejected + navigation.link.rejected, 0)

    def test_b_no_phase_of_a_descent_allocates(self):
        navigation = self.navigation
        for phase in range(WAITING, ORBIT + 1):
            navigation.guidance[slots.GUI_PHASE] = phase
            navigation.guidance[slots.GUI_MASS_G] = 500_000
            found = complaints(self.group, Flight.clock, 20, fast=True)
            self.assertEqual(found, [], "phase %d" % phase)

    def test_c_events_of_every_kind_allocate_nothing(self):
        navigation = self.navigation
        verdict = slots.VOT_FIRST + slots.VOT_VERDICT
        for value in (1, 2, 3, 4, 1, 5, 1):  # acquired, on trial, terrain, put out, back, overdue, back
            navigation.vote[verdict] = value
            navigation.vote[slots.VOT_STEPS] += 1
            navigation.vote[slots.VOT_CORRECTIONS] += 1
            navigation.vote[slots.VOT_IMPOSSIBLE] += 1
            self.group.overruns += 1
            self.assertEqual(complaints(self.group, Flight.clock, 10, fast=True), [])

    def test_d_a_thousand_ticks_leave_the_heap_as_it_was(self):
        self.assertEqual(growth(self.group, Flight.clock, 1000), 0)
