"""Made-up flights for the tests of report and command: smooth curves of the right size, no flight code."""

import numpy as np

from host_tools.landing.record import Event, FlightRecord, Limits, Moment, Touchdown

REQUIREMENT = Limits(1.5, 0.5, 5.0, 0.03)
_RANGE_M = 590_000.0
_STEP_S = 0.5


def _ground_m(downrange_m: np.ndarray, plateau_m: float) -> np.ndarray:
    roughness = 60.0 * np.sin(downrange_m / 900.0) * np.clip(np.abs(downrange_m) / 8_000.0, 0.0, 1.0)
    return roughness + np.interp(downrange_m, [-35e3, -33.5e3, -21.5e3], [plateau_m, 0.4 * plateau_m, 0.0])


def landing(plateau_m: float = 0.0, seed: int = 1) -> FlightRecord:
    """A landing after 750 s; with a plateau, over a rim 35 km before the site."""
    time_s = np.arange(0.0, 750.05, _STEP_S)
    left = 1.0 - time_s / 750.0
    downrange_m = -_RANGE_M * left**1.9
    altitude_m = 20_000.0 * (0.55 * left + 0.45 * left**2)
    record = _record(time_s, downrange_m, altitude_m, plateau_m, seed)
    record.landed = True
    record.outcome = "stands on the Moon with its engines off"
    record.touchdown = Touchdown(750.0, 1.1, 0.2, 1.4, 12.0)
    record.propellant_left_kg, record.propellant_left_fraction = 38.2, 38.2 / 430.0
    record.max_agl_error_m, record.max_altitude_error_m = 41.0, 212.0
    return record


def crash(seed: int = 1) -> FlightRecord:
    """Mission 1 as flown: after the rim the estimate keeps to itself, ends 4.9 km up, hovers and falls."""
    descent_s, hover_s = 720.0, 190.0
    fall_s = np.sqrt(2.0 * 4_800.0 / 1.625)
    time_s = np.arange(0.0, descent_s + hover_s + fall_s, _STEP_S)
    left = np.clip(1.0 - time_s / descent_s, 0.0, 1.0)
    downrange_m = -_RANGE_M * left**1.9
    hovering_s = np.clip(time_s - descent_s, 0.0, hover_s)
    falling_s = np.clip(time_s - descent_s - hover_s, 0.0, None)
    altitude_m = (
        4_900.0 + 15_100.0 * (0.55 * left + 0.45 * left**2) - 0.53 * hovering_s - 0.8125 * falling_s**2
    )
    record = _record(time_s, downrange_m, altitude_m, 4_800.0, seed)
    trace = record.trace
    rim_s = next(moment.time_s for moment in record.moments if moment.name == "rim")
    after = time_s > rim_s
    trace["estimated_altitude_m"] -= np.where(
        after, np.interp(time_s, [rim_s, rim_s + 8.0], [0.0, 4_900.0]), 0.0
    )
    trace["estimated_altitude_m"] = np.maximum(trace["estimated_altitude_m"], np.where(after, -80.0, -1e9))
    trace["estimated_agl_m"] = np.where(after, trace["estimated_altitude_m"], trace["estimated_agl_m"])
    for name in record.altimeters:
        read = np.isfinite(trace[f"{name}_range_m"])
        trace[f"{name}_verdict"] = np.where(read & after, "rejected", trace[f"{name}_verdict"])
    trace["throttle"] = np.where(falling_s > 0.0, 0.0, trace["throttle"])
    record.outcome = "hit the ground at 124.9 m/s; the legs survive 3"
    record.touchdown = Touchdown(float(time_s[-1]), 124.9, 0.4, 3.0, 310.0)
    record.max_agl_error_m, record.max_altitude_error_m = 4_911.0, 4_902.0
    record.voter = "as-flown"
    return record


def _record(
    time_s: np.ndarray, downrange_m: np.ndarray, altitude_m: np.ndarray, plateau_m: float, seed: int
) -> FlightRecord:
    noise = np.random.default_rng(seed)
    agl_m = np.maximum(altitude_m - _ground_m(downrange_m, plateau_m), 0.0)
    vertical_m_s = np.gradient(altitude_m, time_s)
    horizontal_m_s = np.gradient(downrange_m, time_s)
    seen = agl_m < 14_500.0
    drift_m = np.where(seen, 3.0, 3.0 + 200.0 * np.sin(time_s / 300.0))
    trace = {
        "time_s": time_s,
        "downrange_m": downrange_m,
        "crossrange_m": np.zeros_like(time_s),
        "true_altitude_m": altitude_m,
        "true_agl_m": agl_m,
        "estimated_altitude_m": altitude_m + drift_m,
        "estimated_agl_m": agl_m + drift_m,
        "protection_m": 5.0 + 0.02 * agl_m,
        "agl_flags": np.where(seen, 0, 1),
        "true_vertical_speed_m_s": vertical_m_s,
        "estimated_vertical_speed_m_s": vertical_m_s + 0.2,
        "true_horizontal_speed_m_s": horizontal_m_s,
        "estimated_horizontal_speed_m_s": horizontal_m_s + 0.3,
        "throttle": np.clip(1.0 - time_s / 1_600.0, 0.3, 1.0),
        "tilt_deg": 80.0 * (1.0 - time_s / time_s[-1]),
        "propellant_kg": 430.0 - 0.52 * time_s,
        "navigation_overruns": np.zeros(time_s.size, dtype=np.int64),
        "propulsion_overruns": np.zeros(time_s.size, dtype=np.int64),
        "rims_passed": (downrange_m > -35e3).astype(np.int64)
        if plateau_m
        else np.zeros(time_s.size, np.int64),
        "phase": np.where(agl_m > 2_000.0, "braking", "terminal"),
    }
    for name, sigma in (("laser", 0.002), ("radar", 0.01)):
        read = seen & (noise.random(time_s.size) > 0.02)
        range_m = np.where(read, agl_m * (1.0 + sigma * noise.standard_normal(time_s.size)), np.nan)
        trace[f"{name}_range_m"] = range_m
        trace[f"{name}_verdict"] = np.where(read, "accepted", "none")
    moments = [Moment("ignition", 0.0), Moment("first_range", float(time_s[np.argmax(seen)]))]
    if plateau_m:
        moments.append(Moment("rim", float(time_s[np.argmax(downrange_m > -35e3)])))
    moments.append(Moment("high_gate", float(time_s[np.argmax(agl_m < 2_000.0)])))
    moments.append(Moment("terminal", float(time_s[np.argmax(agl_m < 100.0)])))
    moments.append(Moment("touchdown", float(time_s[-1])))
    ground_m = np.arange(-610e3, 20e3, 50.0)
    return FlightRecord(
        scenario="made_up",
        title="A made-up landing",
        seed=seed,
        voter="flight",
        landed=False,
        outcome="",
        touchdown=None,
        propellant_left_kg=0.0,
        propellant_left_fraction=0.0,
        max_agl_error_m=0.0,
        max_altitude_error_m=0.0,
        requirement=REQUIREMENT,
        altimeters=["laser", "radar"],
        trace=trace,
        terrain_downrange_m=ground_m,
        terrain_height_m=_ground_m(ground_m, plateau_m),
        moments=moments,
        events=[Event(12.3, "navigation", "RIM", "info", 3000)],
        ticks=75_000,
        wall_s=21.5,
    )
