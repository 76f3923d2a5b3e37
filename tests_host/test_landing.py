"""Whole landings on the host tier: the flight code lands, and the voter of 2023 crashes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from host_tools.landing.figures import rim_cases, with_rim
from host_tools.landing.loop import fly
from host_tools.landing.record import FlightRecord
from host_tools.museum.outcome import safely_away
from host_tools.scenarios.library import load

ROOT = Path(__file__).resolve().parents[1]


def assert_within_requirement(record: FlightRecord) -> None:
    assert record.landed, record.outcome
    touchdown = record.touchdown
    assert touchdown is not None
    assert touchdown.vertical_speed_m_s <= 1.5
    assert touchdown.horizontal_speed_m_s <= 0.5
    assert touchdown.tilt_deg <= 5.0
    assert record.propellant_left_fraction >= 0.03


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_resilience_lands_within_the_requirement(seed):
    record = fly(load("resilience_nominal"), seed)
    assert_within_requirement(record)
    assert record.trace["navigation_overruns"][-1] == 0
    assert record.trace["propulsion_overruns"][-1] == 0


@pytest.mark.parametrize("altimeters", [["laser", "radar"], ["laser"], ["radar"]])
def test_mission_1_lands_with_either_altimeter_alone(altimeters):
    record = fly(load("hakuto_r_mission_1").with_altimeters(altimeters), 21)
    assert_within_requirement(record)
    assert len(record.rims) == 1
    assert record.rims[0].settled_after_s <= 5.0


def test_mission_1_crashes_with_the_voter_of_2023_some_5_km_below_its_estimate():
    record = fly(load("hakuto_r_mission_1"), 1, voter="as-flown")
    assert not record.landed
    assert record.false_ground is not None and record.touchdown is not None
    # rim of 3 km and wall of 1.8 km, and what inertial navigation drifts by in 200 s (1 sigma 0.5 km)
    assert 4000 < record.false_ground.true_agl_m < 6000
    assert 4000 < record.max_agl_error_m < 6500
    # 5 km of free fall end at sqrt(2 * 1.62 * 5000) = 127 m/s
    assert 100 < record.touchdown.vertical_speed_m_s < 145
    assert record.propellant_left_kg == 0


@pytest.mark.parametrize("case", [0, 9, 22, 31, 37])
def test_sharp_rims_up_and_down_do_not_stop_a_landing(case):
    record = fly(with_rim(load("hakuto_r_mission_1"), *rim_cases()[case]), case)
    assert record.landed, (rim_cases()[case], record.outcome)


def blind_from_14_km(ignition_mass_kg: float):
    """A low start, so that the laser falls silent while going back is still cheaper than landing."""
    scenario = load("odysseus")
    # periapsis of a 100 x 15 km orbit
    low = {"altitude_m": 15_000.0, "horizontal_speed_m_s": 1692.3, "altitude_error_m": 0.0}
    silent = scenario.faults[0].model_copy(update={"at_altitude_m": 14_000.0})
    vehicle = scenario.vehicle.model_copy(update={"ignition_mass_kg": ignition_mass_kg})
    start = scenario.start.model_copy(update=low)
    return scenario.model_copy(update={"start": start, "faults": [silent], "vehicle": vehicle})


def test_blind_and_without_propellant_to_feel_for_the_ground_the_lander_goes_back_to_orbit():
    # 750 kg: at 826 m/s 34.2 % are propellant and braking counts 31.5: 50 s of hovering, and 90 are asked for
    scenario = blind_from_14_km(750.0).model_copy(update={"time_limit_s": 780.0})
    record = fly(scenario, 1)
    assert record.touchdown is None
    assert record.trace["phase"][-1] == "orbit"
    assert [event.name for event in record.events].count("abort") == 1
    assert safely_away(record, scenario)
    assert record.trace["true_altitude_m"].min() > 12_000.0
    assert record.propellant_left_kg > 10.0


def test_blind_and_with_propellant_the_lander_feels_for_the_ground_and_lands():
    record = fly(blind_from_14_km(800.0), 1)
    assert record.landed, record.outcome
    assert "abort" not in record.trace["phase"]


def test_the_same_seed_gives_the_same_flight_and_another_one_does_not():
    scenario = load("resilience_nominal").model_copy(update={"time_limit_s": 30.0})
    one, again, other = fly(scenario, 5), fly(scenario, 5), fly(scenario, 6)
    for column in one.trace:
        np.testing.assert_array_equal(one.trace[column], again.trace[column], err_msg=column)
    assert not np.array_equal(one.trace["true_altitude_m"], other.trace["true_altitude_m"])


def test_an_unknown_voter_is_refused():
    with pytest.raises(ValueError, match="one of flight, as-flown"):
        fly(load("resilience_nominal"), voter="majority")


STATES = """
import hashlib, sys
import host_tools.host_board
from host_tools.host_board.lander import Lander
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
scenario = load("hakuto_r_mission_1")
lander = Lander(World(scenario, 4), flight_parameters(scenario.vehicle))
digest = hashlib.sha256()
for _ in range(1500):
    lander.step()
    n, p = lander.navigation, lander.propulsion
    for array in (n.estimate, n.state, n.vote, n.guidance, n.attitude, n.demand, p.modulation, p.pulses_us):
        digest.update(bytes(array))
import micropython
print(micropython.KERNEL_MODE, digest.hexdigest())
"""


def test_plain_and_compiled_kernels_have_the_same_state_at_every_tick():
    """15 s with ignition and first ranges: eight arrays, 1,500 ticks, one hash."""
    seen = {}
    for mode in ("numba", "plain"):
        environment = os.environ | {"PLUMBLINE_KERNELS": mode}
        run = subprocess.run(
            [sys.executable, "-c", STATES],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        said, digest = run.stdout.split()
        assert said == mode
        seen[mode] = digest
    assert seen["numba"] == seen["plain"]
    assert seen["plain"] != hashlib.sha256().hexdigest()
