"""A vehicle profile as the integers of the parameters.json of navigation_pico and of propulsion_pico."""

import math
from typing import Any

from host_tools.scenarios.vehicle import LaserAltimeter, RadarAltimeter, Vehicle
from host_tools.world.tanks import fall_kpa_kg

# Where braking ends. Public plan of Mission 1: 300 km/h at 3 km, some two minutes before touchdown.
GATE_ALTITUDE_MM = 3_000_000
GATE_SINK_MM_S = 65_000
GATE_SPEED_MM_S = 48_000
GATE_DOWNRANGE_MM = -1_700_000
# At constant thrust the deceleration grows as propellant burns; the up part grows too, so that
# a little less than the exhaust speed suggests is left for slowing (fitted to a planar flight).
GROWTH_SPEED_MM_S = 4_500_000
IGNITION_Q14 = round(0.93 * 16384)  # 7 % of thrust in reserve, of which trim may take 3
STANDARD_GRAVITY_M_S2 = 9.80665
_BUS_AND_POLL_MS = 6  # a reply of 20 to 32 bytes at 115,200 baud, and half a tick less the sample's phase


_SLOPE = 0.2  # 11 degrees: half as steep again as the median of the highlands at 17 m


def _fraction(part: LaserAltimeter | RadarAltimeter) -> float:
    """Standard deviation over range: the part's noise, and how much nearer a slope comes to a wide beam."""
    beam_deg = part.beam_deg if isinstance(part, RadarAltimeter) else 0.0
    first_return = math.tan(math.radians(beam_deg) / 2.0) * _SLOPE
    return math.hypot(part.noise_fraction, first_return)


def flight_parameters(vehicle: Vehicle) -> dict[str, Any]:
    """What navigation must know of this vehicle; keys as in plumbline/subsystems/parameters.py."""
    vehicle = vehicle.told
    mount_mm = round(vehicle.footpad_plane_below_cg_m * 1000)
    return {
        "thrust_full_mn": round(vehicle.full_thrust_n * 1000),
        "thrust_main_mn": round(vehicle.main_engine.thrust_n * 1000),
        "exhaust_m_s": round(vehicle.main_engine.isp_s * STANDARD_GRAVITY_M_S2),
        "gate_altitude_mm": GATE_ALTITUDE_MM,
        "gate_sink_mm_s": GATE_SINK_MM_S,
        "gate_speed_mm_s": GATE_SPEED_MM_S,
        "gate_downrange_mm": GATE_DOWNRANGE_MM,
        "growth_speed_mm_s": GROWTH_SPEED_MM_S,
        "ignition_q14": IGNITION_Q14,
        "empty_g": round(vehicle.empty_mass_kg * 1000),
        "inertial_units": 1 if vehicle.imu_2 is None else 2,
        "radar_delay_ms": _BUS_AND_POLL_MS,
        "altimeters": [
            {
                "name": part.kind,
                "floor_mm": round(part.noise_floor_m * 1000),
                "fraction_q14": round(_fraction(part) * 16384),
                "mount_mm": mount_mm,
                "delay_ms": _BUS_AND_POLL_MS,
                "reach_mm": round(part.max_range_m * 1000),
            }
            for part in vehicle.altimeters
        ],
    }


def propulsion_parameters(vehicle: Vehicle) -> dict[str, int]:
    """What propulsion must know of this vehicle; keys as in plumbline/subsystems/propulsion_parameters.py.

    What an engine adds to a rate in a tick is told for 1 kg: inertia goes with the mass, and the mean of full
    and empty is right within a few percent. Limits are shares of 1,024 of an assist thruster's torque: cut,
    weak, and as large as of a jet that stays open. Thrust that is missing is the main engine's when it is a
    third of its thrust and a twelfth of all; a main engine that is too small for that is not judged.
    """
    vehicle = vehicle.told
    thruster, main = vehicle.assist_thrusters, vehicle.main_engine
    assist = thruster.thrust_n * thruster.radius_m
    jet = vehicle.rcs_thrusters.thrust_n * vehicle.rcs_thrusters.lever_m
    full, empty = vehicle.inertia_at_ignition_kg_m2, vehicle.inertia_empty_kg_m2
    per_inertia = [
        (vehicle.ignition_mass_kg / full[axis] + vehicle.empty_mass_kg / empty[axis]) / 2 for axis in (0, 1)
    ]
    unit = 16 * 0.01 / 32e-6  # 1/16 of 32 urad/s, 10 ms
    share = main.thrust_n / vehicle.full_thrust_n
    lack = max(0.35 * share, 0.08)
    return {
        "thruster_turn": round(unit * assist * per_inertia[1]),
        "jet_turn": round(unit * jet * per_inertia[1]),
        "roll_jet_turn": round(unit * jet * per_inertia[0]),
        "cut_q10": 307,
        "weak_q10": 123,
        "stuck_q10": round(1024 * 0.6 * jet / assist),
        "main_mn": round(main.thrust_n * 1000),
        "thruster_mn": round(thruster.thrust_n * 1000),
        "lack_q10": round(1024 * lack) if share > lack else 8192,
        **_falls(vehicle),
    }


def _falls(vehicle: Vehicle) -> dict[str, int]:
    """What 10 ms of each engine cost the pressurant, in 1/16 kPa / 2^14, and what a window may differ by.

    The floor is 10 kPa: three times what noise and the converter's steps leave of the mean of ten readings.
    The share, 6 percent of what was commanded, is what thrust, Isp and the bottle's heat differ by.
    """
    unit = 16 * 2**14 * 0.01 * fall_kpa_kg(vehicle)
    engines = {
        "main": vehicle.main_engine,
        "thruster": vehicle.assist_thrusters,
        "jet": vehicle.rcs_thrusters,
    }
    flows = {name: each.thrust_n / (each.isp_s * STANDARD_GRAVITY_M_S2) for name, each in engines.items()}
    falls = {f"{name}_fall_q14": round(unit * flow) for name, flow in flows.items()}
    return {**falls, "fall_floor": 16 * 10, "fall_share_q10": round(1024 * 0.06)}
