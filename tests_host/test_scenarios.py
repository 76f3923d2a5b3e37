"""Scenario files: what is built in holds together, and every mistake is one clear line."""

import math
import tomllib

import pytest

from host_tools.scenarios import library
from host_tools.scenarios.library import ScenarioError, load, names, vehicle_names
from host_tools.scenarios.parameters import flight_parameters

NOMINAL = (library.FOLDER / "resilience_nominal.toml").read_text()
VEHICLE = (library.VEHICLES / "resilience.toml").read_text()
INLINE = '[vehicle]\nlike = "resilience"\n'


def complaint(path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


def changed(tmp_path, *changes: tuple[str, str], more: str = "") -> str:
    """The nominal scenario with replacements, as a file."""
    text = NOMINAL
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = tmp_path / "own.toml"
    path.write_text(text + more)
    return str(path)


def with_vehicle(tmp_path, table: str) -> str:
    return changed(tmp_path, ('vehicle = "resilience"\n', ""), more=f"\n{INLINE}{table}\n")


def vehicle_file(tmp_path, old: str, new: str) -> str:
    assert VEHICLE.count(old) >= 1
    (tmp_path / "craft.toml").write_text(VEHICLE.replace(old, new, 1))
    return changed(tmp_path, ('vehicle = "resilience"', 'vehicle = "craft.toml"'))


def _names(value) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def numbers(table, path=""):
    for key, value in table.items():
        if key not in ("source", "sources"):
            if isinstance(value, dict):
                yield from numbers(value, f"{path}{key}.")
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                for i, item in enumerate(value):
                    yield from numbers(item, f"{path}{key}[{i}].")
            elif isinstance(value, (int, float, list)) and not _names(value):
                yield f"{path}{key}", key, table


@pytest.mark.parametrize("file", sorted([*library.FOLDER.glob("*.toml"), *library.VEHICLES.glob("*.toml")]))
def test_every_number_that_is_built_in_says_where_it_comes_from(file):
    table = tomllib.loads(file.read_text())
    for path, key, owner in numbers(table):
        source = owner.get("sources", {}).get(key, owner.get("source", ""))
        assert len(source) >= len("assumed"), path


@pytest.mark.parametrize("name", names())
def test_a_built_in_scenario_is_named_as_its_file_and_loads(name):
    assert load(name).name == name


def test_both_scenarios_and_both_vehicles_are_there():
    assert {"resilience_nominal", "hakuto_r_mission_1"} <= set(names())
    assert {"resilience", "hakuto_r"} <= set(vehicle_names())


def test_the_start_is_the_periapsis_of_a_100_by_20_km_orbit():
    # v^2 = mu (2/r - 1/a), r = 1757.4 km, a = 1797.4 km
    speed_m_s = math.sqrt(4.9028e12 * (2.0 / 1_757_400.0 - 1.0 / 1_797_400.0))
    assert load("resilience_nominal").start.horizontal_speed_m_s == pytest.approx(speed_m_s, abs=0.06)


def test_mission_1_has_the_airframe_of_resilience():
    one, two = (load(name).vehicle for name in ("hakuto_r_mission_1", "resilience_nominal"))
    ours = {"name", "title", "description"}
    assert one.model_dump(exclude=ours) == two.model_dump(exclude=ours)


def test_the_far_laser_is_all_that_its_vehicle_has_other_than_resilience():
    near, far = (
        library.load_vehicle(name, library.FOLDER, "a test")
        for name in ("resilience", "resilience_far_laser")
    )
    assert far.altimeters[0].max_range_m == 20_000
    laser = far.altimeters[0].model_copy(
        update={key: getattr(near.altimeters[0], key) for key in ("max_range_m", "sources")}
    )
    same = {"name": near.name, "title": near.title, "altimeters": [laser, *far.altimeters[1:]]}
    assert far.model_copy(update=same) == near


def test_odysseus_has_a_last_good_altitude_at_15_km():
    scenario = load("odysseus")
    assert [part.name for part in scenario.vehicle.altimeters] == ["laser"]
    silent_at_m = scenario.faults[0].at_altitude_m
    assert silent_at_m == 15_000
    assert (
        scenario.vehicle.altimeters[0].max_range_m * 0.95 > silent_at_m + 400
    )  # a weak echo, the ground's heights


def test_navigation_is_told_the_mass_without_propellant():
    vehicle = load("resilience_nominal").vehicle
    assert flight_parameters(vehicle)["empty_g"] == 370_000


def test_masses_add_up_to_800_kg():
    vehicle = load("resilience_nominal").vehicle
    assert vehicle.empty_mass_kg == 340 + 30
    assert vehicle.propellant_at_ignition_kg == 800 - 370
    assert vehicle.full_thrust_n == 400 + 6 * 200


def test_sources_can_be_asked_for():
    scenario = load("hakuto_r_mission_1")
    assert "public" in str(scenario.vehicle.source_of("dry_mass_kg"))
    assert "assumed" in str(scenario.dispersions.source_of("range_m"))


def test_altimeters_can_be_left_out_but_not_all_and_not_unknown_ones():
    scenario = load("resilience_nominal")
    assert [part.name for part in scenario.with_altimeters(["radar"]).vehicle.altimeters] == ["radar"]
    assert len(scenario.vehicle.altimeters) == 2
    with pytest.raises(ValueError, match="no altimeter 'sonar'"):
        scenario.with_altimeters(["sonar"])
    with pytest.raises(ValueError, match="at least one"):
        scenario.with_altimeters([])


def test_a_copy_of_a_scenario_loads_from_any_path(tmp_path):
    assert load(changed(tmp_path)) == load("resilience_nominal")


def test_a_vehicle_may_be_a_file_beside_the_scenario(tmp_path):
    path = vehicle_file(tmp_path, "dry_mass_kg = 340", "dry_mass_kg = 350")
    assert load(path).vehicle.dry_mass_kg == 350


def test_a_vehicle_may_be_like_another_with_some_numbers_of_its_own(tmp_path):
    table = 'dry_mass_kg = 350\n[vehicle.sources]\ndry_mass_kg = "assumed"\n'
    table += '[vehicle.imu]\naccel_bias_mg = 0.3\nsources = { accel_bias_mg = "assumed" }\n'
    vehicle = load(with_vehicle(tmp_path, table)).vehicle
    assert (vehicle.dry_mass_kg, vehicle.payload_mass_kg) == (350, 30)
    assert (vehicle.imu.accel_bias_mg, vehicle.imu.gyro_scale_ppm) == (0.3, 500)


def test_a_number_that_replaces_another_does_not_inherit_its_source(tmp_path):
    assert "vehicle.dry_mass_kg: has no source" in complaint(with_vehicle(tmp_path, "dry_mass_kg = 350"))
    table = "[vehicle.velocimeter]\nnoise_m_s = 0.2\n"  # the base's source speaks for a whole table
    assert "vehicle.velocimeter.noise_m_s: has no source" in complaint(with_vehicle(tmp_path, table))


RIM = '\n[[terrain.rims]]\nsource = "assumed"\n'
MISTAKES = [
    # (what to replace, by what, what to add, what the line must say after the file's name)
    (
        "altitude_m = 20000",
        "altitude_m = 20",
        "",
        "start.altitude_m: must be 1000 to 100000 m (got 20; that would fit if it is in km)",
    ),
    ("altitude_m = 20000", "altitude_m = -5", "", "start.altitude_m: must be greater than 0 (got -5)"),
    ("altitude_m = 20000", 'altitude_m = "high"', "", "start.altitude_m: must be a number (got 'high')"),
    ("altitude_m = 20000", "altitude_m = true", "", "start.altitude_m: must be a number (got True)"),
    ("altitude_m = 20000", "altitude_m = nan", "", "start.altitude_m: must be a finite number (got nan)"),
    ("altitude_m = 20000", "altitude_m = inf", "", "start.altitude_m: must be a finite number (got inf)"),
    ("altitude_m = 20000", "altitude_m = [20000]", "", "start.altitude_m: must be a number (got a list)"),
    (
        "altitude_m = 20000",
        "altitude_km = 20",
        "",
        "start.altitude_km: unknown key, did you mean 'altitude_m'?",
    ),
    ("altitude_m = 20000\n", "", "", "start.altitude_m: is missing"),
    (
        "horizontal_speed_m_s = 1688.8",
        "horizontal_speed_m_s = 1.6888",
        "",
        "that would fit if it is in km/s)",
    ),
    (
        "range_to_site_m = ",
        "range_to_site_m = 0.0001 #",
        "",
        "start.range_to_site_m: must be 1000 to 1000000 m",
    ),
    (
        "range_to_site_m = ",
        "range_to_site_m = 50000 #",
        "",
        "start.range_to_site_m: even the empty vehicle at full thrust needs 329",
    ),
    ("attitude_rad = 1.5e-4", "attitude_rad = 0.5", "", "that would fit if it is in degrees)"),
    (
        "mass_fraction = 0.003",
        "mass_fraction = 3",
        "",
        "dispersions.mass_fraction: must be 0 to 0.2 (got 3; that would fit if it is in percent)",
    ),
    (
        "time_limit_s = 1500",
        "time_limit_s = 25",
        "",
        "time_limit_s: must be 60 to 4000 s (got 25; that would fit if it is in minutes)",
    ),
    (
        "tilt_deg = 12",
        "tilt_deg = 0.2",
        "",
        "landing_limits.tilt_deg: must be 1 to 45 deg (got 0.2; that would fit if it is in rad)",
    ),
    ('kind = "mare"', 'kind = "sea"', "", "terrain.kind: must be 'mare' or 'highlands' (got 'sea')"),
    ('name = "resilience_nominal"', 'name = "../evil"', "", "name: must be letters"),
    ('name = "resilience_nominal"', "name = 7", "", "name: must be text (got 7)"),
    ('title = "', 'tilte = "', "", "tilte: unknown key, did you mean 'title'?"),
    ('vehicle = "resilience"', "", "", "vehicle: is missing"),
    (
        'vehicle = "resilience"',
        'vehicle = "apollo"',
        "",
        "vehicle: no vehicle 'apollo': neither built in "
        "(apex_1, hakuto_r, resilience, resilience_far_laser, resilience_two_imus)",
    ),
    ('vehicle = "resilience"', 'vehicle = "apollo.toml"', "", "vehicle: no such vehicle file: "),
    (
        'vehicle = "resilience"',
        "vehicle = 3",
        "",
        "vehicle: must be a vehicle's name, a path or a table (got 3)",
    ),
    ('[terrain]\nkind = "mare"', "[terrain]", "", "terrain.kind: is missing"),
    ('altitude_m = "assumed: periapsis of the descent orbit"', "", "", "start.altitude_m: has no source"),
    (
        'altitude_m = "assumed: periapsis of the descent orbit"',
        'altitude_m = "x"',
        "",
        "start.sources.altitude_m: must say where the number comes from, or 'assumed' (got 'x')",
    ),
    (
        'altitude_m = "assumed: periapsis of the descent orbit"',
        "altitude_m = 5",
        "",
        "start.sources.altitude_m: must be text",
    ),
    (
        "[start.sources]",
        '[start.sources]\naltitud = "assumed"',
        "",
        "start.sources.altitud: names no number of this table",
    ),
    (
        "",
        "",
        RIM + "height_m = 25\ndownrange_m = -35",
        "terrain.rims[0].downrange_m: rim and wall are 1000 m wide and must end before the site",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000",
        "rims[0].downrange_m: exactly one of downrange_m, at_agl_m, at_altitude_m must be given (got none)",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000\ndownrange_m = -9000\nat_agl_m = 5000",
        "terrain.rims[0].at_agl_m: exactly one of",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000\ndownrange_m = 35000",
        "terrain.rims[0].downrange_m: must be -1000000 to -20 m (got 35000)",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000\nwall_height_m = 100\ndownrange_m = -35000",
        "terrain.rims[0].wall_width_m: is needed with wall_height_m",
    ),
    (
        "",
        "",
        RIM + "height_m = -5000\nat_agl_m = 4000",
        "terrain.rims[0].height_m: the ground would rise through the lander",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000\nat_agl_m = 18000",
        "terrain.rims[0].at_agl_m: the lander starts below this height above the ground",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000\nat_altitude_m = 21000",
        "terrain.rims[0].at_altitude_m: the lander starts below this altitude",
    ),
    (
        "",
        "",
        RIM + "height_m = 3000\ndownrange_m = -800000",
        "terrain.rims[0].downrange_m: the rim stands behind the start",
    ),
    (
        "",
        "",
        (RIM + "height_m = 8000\ndownrange_m = -35000") * 3,
        "start.altitude_m: the ground reaches 24000 m on the way to the site, above the start (got 20000)",
    ),
]


@pytest.mark.parametrize(("old", "new", "more", "wanted"), MISTAKES)
def test_a_mistake_in_a_scenario_is_named_with_file_key_and_reason(tmp_path, old, new, more, wanted):
    path = changed(tmp_path, (old, new), more=more)
    text = complaint(path)
    assert text.startswith(f"{path}: ")
    assert wanted in text


VEHICLE_MISTAKES = [
    ("dry_mass_kg = 340", "dry_mass_kg = -340", "dry_mass_kg: must be greater than 0 (got -340)"),
    ("dry_mass_kg = 340", "dry_mass_kg = 0", "dry_mass_kg: must be 1 to 20000 kg (got 0)"),
    ("dry_mass_kg = 340", "dry_mass_kg = 340000", "that would fit if it is in g)"),
    (
        "dry_mass_kg = 340",
        "dry_mass_kg = 900",
        "ignition_mass_kg: must be more than dry mass and payload, 930 kg (got 800)",
    ),
    (
        "ignition_mass_kg = 800",
        "ignition_mass_kg = 500",
        "ignition_mass_kg: the propellant is worth 945 m/s, less than the 1688.8 m/s",
    ),
    ("[560, 620, 620]", "[560, 620]", "inertia_at_ignition_kg_m2: must be three numbers"),
    (
        "[560, 620, 620]",
        "[560, -620, 620]",
        "inertia_at_ignition_kg_m2[1]: must be greater than 0 (got -620)",
    ),
    ("[560, 620, 620]", "[5600, 620, 620]", "no rigid body"),
    (
        "thrust_n = 400",
        "thrust_n = 0.4",
        "main_engine.thrust_n: must be 1 to 20000 N (got 0.4; that would fit if it is in kN)",
    ),
    (
        "rise_time_s = 0.008",
        "rise_time_s = 8",
        "main_engine.rise_time_s: must be 0.0002 to 0.2 s (got 8; that would fit if it is in ms)",
    ),
    (
        "count = 6",
        "count = 5",
        "assist_thrusters.count: must be 6, which is what the propulsion board drives (got 5)",
    ),
    ('kind = "radar"', 'kind = "laser"', "altimeter[1]"),
    ('kind = "radar"', 'kind = "sonar"', "altimeter[1].kind: must be 'laser' or 'radar' (got 'sonar')"),
    ('kind = "radar"\n', "", "altimeter[1].kind: is missing (laser or radar)"),
    (
        'kind = "radar"',
        'kind = "radar"\nname = "laser"',
        "altimeter[1].name: there is already an altimeter with name 'laser'",
    ),
    ("beam_deg = 4", "beam_degrees = 4", "altimeter[1].beam_degrees: unknown key, did you mean 'beam_deg'?"),
    ("min_range_m = 0.2", "min_range_m = -0.2", "altimeter[0].min_range_m: must be at least 0 (got -0.2)"),
    ('part = "STIM300"', 'part = "MPU6050"', "imu.part: must be 'STIM300' (got 'MPU6050')"),
    ("[imu.sources]", "[imu.source]", "imu.source: must be text"),
]


@pytest.mark.parametrize(("old", "new", "wanted"), VEHICLE_MISTAKES)
def test_a_mistake_in_a_vehicle_is_named_with_file_key_and_reason(tmp_path, old, new, wanted):
    text = complaint(vehicle_file(tmp_path, old, new))
    assert ".toml: " in text
    assert wanted in text


def test_a_mistake_in_a_vehicles_own_file_names_that_file(tmp_path):
    text = complaint(vehicle_file(tmp_path, "dry_mass_kg = 340", "dry_mass_kg = -340"))
    assert text == f"{tmp_path / 'craft.toml'}: dry_mass_kg: must be greater than 0 (got -340)"


def test_a_mistake_in_an_inline_vehicle_names_the_scenario_and_the_whole_key(tmp_path):
    path = with_vehicle(tmp_path, 'dry_mass_kg = -340\nsources = { dry_mass_kg = "assumed" }')
    assert complaint(path) == f"{path}: vehicle.dry_mass_kg: must be greater than 0 (got -340)"


@pytest.mark.parametrize("table", ["altimeter = []", ""])
def test_a_vehicle_without_altimeters_is_refused(tmp_path, table):
    bare = VEHICLE[: VEHICLE.index("[[altimeter]]")] + VEHICLE[VEHICLE.index("[velocimeter]") :]
    (tmp_path / "craft.toml").write_text(f"{table}\n{bare}")
    path = changed(tmp_path, ('vehicle = "resilience"', 'vehicle = "craft.toml"'))
    assert "altimeter: the vehicle has no altimeter" in complaint(path)


def test_two_altimeters_of_one_kind_are_refused(tmp_path):
    start, end = VEHICLE.index("[[altimeter]]"), VEHICLE.rindex("[[altimeter]]")
    laser = VEHICLE[start:end]
    second = laser.replace('kind = "laser"', 'kind = "laser"\nname = "other"')
    (tmp_path / "craft.toml").write_text(VEHICLE.replace(laser, laser + second))
    path = changed(tmp_path, ('vehicle = "resilience"', 'vehicle = "craft.toml"'))
    assert "altimeter[1].kind: there is already an altimeter with kind 'laser'" in complaint(path)


def test_vehicles_that_are_like_each_other_in_a_circle_are_refused(tmp_path):
    (tmp_path / "craft.toml").write_text('like = "craft.toml"\n')
    path = changed(tmp_path, ('vehicle = "resilience"', 'vehicle = "craft.toml"'))
    assert "like: vehicles are like each other in a circle" in complaint(path)


def test_a_second_mistake_is_counted(tmp_path):
    path = changed(tmp_path, ("altitude_m = 20000", "altitude_m = 20"), ("range_m = 300", "range_m = -1"))
    assert complaint(path).endswith("(and 1 more)")


def test_a_missing_file_and_an_unknown_name_are_refused(tmp_path):
    missing = tmp_path / "missing.toml"
    assert complaint(missing) == f"{missing}: no such file"
    assert complaint("moon").startswith("moon: no such scenario: neither built in (apex_1, apollo_11, ")
    assert complaint(tmp_path) == f"{tmp_path}: is a folder, not a scenario file"
    assert complaint("/dev/null") == "/dev/null: is not a regular file"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"name = \n", "not valid TOML: Invalid value (at line 1, column 8)"),
        (b'name = "a"\nname = "b"\n', "line 2"),
        (b"\xff\xfe", "not UTF-8 text (byte 0)"),
        (b"a = " + b"[" * 100_000, "not valid TOML: nested too deeply"),
        (b"a = " + b"9" * 5_000, "not valid TOML"),
        (b"#" * 2_000_000, "is too large for a scenario file"),
        (b"", "is missing"),
    ],
)
def test_what_is_not_a_scenario_at_all_is_refused_in_one_line(tmp_path, content, wanted):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    assert wanted in complaint(path)


def test_a_line_break_in_a_name_does_not_break_the_line(tmp_path):
    complaint(tmp_path / "two\nlines.toml")
    complaint(changed(tmp_path, ("altitude_m = 20000", 'altitude_m = "a\\nb"')))
    complaint(changed(tmp_path, ("altitude_m = 20000", '"alti\\ntude" = 1')))


@pytest.mark.parametrize("text", ["start = 3", "terrain = []", "dispersions = 'none'"])
def test_a_table_that_is_something_else_is_refused(tmp_path, text):
    name = text.split()[0]
    begin = NOMINAL.index(f"[{name}]")
    rest = NOMINAL[begin + 1 :]
    after = [place for place in (rest.find(f"\n[{key}") for key in
             ("start]", "dispersions]", "terrain]", "landing_limits]")) if place >= 0]  # fmt: skip
    path = tmp_path / "own.toml"
    path.write_text(f"{text}\n" + NOMINAL[:begin] + rest[min(after) + 1 :])
    assert f"{name}: must be a table (got " in complaint(path)
