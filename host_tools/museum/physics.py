"""Landings that no voter can save: the thrust that was needed against the thrust that was left.

Asked only where a fault took thrust. Taken at the moment from which on the engines are what they stay
(when the fault begins, or ends if it does), with perfect knowledge, and with the mass at the end of the
stop: what is called impossible here is impossible.
"""

import math

from host_tools.landing.record import Course
from host_tools.scenarios.faults import ENGINES, HOW_MANY, Fault
from host_tools.scenarios.schema import Scenario
from host_tools.scenarios.vehicle import MOON_SURFACE_GRAVITY_M_S2, STANDARD_GRAVITY_M_S2, Vehicle


def impossible(record: Course, scenario: Scenario) -> str | None:
    """Why this flight could not land whatever it believed; None when it could, or did."""
    if record.landed:
        return None
    moments = {moment.name: moment.time_s for moment in record.moments}
    for fault in scenario.faults:
        if fault.target not in ENGINES or fault.kind == "thrust_excess" or fault.name not in moments:
            continue
        ends = fault.duration_s is not None or fault.until_agl_m is not None
        at_s = moments.get(f"{fault.name}_ends" if ends else fault.name)
        if at_s is None:  # on the ground before the engines came back
            return f"{fault.target.replace('_', ' ')}: silent from its fault to the ground"
        lost_n = 0.0 if ends else lost_thrust_n(scenario.vehicle, fault)
        left_n = scenario.vehicle.full_thrust_n - lost_n
        reason = too_late(record, scenario, at_s, left_n)
        if reason is not None:
            return reason
    return None


def lost_thrust_n(vehicle: Vehicle, fault: Fault) -> float:
    """Thrust along the lander's axis that this fault takes."""
    share = 1.0 if fault.kind == "off" else fault.fraction or 0.0
    numbers = fault.numbers or tuple(range(1, HOW_MANY[fault.target] + 1))
    if fault.target == "rcs_thrusters":
        return 0.0
    assist_n = vehicle.assist_thrusters.thrust_n
    if fault.target == "assist_thrusters":
        return share * assist_n * len(numbers)
    main_n = vehicle.main_engine.thrust_n
    return share * sum(main_n if number == 1 else assist_n for number in numbers)


def too_late(record: Course, scenario: Scenario, at_s: float, left_n: float) -> str | None:
    """Why the sink rate at that time cannot be taken off with that thrust, or the propellant; or None."""
    vehicle = scenario.vehicle
    height_m = max(record.at("true_agl_m", at_s), 0.1)
    sink_m_s = max(0.0, -record.at("true_vertical_speed_m_s", at_s))
    along_m_s = record.at("true_horizontal_speed_m_s", at_s)
    mass_kg = vehicle.empty_mass_kg + record.at("propellant_kg", at_s)
    legs_m_s = scenario.landing_limits.vertical_speed_m_s
    exhaust_m_s = vehicle.main_engine.isp_s * STANDARD_GRAVITY_M_S2
    worth_m_s = exhaust_m_s * math.log(mass_kg / vehicle.empty_mass_kg)
    if worth_m_s < math.hypot(sink_m_s, along_m_s) - legs_m_s:
        return f"{math.hypot(sink_m_s, along_m_s):.0f} m/s to take off, propellant for {worth_m_s:.0f} m/s"
    stop_s = 2.0 * height_m / (sink_m_s + legs_m_s)
    lightest_kg = max(vehicle.empty_mass_kg, mass_kg - left_n / exhaust_m_s * stop_s)
    slowing_m_s2 = max(0.0, sink_m_s**2 - legs_m_s**2) / (2.0 * height_m)
    needed_n = lightest_kg * (MOON_SURFACE_GRAVITY_M_S2 + slowing_m_s2)
    if needed_n <= left_n:
        return None
    stop = f"to stop {sink_m_s:.0f} m/s within {height_m:,.0f} m"
    return f"needed {needed_n:,.0f} N {stop}, available {left_n:,.0f} N"
