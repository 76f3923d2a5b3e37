"""A campaign's file: what it may say, how it is refused, and that draws depend on nothing else."""

import tomllib

import pytest

from host_tools.campaign.command import run
from host_tools.campaign.distributions import Choice, Fixed, Normal, Triangular, Uniform
from host_tools.campaign.draw import DrawError, column, columns, draw, seed_of
from host_tools.campaign.spec import FOLDER, load, names
from host_tools.scenarios.library import ScenarioError

HEAD = 'name = "c"\ntitle = "A campaign"\nscenario = "{scenario}"\n'
THRUST = """
[[dispersions]]
key = "vehicle.main_engine.thrust_n"
distribution = "normal"
sigma = 4
source = "assumed"
"""
ISP = """
[[dispersions]]
key = "vehicle.main_engine.isp_s"
distribution = "uniform"
low = 317
high = 322
source = "assumed"
"""


def written(tmp_path, text, scenario="resilience_nominal"):
    path = tmp_path / "c.toml"
    path.write_text(HEAD.format(scenario=scenario) + text)
    return path


def one(tmp_path, lines, scenario="resilience_nominal"):
    """A campaign with one table of dispersions."""
    return written(tmp_path, "[[dispersions]]\n" + lines + '\nsource = "assumed"\n', scenario)


# --- distributions: the quantile function decides a draw ------------------------------------------------


def quantiles(dispersion, nominal=None):
    return [dispersion.at(u, nominal) for u in (0.0, 0.5, 1.0 - 2.0**-53)]


def made(kind, **fields):
    return kind(key="k", distribution=kind.__name__.lower(), source="assumed", **fields)


def test_a_normal_draw_stands_around_the_scenarios_number_and_ends_at_six_sigma():
    low, middle, high = quantiles(made(Normal, sigma=2.0), 10.0)
    assert middle == pytest.approx(10.0)
    assert (low, high) == (pytest.approx(-2.0), pytest.approx(22.0))
    # one sigma above the mean lie 15.866 %
    assert made(Normal, sigma=2.0).at(1.0 - 0.15865525, 10.0) == pytest.approx(12.0, abs=1e-5)


def test_a_normal_draw_that_is_cut_keeps_its_shape():
    cut = made(Normal, sigma=1.0, low=0.0)
    low, middle, high = quantiles(cut, 0.0)
    # half of the half normal distribution lies below 0.6745 sigma
    assert (low, middle, high) == (
        pytest.approx(0.0, abs=1e-9),
        pytest.approx(0.67449, abs=1e-5),
        pytest.approx(6),
    )


def test_the_other_distributions_have_their_quantiles():
    assert quantiles(made(Uniform, low=2.0, high=4.0))[:2] == [2.0, 3.0]
    # a triangle from 0 to 4 with its peak at 1: a quarter of it rises
    triangle = made(Triangular, low=0.0, high=4.0)
    assert [triangle.at(u, 1.0) for u in (0.0, 0.25, 1.0)] == [0.0, pytest.approx(1.0), 4.0]
    assert triangle.at(0.0625, 1.0) == pytest.approx(0.5)
    assert made(Fixed, value=7).at(0.3, None) == 7
    choice = made(Choice, values=["mare", "highlands"], weights=[3, 1])
    assert [choice.at(u, None) for u in (0.0, 0.74, 0.76)] == ["mare", "mare", "highlands"]
    assert made(Choice, values=[1, 2], weights=[1, 0]).at(1.0 - 2.0**-53, None) == 1


# --- draws -------------------------------------------------------------------------------------------


def test_seeds_follow_from_name_seed_and_index_and_none_comes_twice(tmp_path):
    campaign, _ = load(written(tmp_path, ""))
    other = campaign.model_copy(update={"seed": 2})
    renamed = campaign.model_copy(update={"name": "d"})
    seeds = [seed_of(campaign, index) for index in range(1000)]
    assert len(set(seeds)) == 1000 and all(0 <= seed < 2**32 for seed in seeds)
    assert len({seed_of(each, 0) for each in (campaign, other, renamed)}) == 3
    assert seed_of(campaign.model_copy(update={"title": "another"}), 17) == seeds[17]


def test_one_more_dispersion_changes_no_other_draw(tmp_path):
    alone, scenario = load(written(tmp_path, THRUST))
    both, same = load(written(tmp_path, ISP + THRUST))
    key = column("vehicle.main_engine.thrust_n")
    for index in (0, 5, 99):
        assert draw(alone, scenario, index).drawn[key] == draw(both, same, index).drawn[key]


def test_draws_have_the_distribution_that_was_asked_for(tmp_path):
    campaign, scenario = load(written(tmp_path, THRUST))
    drawn = [draw(campaign, scenario, index) for index in range(1000)]
    values = [float(each.drawn[column("vehicle.main_engine.thrust_n")]) for each in drawn]
    assert [each.scenario.vehicle.main_engine.thrust_n for each in drawn] == values
    mean = sum(values) / 1000
    sigma = (sum((value - mean) ** 2 for value in values) / 1000) ** 0.5
    # of 1,000 draws the mean scatters by 4 / sqrt(1000) = 0.13, the deviation by 4 / sqrt(2000) = 0.09
    assert abs(mean - 400.0) < 4 * 0.13 and abs(sigma - 4.0) < 4 * 0.09


def test_a_fault_strikes_in_its_share_of_the_runs_and_the_scenarios_own_always(tmp_path):
    text = """
[[faults]]
share = 0.25
source = "assumed"
[faults.fault]
target = "radar"
kind = "off"
time_s = 10
source = "assumed"
[[dispersions]]
key = "faults[1].time_s"
distribution = "uniform"
low = 5
high = 15
source = "assumed"
"""
    campaign, scenario = load(written(tmp_path, text, scenario="slim"))
    own = len(scenario.faults) - 1
    assert own == 1  # the campaign's stands behind the scenario's own
    runs = [draw(campaign, scenario, index) for index in range(400)]
    struck = [len(each.scenario.faults) - own for each in runs]
    # 400 * 0.25 = 100, with a deviation of sqrt(400 * 0.25 * 0.75) = 8.7
    assert set(struck) == {0, 1} and abs(sum(struck) - 100) < 4 * 8.7
    assert [each.drawn["drawn_faults_1_radar_off"] for each in runs] == [bool(count) for count in struck]
    late = next(each for each in runs if len(each.scenario.faults) == 2)
    assert late.scenario.faults[1].time_s == late.drawn["drawn_faults_1_time_s"]
    assert list(late.drawn) == columns(campaign, scenario)


def test_an_altimeter_is_called_by_its_name_or_its_place(tmp_path):
    lines = 'key = "vehicle.altimeter[{}].noise_floor_m"\ndistribution = "fixed"\nvalue = 0.5'
    keys = {load(one(tmp_path, lines.format(name)))[0].dispersions[0].key for name in ("laser", "0")}
    assert keys == {"vehicle.altimeter[0].noise_floor_m"}


def test_draws_that_make_no_landing_together_are_one_line(tmp_path, capsys):
    # 1688.8 m/s need a mass ratio of exp(1688.8 / 3138) = 1.713:
    # 800 / 440 and 650 / 370 have it, 650 / 440 has not
    text = """
[[dispersions]]
key = "vehicle.payload_mass_kg"
distribution = "fixed"
value = 100
source = "assumed"
[[dispersions]]
key = "vehicle.ignition_mass_kg"
distribution = "fixed"
value = 650
source = "assumed"
"""
    path = written(tmp_path, text)
    with pytest.raises(DrawError, match=r"^run 0: vehicle\.ignition_mass_kg: the propellant is worth"):
        draw(*load(path), 0)
    assert run(str(path), 4, tmp_path / "out", workers=1) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(f"{path}: run 0: vehicle.ignition_mass_kg") and "0 of 4 runs are stored" in line


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["moon", "--runs", "3", "--out", "x"], "moon: no such campaign"),
        (["resilience_nominal", "--runs", "0", "--out", "x"], "--runs"),
        (["resilience_nominal", "--runs", "3", "--out", "x", "--workers", "0"], "--workers"),
        (["resilience_nominal", "--runs", "3"], "--out"),
        (
            ["resilience_nominal", "--runs", "3", "--out", "x", "--scheduler", "somewhere"],
            "--scheduler somewhere",
        ),
    ],
)
def test_bad_options_are_one_line_and_nothing_is_written(tmp_path, monkeypatch, request, arguments, wanted):
    monkeypatch.chdir(tmp_path)
    code, out, err = request.getfixturevalue("run")("campaign", *arguments)
    assert (code, out) == (2, "") and wanted in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


# --- files -------------------------------------------------------------------------------------------


def test_the_built_in_campaigns_are_good_and_all_their_numbers_have_sources():
    assert "resilience_nominal" in names()
    for name in names():
        campaign, scenario = load(name)
        assert campaign.name == name
        tables = tomllib.loads((FOLDER / f"{name}.toml").read_text())
        for table in tables.get("dispersions", []) + tables.get("faults", []):
            assert table.get("source") or table.get("sources"), (name, table)
        draw(campaign, scenario, 0)


def test_a_scenario_file_stands_beside_the_campaigns(tmp_path):
    from host_tools.scenarios.library import FOLDER as SCENARIOS

    (tmp_path / "mine.toml").write_text((SCENARIOS / "resilience_nominal.toml").read_text())
    assert load(written(tmp_path, "", scenario="mine.toml"))[1].name == "resilience_nominal"


ALTITUDE = 'key = "start.altitude_m"\ndistribution = '
BAD = [
    ('key = "vehicle.main_engine.thrst_n"\ndistribution = "fixed"\nvalue = 1',
     "dispersions[0].key: the scenario has no number 'vehicle.main_engine.thrst_n', did you mean "
     "'vehicle.main_engine.thrust_n'?"),
    ('key = "vehicle.altimeter[sonar].noise_floor_m"\ndistribution = "fixed"\nvalue = 1',
     "the scenario has no number 'vehicle.altimeter[sonar].noise_floor_m'"),
    ('key = "vehicle"\ndistribution = "fixed"\nvalue = 1', "the scenario has no number 'vehicle'"),
    ('key = "title"\ndistribution = "fixed"\nvalue = "x"', "the scenario has no number 'title'"),
    ('key = "start..x"\ndistribution = "fixed"\nvalue = 1', "the scenario has no number 'start..x'"),
    (ALTITUDE + '"gauss"\nsigma = 1', "dispersions[0].distribution: must be another"),
    ('key = "start.altitude_m"', "dispersions[0].distribution: is missing: one of normal, uniform"),
    (ALTITUDE + '"normal"', "dispersions[0].sigma: is missing"),
    (ALTITUDE + '"normal"\nsigma = 0', "dispersions[0].sigma: must be greater than 0"),
    (ALTITUDE + '"normal"\nsigma = "3"', "dispersions[0].sigma: must be a number"),
    (ALTITUDE + '"normal"\nsigma = nan', "must be a finite number"),
    (ALTITUDE + '"normal"\nsigma = 100\nlow = 30000',
     "dispersions[0].low: nothing is left between low and high"),
    (ALTITUDE + '"uniform"\nlow = 3\nhigh = 2', "dispersions[0].high: must be above low"),
    (ALTITUDE + '"triangular"\nlow = 1\nhigh = 2',
     "dispersions[0].mode: must lie between low and high (got 20000)"),
    ('key = "terrain.kind"\ndistribution = "normal"\nsigma = 1', "dispersions[0].mean: is missing"),
    (ALTITUDE + '"choice"\nvalues = [1, 2]\nweights = [1]',
     "dispersions[0].weights: must be as many as the values, 2 (got 1)"),
    (ALTITUDE + '"fixed"\nvalue = 20',
     "dispersions[0].value: start.altitude_m would be 20: must be 1000 to 100000 m (got 20; that would "
     "fit if it is in km)"),
    ('key = "vehicle.main_engine.thrust_n"\ndistribution = "normal"\nsigma = 100',
     "dispersions[0].sigma: vehicle.main_engine.thrust_n would be -200: must be greater than 0 (got -200)"),
    ('key = "terrain.kind"\ndistribution = "choice"\nvalues = ["mare", "sea"]',
     "dispersions[0].values[1]: terrain.kind would be 'sea': must be 'mare' or 'highlands'"),
    ('key = "vehicle.ignition_mass_kg"\ndistribution = "fixed"\nvalue = 371',
     "vehicle.ignition_mass_kg would be 371: the propellant is worth"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "wanted"), BAD)
def test_a_bad_dispersion_is_one_line_that_names_file_key_and_reason(tmp_path, capsys, lines, wanted):
    path = one(tmp_path, lines)
    assert run(str(path), 4, tmp_path / "out") == 2
    err = capsys.readouterr().err
    assert err.startswith(f"{path}: ") and wanted in err and err.count("\n") == 1
    assert not (tmp_path / "out").exists()


BAD_FILES = [
    ("seed = -1", "seed: must be a whole number from 0 to 4294967295 (got -1)"),
    ("seed = 1.5", "seed: must be a whole number"),
    ("runs = 5", "runs: unknown key"),
    ("dispersion = []", "dispersion: unknown key, did you mean 'dispersions'?"),
    ("dispersions = 3", "dispersions: must be an array of tables"),
    ("dispersions = [3]", "dispersions[0]"),
    ("[[faults]]\nshare = 2\nsource = 'assumed'", "faults[0].share: must be 0 to 1"),
    ("[[faults]]\nshare = 1\n[faults.fault]\ntarget = 'legs'\nkind = 'closed'\ntime_s = 1\n"
     "source = 'assumed'",
     "faults[0].share: has no source"),
    ("[[faults]]\nshare = 1\nsource = 'assumed'\n[faults.fault]\ntarget = 'sonar'\nkind = 'off'\ntime_s = 1\n"
     "source = 'assumed'", "faults[0].fault.target: must be an altimeter that is fitted"),
    (THRUST + THRUST, "dispersions[1].key: 'vehicle.main_engine.thrust_n' is dispersed twice"),
    (THRUST.replace('source = "assumed"', ""), "dispersions[0].sigma: has no source"),
    (THRUST.replace("sigma = 4", "sigma = 4\nhihg = 2"),
     "dispersions[0].hihg: unknown key, did you mean 'high'?"),
    ("x", "not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), BAD_FILES)
def test_a_bad_campaign_is_one_line_that_names_file_key_and_reason(tmp_path, text, wanted):
    path = written(tmp_path, text)
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: {wanted}")
    assert "\n" not in str(refused.value)


def test_a_campaign_or_scenario_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(ScenarioError, match=r"no such campaign: neither built in \(resilience_dispersed, "):
        load("moon")
    with pytest.raises(ScenarioError, match="no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ScenarioError, match="scenario: no scenario 'moon'"):
        load(written(tmp_path, "", scenario="moon"))
    with pytest.raises(ScenarioError, match=r"mine\.toml: no such file"):
        load(written(tmp_path, "", scenario="mine.toml"))
