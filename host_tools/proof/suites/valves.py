"""valve_motion.py and valve_health.py: exact, over everything and close to every threshold."""

from typing import Any

from host_tools.proof.harness.check import Check
from host_tools.proof.references import valve_health as health_references
from host_tools.proof.references import valve_motion as motion_references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import slots as s
from plumbline.kernels import valve_health, valve_motion

MOTION = Room(valve_motion, motion_references)
HEALTH = Room(valve_health, health_references)
RATE = (-32_768, 32_767)
_CALM = {  # as it is in flight: rates of some degrees a second, torques of up to a few thrusters'
    "motion": {
        **dict.fromkeys(range(s.MOT_TURN_Q4, s.MOT_RATE_Q4), (-2_000, 2_000)),
        **dict.fromkeys(range(s.MOT_RATE_Q4, s.MOT_TORQUE_Q10), (-160_000, 160_000)),
        **dict.fromkeys(range(s.MOT_TORQUE_Q10, s.MOT_QUIET_TICKS), (-700_000, 700_000)),
        **dict.fromkeys(range(s.MOT_QUIET_TICKS, s.MOT_SEEN_Q), (0, 7)),
        **dict.fromkeys(range(s.MOT_FIRED_Q4, s.MOT_STEADY_Q10), (-75, 75)),
        **dict.fromkeys(range(s.MOT_ASKED_Q4, s.MOT_AGE_TICKS), (19_990, 32_100)),
        s.MOT_AGE_TICKS: (148, 152),
        s.MOT_MAIN_US: (99_500, 100_500),
        s.MOT_THRUSTERS_US: (0, 660_000),
        s.MOT_FORCE_SUM: (-1_000, 60_000),
    },
    "turning": {s.TRN_MAIN_MN: (0, 500_000), s.TRN_THRUSTER_MN: (1, 250_000)},
}
_CLOSE: Any = {
    "motion": {
        **_CALM["motion"],
        s.MOT_ASSIST_Q4: (1_250, 2_500),
        s.MOT_ROLL_Q4: (220, 450),
        **dict.fromkeys(range(s.MOT_LACK_Q4, s.MOT_ASKED_Q4), (5_000, 25_000)),
        s.MOT_LACK_Q10: (80, 100),
        **dict.fromkeys(range(s.MOT_ROUGH_Q4, s.MOT_SIZE), (5_000, 35_000)),
    },
    "health": {
        **dict.fromkeys(range(s.HEA_TORQUE_Q10, s.HEA_STEADY_Q10), (-600, 600)),
        **dict.fromkeys(range(s.HEA_STEADY_Q10, s.HEA_PAIR), (-2_000, 2_000)),
        s.HEA_PAIR_STEPS: (0, 3),
        s.HEA_WEAK_STEPS: (17, 21),
        **dict.fromkeys(range(s.HEA_STUCK_STEPS, s.HEA_TRIAL), (5, 9)),
        s.HEA_TRIAL_STEPS: (9, 13),
        s.HEA_MAIN_STEPS: (17, 21),
    },
    "turning": {
        s.TRN_CUT_Q10: (250, 350),
        s.TRN_WEAK_Q10: (100, 150),
        s.TRN_STUCK_Q10: (80, 120),
        s.TRN_LACK_Q10: (80, 100),
    },
}
_FREE = {**_CLOSE, "health": {**_CLOSE["health"], s.HEA_TRIAL: (0, 0), s.HEA_ACQUITTED: (0, 0)}}

CHECKS: list[Check] = [
    MOTION.check("take_mass", "declared ranges"),
    MOTION.check("step", "declared ranges"),
    MOTION.check("step", "as in flight", 0.0, _CALM),
    MOTION.check("weigh_thrust", "declared ranges", mass_kg=(10, 32_767)),
    MOTION.check("weigh_thrust", "as in flight", 0.0, _CALM, mass_kg=(100, 1_000)),
    MOTION.check("add_thrust", "declared ranges"),
    MOTION.check("begin", "declared ranges"),
    MOTION.check("count_open", "declared ranges"),
    MOTION.check("rest", "declared ranges"),
    MOTION.check("expect", "declared ranges"),
    MOTION.check("delayed", "declared ranges", slot=(33, 41)),
    MOTION.check("observe", "declared ranges", axis=(0, 2), rate_q=RATE),
    MOTION.check("observe", "as in flight", 0.0, _CALM, axis=(0, 2), rate_q=(-9_000, 9_000)),
    MOTION.check("weigh_jets", "declared ranges", axis=(0, 2), rate_q=RATE),
    MOTION.check("weigh_jets", "as in flight", 0.0, _CALM, axis=(0, 2), rate_q=(-9_000, 9_000)),
    MOTION.check("take_episode", "declared ranges", axis=(0, 2)),
    MOTION.check("take_episode", "as in flight", 0.0, _CALM, axis=(0, 2)),
    HEALTH.check("step", "declared ranges"),
    HEALTH.check("step", "close to every threshold", 0.0, _CLOSE),
    HEALTH.check("step", "nothing on trial", 0.0, _FREE),
    HEALTH.check("compare", "declared ranges"),
    HEALTH.check("compare", "close to every threshold", 0.0, _CLOSE),
    HEALTH.check("size_of", "declared ranges", value=(1 - 2**29, 2**29 - 1)),
    HEALTH.check("pair_torque", "declared ranges", pair=(0, 2)),
    HEALTH.check("judge_pairs", "declared ranges"),
    HEALTH.check("judge_pairs", "close to every threshold", 0.0, _CLOSE),
    HEALTH.check("cut", "declared ranges", branch=(0, 7), again=(0, 1)),
    HEALTH.check("judge_stuck", "declared ranges", axis=(0, 2)),
    HEALTH.check("judge_stuck", "close to every threshold", 0.0, _FREE, axis=(0, 2)),
    HEALTH.check("end_trial", "declared ranges"),
    HEALTH.check("end_trial", "close to every threshold", 0.0, _CLOSE),
    HEALTH.check("judge_jets", "declared ranges", group=(0, 5)),
    HEALTH.check("judge_jets", "close to every threshold", 0.0, _CLOSE, group=(0, 5)),
    HEALTH.check("judge_main", "declared ranges"),
    HEALTH.check("judge_main", "close to every threshold", 0.0, _CLOSE),
]
