"""Questions to a campaign, and its page."""

import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import campaign_flight
import pytest

from host_tools.campaign import command
from host_tools.campaign.ask import answer
from host_tools.campaign.command import run as campaign
from host_tools.campaign.report import findings
from host_tools.campaign.statistics import wilson
from host_tools.campaign.store import VERSION, Store

RUNS = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A campaign with dispersions of its own, of which one in twenty crashes."""
    out = tmp_path_factory.mktemp("reported") / "out"
    assert campaign("resilience_dispersed", RUNS, out, workers=1, fly=campaign_flight.fly) == 0
    return out


@pytest.fixture(scope="module")
def page(folder):
    from host_tools.campaign.report import write

    assert write(Store(folder).open()) == "report.html"
    return (folder / "report.html").read_text()


# --- ask ---------------------------------------------------------------------------------------------


def test_a_question_is_answered_as_a_table(folder, run):
    code, out, err = run("ask", str(folder), "SELECT count(*) AS n, max(index) AS last FROM runs")
    assert (code, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [["n", "last"], ["400", "399"]]


def test_the_answers_are_the_parts_own_numbers(folder):
    landed = json.loads((folder / "summary.json").read_text())["landed"]
    assert answer(Store(folder).open(), "SELECT count(*) FROM runs WHERE landed").rows == [(landed,)]
    by_ending = answer(
        Store(folder).open(), "SELECT ending, count(*) FROM runs GROUP BY ending ORDER BY 1"
    ).rows
    assert by_ending == [("hit_the_ground", RUNS - landed), ("landed", landed)]


def test_what_was_never_measured_is_null(folder):
    asked = "SELECT count(*) FILTER (max_agl_error_m IS NULL), bool_or(isnan(max_agl_error_m)) FROM runs"
    ((nulls, nans),) = answer(Store(folder).open(), asked).rows
    assert nulls > 0 and not nans


def test_a_long_answer_says_that_it_goes_on(folder, run):
    code, out, _ = run("ask", str(folder), "SELECT a.index FROM runs a, runs b")
    assert code == 0 and out.splitlines()[-1] == "and more: the first 1000 rows are shown"


def test_wide_rows_and_strange_values_are_shown_whole(folder, run):
    code, out, _ = run("ask", str(folder), "SELECT *, NULL AS nothing, '[red]' AS mark FROM runs LIMIT 1")
    assert code == 0 and "drawn_vehicle_altimeter_0_max_range_m" in out and "[red]" in out
    assert len(out.splitlines()) == 2


BAD_QUESTIONS = [
    ("SELEC 1", "SQL: Parser Error: syntax error"),
    ("SELECT nothing FROM runs", 'Referenced column "nothing" not found'),
    ("SELECT * FROM landings", "landings does not exist"),
    ("", "one question at a time (got 0)"),
    ("SELECT 1; SELECT 2", "one question at a time (got 2)"),
    ("DELETE FROM runs", "only questions are answered"),
    ("COPY runs TO 'stolen.csv'", "only questions are answered"),
    ("SET threads = 1", "only questions are answered"),
    ("SELECT * FROM read_csv('/etc/hostname')", "Permission Error"),
    ("SELECT * FROM read_parquet('parts/*.parquet')", "Permission Error"),
    ("SELECT error('two\nlines')", "two lines"),
]


@pytest.mark.parametrize(("question", "wanted"), BAD_QUESTIONS)
def test_a_bad_question_is_one_line_and_touches_nothing(folder, run, monkeypatch, tmp_path, question, wanted):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("ask", str(folder), question)
    assert (code, out) == (2, "")
    assert wanted in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [("ask", "{}", "SELECT 1"), ("report", "{}")])
def test_a_folder_without_a_campaign_or_of_another_version_is_one_line(run, tmp_path, arguments):
    call = [part.format(tmp_path / "out") for part in arguments]
    code, _, err = run(*call)
    assert code == 2 and "holds no campaign" in err and err.count("\n") == 1
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "campaign.json").write_text(json.dumps({"store": VERSION + 1}))
    code, _, err = run(*call)
    assert code == 2 and f"a store of version {VERSION + 1}" in err and err.count("\n") == 1


def test_a_campaign_without_a_single_run_is_said(run, tmp_path, folder):
    (tmp_path / "campaign.json").write_text((folder / "campaign.json").read_text())
    for call in (("ask", str(tmp_path), "SELECT 1"), ("report", str(tmp_path))):
        code, _, err = run(*call)
        assert code == 2 and "no run has been stored yet" in err


@pytest.mark.parametrize(
    "call",
    [
        ("campaign", "resilience_nominal", "--runs", "1", "--out", "x"),
        ("ask", "x", "SELECT 1"),
        ("report", "x"),
    ],
)
def test_a_library_that_is_missing_is_one_line_that_says_how_to_get_it(run, monkeypatch, tmp_path, call):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(command._NEEDS, "campaign", ("pyarrow", "no_such_library"))
    code, _, err = run(*call)
    assert code == 2 and err.count("\n") == 1
    assert "no-such-library is not installed: pip install --editable '.[campaign]'" in err
    assert not list(tmp_path.iterdir())


# --- the page ----------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a browser would fetch, and whether all that is opened is closed."""

    def __init__(self):
        super().__init__()
        self.fetched, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_needs_nothing_else(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.fetched
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in reader.fetched)
    assert "http" not in page and "<script" not in page and "@import" not in page
    assert page.count("<svg") == 2


def test_the_page_says_how_many_landed_and_how_sure_that_is(page, folder):
    landed = json.loads((folder / "summary.json").read_text())["landed"]
    low, high = wilson(landed, RUNS)
    assert f"Landed: {landed} of {RUNS} ({landed / RUNS:.3%}; 95 % interval {low:.3%} to {high:.3%})" in page
    assert "Host tier" in page


def test_every_failed_run_and_the_worst_that_landed_have_a_command_that_replays_them(page, folder):
    found = findings(Store(folder).open())
    commands = re.findall(r"<code>plumbline land (\S+) --seed (\d+)</code>", page)
    failed = [int(found.columns["seed"][row]) for row in found.failed()]
    assert 5 < len(failed) <= 50
    assert [int(seed) for _, seed in commands][: len(failed)] == failed
    assert len(commands) == len(failed) + 10
    for path, seed in commands:
        text = Path(path).read_text()
        scenario = tomllib.loads(text)
        assert f"was flown with seed {seed}" in text.splitlines()[0]
        assert scenario["vehicle"]["sources"]["payload_mass_kg"].startswith("drawn for run ")


def test_the_worst_that_landed_came_closest_to_what_the_legs_survive(folder):
    store = Store(folder).open()
    found = findings(store)
    worst = found.worst(store.scenario, 3)
    down = found.columns["vertical_speed_m_s"]  # of 3 m/s; the others use less of 1.5 m/s and 12 degrees
    assert found.landed[worst].all()
    assert down[worst[0]] == down[found.landed].max()


def test_what_decides_comes_first(folder, page):
    # the made-up vertical speed follows the made-up mass; nothing follows `nothing`
    influences = findings(Store(folder).open()).influences()
    assert influences[0].name == "mass_off_kg"
    assert influences[0].on["vertical_speed_m_s"] > 0.8
    table = page[page.index("What decides") :]
    first, *others = re.findall(r"<tr><td>(\w+)</td>(.*?)</tr>", table)
    assert first[0] == "mass_off_kg" and "+0.9" in first[1]
    assert all("+0.9" not in cells for _, cells in others)


def test_a_draw_that_was_far_out_is_named_with_the_failure(folder):
    store = Store(folder).open()
    found = findings(store)
    struck = next(i for i, value in enumerate(found.columns["drawn_faults_0_laser_stuck"]) if value)
    assert found.unusual(struck)[0] == "faults_0_laser_stuck struck"
    values = found.drawn["drawn_start_altitude_error_m"]
    row = int(abs(values - values.mean()).argmax())
    sigmas = (values[row] - values.mean()) / values.std()
    assert f"start_altitude_error_m {sigmas:+.1f} sigma" in found.unusual(row)


def test_what_was_dispersed_stands_there_with_its_source(page):
    assert "assumed: orbit determination over the far side" in page
    assert "triangular from 317 to 322" in page
    assert "strikes in 2.0% of the runs" in page
    assert "what orbit determination, a star tracker and engine calibration leave" in page


def test_the_same_runs_give_the_same_page(page, folder):
    from host_tools.campaign.report import write

    write(Store(folder).open())
    assert (folder / "report.html").read_text() == page


def test_any_run_can_be_prepared_for_its_replay(folder, run):
    code, out, _ = run("report", str(folder), "--replay", "7")
    assert code == 0
    path = folder / "replay" / "run-00000007.toml"
    assert out.startswith(f"plumbline land {path} --seed ") and path.is_file()
    code, _, err = run("report", str(folder), "--replay", str(RUNS))
    assert code == 2 and f"holds no run {RUNS}" in err and err.count("\n") == 1


def test_an_incomplete_campaign_and_one_of_other_sources_say_so(folder, tmp_path):
    import shutil

    from host_tools.campaign.report import write

    shutil.copytree(folder, tmp_path / "out")
    (tmp_path / "out" / "summary.json").unlink()
    manifest = json.loads((tmp_path / "out" / "campaign.json").read_text()) | {"program": "0"}
    (tmp_path / "out" / "campaign.json").write_text(json.dumps(manifest))
    write(Store(tmp_path / "out").open())
    text = (tmp_path / "out" / "report.html").read_text()
    assert "The campaign is not complete." in text and "Flown by other sources than today" in text


def test_a_campaign_in_which_all_landed_or_none_has_a_page_too(tmp_path):
    from host_tools.campaign.report import write

    for landed in (True, False):
        out = tmp_path / str(landed)

        def fly(runs, landed=landed):
            ending = "landed" if landed else "out_of_time"
            return [campaign_flight.row(run) | {"landed": landed, "ending": ending} for run in runs]

        assert campaign("resilience_nominal", 5, out, workers=1, fly=fly) == 0
        write(Store(out).open())
        assert ("Nothing failed." in (out / "report.html").read_text()) == landed
