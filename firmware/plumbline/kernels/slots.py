"""Where each value lives in the arrays that kernels hand to each other: declared once, here.

A kernel repeats the slots that it uses as `_NAME = const(n)`, because only a literal
in its own file folds; tests_host/test_slots.py holds every repetition against this table.
"""

from micropython import const

# --- imu: one poll of the inertial unit ------------------------------------------------
IMU_SAMPLES = const(0)  # good datagrams in this poll
IMU_ANGLE_X = const(1)  # incremental angle, sum over the poll, LSB of 2^-21 degree
IMU_ANGLE_Y = const(2)
IMU_ANGLE_Z = const(3)
IMU_VELOCITY_X = const(4)  # incremental velocity, sum over the poll, LSB of 2^-22 m/s
IMU_VELOCITY_Y = const(5)
IMU_VELOCITY_Z = const(6)
IMU_FAULTS = const(7)  # datagrams whose status byte was not 0, running count
IMU_REJECTED = const(8)  # checksum failures, running count
IMU_LOST = const(9)  # datagrams that the part's counter says are missing, running count
IMU_SIZE = const(10)

# --- altimeter: the last reading of one range finder or radar --------------------------
ALT_COUNT = const(0)  # replies so far; changes when a new reading is in
ALT_STATUS = const(1)  # bit 0 range valid, bit 1 weak, bit 2 self-test failed, bit 3 velocity valid
ALT_RANGE_MM = const(2)  # slant range along the beam
ALT_AGE_MS = const(3)  # age of the measurement when its reply was sent
ALT_BEAM_COS_Q14 = const(4)  # beam direction in the body's pitch plane: (-cos, -sin, 0)
ALT_BEAM_SIN_Q14 = const(5)
ALT_VELOCITY_X_MM_S = const(6)  # radar only: velocity over the ground, body axes
ALT_VELOCITY_Y_MM_S = const(7)
ALT_VELOCITY_Z_MM_S = const(8)
ALT_REJECTED = const(9)  # checksum or length failures, running count
ALT_SIZE = const(10)
