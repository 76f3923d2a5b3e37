"""Two inertial units on one board: polled together, and what to fly by chosen from both.

Imported only where there are two: the kernels take 8 kB of a board's memory.
"""

from array import array

from plumbline.drivers.stim300 import Stim300
from plumbline.kernels import contest, inertial, slots


class InertialPair:
    """`readings`: IMU_ slots to fly by; `memory`: INS_ slots; first: the driver of the line `imu`."""

    def __init__(self, board, first):
        self.first = first
        self.second = Stim300(board.uart("imu_2", 921600))
        self.memory = array("i", [0] * slots.INS_SIZE)
        self.readings = array("i", [0] * slots.IMU_SIZE)

    def arrays(self):
        """What a debugger may watch, by name."""
        return {
            "imu_2": self.second.readings,
            "imu_2_line": self.second.line,
            "inertial": self.memory,
            "increments": self.readings,
        }

    def begin_anew(self):
        """After a reset: the lines' counts of faults and losses are others than those that were kept."""
        for i, unit in enumerate((self.first, self.second)):
            base = slots.INS_FIRST + i * slots.INS_STRIDE
            self.memory[base + slots.INS_SEEN_FAULTS] = unit.readings[slots.IMU_FAULTS]
            self.memory[base + slots.INS_SEEN_LOST] = unit.readings[slots.IMU_LOST]

    def poll(self, estimate, guidance):
        """Fill `readings`; returns the samples in it. `first` has been polled. Allocates nothing."""
        self.second.poll()
        inertial.examine(self.memory, self.first.readings, 0)
        inertial.examine(self.memory, self.second.readings, 1)
        inertial.choose(self.memory, estimate, guidance, self.readings)
        return self.readings[slots.IMU_SAMPLES]

    def weigh(self, estimate, radar, delay_ms):
        """A radar velocity that may tell which unit is right. Allocates nothing."""
        contest.weigh(self.memory, estimate, radar, delay_ms)
