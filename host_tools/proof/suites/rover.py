"""The rover's rooms: wheels, tilt, scoop and modes; every row of the transition table."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import rover_drive, rover_mode, rover_tilt, scoop
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import rover_drive as drive_kernels
from plumbline.kernels import rover_mode as mode_kernels
from plumbline.kernels import rover_tilt as tilt_kernels
from plumbline.kernels import scoop as scoop_kernels
from plumbline.kernels import slots as s

DRIVE = Room(drive_kernels, rover_drive)
TILT = Room(tilt_kernels, rover_tilt)
SCOOP = Room(scoop_kernels, scoop)
MODE = Room(mode_kernels, rover_mode)

ANY = "declared ranges"
YAW = (-4_000_000, 4_000_000)
ANGLE = (-(2**30), 2**30 - 1)
_MOVING = {s.DRV_MOTION: (1, 2), s.DRV_TICKS_LEFT: (0, 40), **dict.fromkeys(range(25, 29), (0, 1))}
_ROLLING = {
    s.DRV_MOTION: (1, 2), s.DRV_TICKS_LEFT: (2, 500), s.DRV_GOAL: (0, 50_000), s.DRV_WINDOW_TICKS: (8, 9),
    **dict.fromkeys(range(s.DRV_PULSES, s.DRV_PULSES + 4), (3_000, 3_200)),
    **dict.fromkeys(range(s.DRV_STILL_TICKS, s.DRV_STILL_TICKS + 4), (46, 51)),
    **dict.fromkeys(range(s.DRV_OVERLOAD_TICKS, s.DRV_OVERLOAD_TICKS + 4), (17, 20)),
    **dict.fromkeys(range(s.DRV_VERDICT, s.DRV_VERDICT + 4), (0, 1)),
}  # fmt: skip
_CLOSE_WHEELS = {
    **dict.fromkeys(range(s.WHL_PULSES, s.WHL_PULSES + 4), (0, 3)),
    **dict.fromkeys(range(s.WHL_CURRENT_MA, s.WHL_CURRENT_MA + 2), (445, 455)),
    **dict.fromkeys(range(s.WHL_CURRENT_MA + 2, s.WHL_CURRENT_MA + 4), (1490, 1510)),
}
_CLOSE = {"drive": _ROLLING, "wheels": _CLOSE_WHEELS}
_ARM = {
    s.SCP_PHASE: (1, 2), s.SCP_SETPOINT_MRAD: (295, 305), s.SCP_DEEPEST_MRAD: (590, 610),
    s.SCP_ASTRAY_TICKS: (47, 51), s.SCP_WAIT_TICKS: (0, 602),
}  # fmt: skip
_WAITED = {"scoop": {s.SCP_WAIT_TICKS: (597, 602)}}
# about lunar gravity, and on any side
_GRAVITY = dict.fromkeys(range(s.TLT_SUM_X, s.TLT_SUM_Z + 1), (-3_000_000, 3_000_000))
_WINDOW_FULL = {s.TLT_SAMPLES: (60, 66), s.TLT_REST_SAMPLES: (440, 455), **_GRAVITY}
_POLL = {
    s.IMU_SAMPLES: (1, 4), s.IMU_ANGLE_Z: (-90_000, 90_000),
    **dict.fromkeys(range(s.IMU_VELOCITY_X, s.IMU_VELOCITY_X + 3), (-90_000, 90_000)),
}  # fmt: skip

CHECKS: list[Check] = [
    TILT.check("step", ANY, 20.0, resting=(0, 1)),
    TILT.check("step", "on the Moon", 20.0, {"tilt": _WINDOW_FULL, "imu": _POLL}, resting=(0, 1)),
    TILT.check("learn_bias", ANY, samples=(1, 36), turned=(-2_000_000, 2_000_000), resting=(0, 1)),
    TILT.check("level", ANY, 20.0),
    TILT.check("level", "lunar gravity", 20.0, {"tilt": _GRAVITY}),
    DRIVE.check("begin", ANY, motion=(1, 2), sign=(-1, 1), goal=(0, 50_000), speed=(5, 60)),
    DRIVE.check("step", ANY, yaw=YAW),
    DRIVE.check("step", "rolling, close calls", 0.0, _CLOSE, yaw=YAW),
    DRIVE.check("stop", ANY, end=(0, 9)),
    DRIVE.check("judge_wheel", ANY, wheel=(0, 3)),
    DRIVE.check("judge_wheel", "close calls", 0.0, _CLOSE, wheel=(0, 3)),
    DRIVE.check("middle_pulses", ANY),
    DRIVE.check("measure_way", ANY),
    DRIVE.check("outcome", ANY),
    DRIVE.check("outcome", "no wheel stalled", 0.0, {"drive": _MOVING}),
    DRIVE.check("regulate", ANY),
    DRIVE.check("regulate", "rolling, close calls", 0.0, {"drive": _ROLLING}),
    DRIVE.check("steer", ANY),
    SCOOP.check("begin", ANY, angle=ANGLE, deepest=(0, 1500)),
    SCOOP.check("stop", ANY, end=(0, 9)),
    SCOOP.check("step", ANY, angle=ANGLE, camera_busy=(0, 1)),
    SCOOP.check("step", "close calls", 0.0, {"scoop": _ARM}, angle=(140, 460), camera_busy=(0, 1)),
    SCOOP.check("is_astray", ANY, apart=(0, 11_500)),
    SCOOP.check("jam", ANY, angle=ANGLE),
    SCOOP.check("station_mrad", ANY),
    SCOOP.check("photograph", ANY, camera_busy=(0, 1)),
    SCOOP.check("photograph", "close calls", 0.0, _WAITED, camera_busy=(0, 1)),
    MODE.check("next_mode", "every mode, any conditions", mode=(0, 6), conditions=(0, 16383)),
    MODE.check("leave_safe", "every condition", conditions=(0, 16383), whole=True),
    MODE.check("begin_to_move", "any conditions", mode=(1, 3), conditions=(0, 16383)),
    MODE.check("leave_lander", "every condition", conditions=(0, 16383), whole=True),
]  # fmt: skip
