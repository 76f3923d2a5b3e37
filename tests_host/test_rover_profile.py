"""The micro rover's profile: it holds together, every mistake is one line, a story may bring its own."""

import tomllib

import pytest

from host_tools.scenarios.library import ScenarioError
from host_tools.scenarios.rover import ROVERS, load_rover, rover_names
from host_tools.scenarios.sourced import is_numeric
from host_tools.story.script import FOLDER, load_script
from host_tools.world.rover import RoverWorld
from plumbline.kernels import rover_drive

SOURCE = (ROVERS / "micro_rover.toml").read_text()
CELLS = 'capacity_ah = "assumed: a tenth of the rover\'s mass in cells"\n'
STORY = (FOLDER / "resilience_to_regolith.toml").read_text()


def own(tmp_path, old: str, new: str):
    assert SOURCE.count(old) == 1
    (tmp_path / "own.toml").write_text(SOURCE.replace(old, new))
    return load_rover("own.toml", tmp_path)


@pytest.mark.parametrize("name", rover_names())
def test_every_number_of_a_built_in_rover_has_its_source(name):
    rover = load_rover(name)
    for title, table in tomllib.loads((ROVERS / f"{name}.toml").read_text()).items():
        for key, value in table.items() if isinstance(table, dict) else ():
            if key not in ("source", "sources") and is_numeric(value):
                assert getattr(rover, title).source_of(key), f"{title}.{key}"


def test_the_micro_rover_has_its_public_size_and_the_encoders_of_the_flight_code():
    rover = load_rover("micro_rover")
    body = rover.body
    assert (body.mass_kg, body.length_m, body.width_m, body.height_m) == (5.0, 0.54, 0.315, 0.26)
    assert rover.wheels.pulse_m == pytest.approx(rover_drive._UM_PER_PULSE * 1e-6)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("mass_kg = 5\n", "mass_kg = 5000\n", "body.mass_kg: must be 0.5 to 50 kg (got 5000; that would"),
        ("mass_kg = 5\n", "mass = 5\n", "body.mass: unknown key"),
        ("track_m = 0.27\n", "track_m = 0.4\n", "wheels.track_m: must be less than body.width_m, 0.315 m"),
        ("wheelbase_m = 0.34\n", "wheelbase_m = 0.6\n", "wheels.wheelbase_m: must be less than body"),
        ("idle_a = 0.045\n", "idle_a = 3\n", "wheels.idle_a: must be less than stall_a, 2 A (got 3)"),
        ("shares = [0, 0.05,", "shares = [0, 0.3,", "battery.shares: must rise from each to the next"),
        ("volts = [8.4, 9.3,", "volts = [9.3,", "battery.volts: must be as many as shares, 6 (got 5)"),
        ("shares = [0, 0.05,", "shares = [0.01, 0.05,", "battery.shares: must go from 0 to 1"),
        (CELLS, "", "battery.capacity_ah: has no source"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_and_key(tmp_path, old, new, says):
    with pytest.raises(ScenarioError) as caught:
        own(tmp_path, old, new)
    assert str(tmp_path / "own.toml") in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_heavier_rover_draws_more_up_a_slope(tmp_path):
    drawn = []
    for rover in (load_rover("micro_rover"), own(tmp_path, "mass_kg = 5\n", "mass_kg = 10\n")):
        world = RoverWorld(rover, held=False)
        world.along_m = 4.0
        for _ in range(50):
            world.advance(0.02, [1.0] * 4, None)
        drawn.append(sum(world.wheel_a))
    assert drawn[1] > 1.3 * drawn[0]


def test_a_story_takes_its_rover_from_a_file_beside_it(tmp_path):
    (tmp_path / "heavy.toml").write_text(SOURCE.replace("mass_kg = 5\n", "mass_kg = 10\n"))
    (tmp_path / "story.toml").write_text(STORY.replace('rover = "micro_rover"', 'rover = "heavy.toml"'))
    assert load_script(str(tmp_path / "story.toml")).rover.body.mass_kg == 10.0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('"tank"', "tank: no such rover: neither built in (micro_rover) nor a .toml file"),
        ('"gone.toml"', "gone.toml: no such file"),
        ("3", "rover: must be a rover's name or a path (got 3)"),
    ],
)
def test_a_story_with_a_wrong_rover_is_refused(tmp_path, given, says):
    (tmp_path / "story.toml").write_text(STORY.replace('rover = "micro_rover"', f"rover = {given}"))
    with pytest.raises(ScenarioError) as caught:
        load_script(str(tmp_path / "story.toml"))
    assert says in str(caught.value)
