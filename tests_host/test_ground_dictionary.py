"""The dictionary's descriptions: complete, true to the boards, and what is made from them is not stale."""

import copy
import json
import re

import pytest

from host_tools.ground import generate
from host_tools.ground.dictionary import DESCRIPTIONS, load
from host_tools.ground.entries import DictionaryError
from host_tools.host_board import ROOT
from host_tools.landing.notebook import PHASES, VERDICTS
from plumbline.link import dictionary as flight
from plumbline.subsystems.parameters import Parameters
from plumbline.subsystems.power_limits import PowerLimits
from plumbline.subsystems.propulsion_parameters import PropulsionParameters
from plumbline.subsystems.structure_parameters import StructureParameters

# board, and what takes its parameters.json
OWNERS = {
    "navigation": ("navigation_pico", Parameters),
    "propulsion": ("propulsion_pico", PropulsionParameters),
    "power": ("power_esp32", PowerLimits),
    "structure": ("structure_pico", StructureParameters),
}


@pytest.fixture(scope="module")
def dictionary():
    return load()


def edited(tmp_path, *changes):
    """The path of a copy of the descriptions in which each (old, new) was replaced."""
    text = DESCRIPTIONS.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "dictionary.toml"
    path.write_text(text)
    return path


def test_everything_that_the_boards_have_is_described(dictionary):
    assert [packet.name for packet in dictionary.packets] == [packet.name for packet in flight.PACKETS]
    assert [(event.number, event.name) for event in dictionary.events] == [row[:2] for row in flight.EVENTS]
    for packet, described in zip(flight.PACKETS, dictionary.packets, strict=True):
        assert [field.name for field in described.fields] == [name for name, _ in packet.fields]
        assert described.size == packet.size
        assert all(field.text for field in described.fields)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('ignition = { text = "The braking burn begins" }\n', ""), "events.ignition: is missing"),
        (
            ('ignition = { text = "The', 'igniton = { text = "x" }\nignition = { text = "The'),
            "events.igniton: describes nothing",
        ),
        (("\nmass_g = {", "\nmass_kg = {"), "packets.initial_state.fields.mass_g: is missing"),
        (
            ("torque_x_q14 = {", 'spin = { text = "x" }\ntorque_x_q14 = {'),
            "packets.demand.fields.spin: describes nothing",
        ),
        (('peer = "navigation"', 'peer = "houston"'), "packets.demand.peer: houston is no board"),
        (('labels = "phase"', 'labels = "mood"'), "labels: there is no table labels.mood"),
        (
            ('flags = ["armed", "main_engine", "near_ground", "blurred"]', f"flags = {list('abcdefghi')!r}"),
            "packets.demand.fields.flags.flags: 9 of them in 8 bits",
        ),
        (("q = 14, least = 0, most = 16384", "q = 14, least = 0, most = 99999"), "is not within I16"),
        (("radar_delay_ms = {", "radar_delay_s = {"), "parameters.navigation.radar_delay_ms: is missing"),
        (("most = 6_000", "most = 3_000"), "exhaust_m_s: its default 3138 is out of its range"),
        ((", q = 14, least = 0", ", p = 14, least = 0"), "packets.demand.fields.throttle_q14.p: unknown key"),
        (('text = "The board has started"', 'text = "a | b"'), "events.boot.text"),
        (('argument = "the new phase", ', ""), "events.phase_changed.argument: is missing"),
        (("[labels.phase]", "[labels.phase"), "cannot be read"),
    ],
)
def test_a_description_that_does_not_fit_is_refused_in_one_line(tmp_path, change, complaint):
    with pytest.raises(DictionaryError, match=re.escape(complaint)) as caught:
        load(edited(tmp_path, change))
    assert str(caught.value).startswith("dictionary.toml: ")
    assert "\n" not in str(caught.value)


def test_descriptions_that_are_not_there_are_one_line(tmp_path):
    with pytest.raises(DictionaryError, match=r"dictionary\.toml: cannot be read: No such file"):
        load(tmp_path / "dictionary.toml")


def test_no_field_of_a_name_with_a_scale_or_a_unit_is_described_with_another(dictionary):
    suffixes = {"mm": "mm", "mm_s": "mm/s", "g": "g", "mn": "mN", "ms": "ms", "m_s": "m/s"}
    described = [field for packet in dictionary.packets for field in packet.fields]
    for field in [*described, *dictionary.parameters]:
        scale = re.search(r"_q(\d+)$", field.name)
        assert field.q == (int(scale[1]) if scale else 29 if re.fullmatch(r"q\d", field.name) else 0)
        tail = re.search(r"_(mm_s|mm|m_s|mn|ms|g)$", field.name)
        if tail:
            assert field.unit == suffixes[tail[1]], field.name


def test_labels_are_those_of_the_landing_report(dictionary):
    assert tuple(dictionary.labels["phase"]) == PHASES
    assert tuple(dictionary.labels["verdict"]) == VERDICTS
    for labels in dictionary.labels.values():
        assert list(labels.values()) == list(range(len(labels)))


def test_flags_are_the_bits_that_the_flight_code_names(dictionary):
    named = (
        (flight.DEMAND, "DEMAND"),
        (flight.PROPULSION_STATUS, "PROPULSION"),
        (flight.POWER_STATUS, "POWER"),
    )
    for packet, prefix in named:
        described = next(found for found in dictionary.packets if found.name == packet.name)
        flags = next(field for field in described.fields if field.name == "flags").flags
        for bit, name in enumerate(flags):
            assert getattr(flight, f"{prefix}_{name.upper()}") == 1 << bit


def test_the_valves_bits_are_in_the_order_of_the_pins(dictionary):
    status = next(packet for packet in dictionary.packets if packet.name == "propulsion_status")
    valves = next(field for field in status.fields if field.name == "valves").flags
    pins = (ROOT / "boards" / "propulsion_pico" / "pins.csv").read_text()
    assert [name.replace("_", ".") for name in valves] == re.findall(r"^valve\.([^,]+),", pins, re.MULTILINE)


def test_the_loads_are_those_of_the_power_boards_parameters_and_pins(dictionary):
    table = json.loads((ROOT / "boards" / "power_esp32" / "parameters.json").read_text())
    names = [load["name"] for load in table["loads"]]
    status = next(packet for packet in dictionary.packets if packet.name == "power_status")
    assert list(next(field for field in status.fields if field.name == "loads").flags) == names
    assert list(dictionary.labels["load"]) == names
    pins = (ROOT / "boards" / "power_esp32" / "pins.csv").read_text()
    assert sorted(re.findall(r"^load\.([^,]+),", pins, re.MULTILINE)) == sorted(names)


def test_a_board_takes_just_the_declared_range_of_each_parameter(dictionary):
    for parameter in dictionary.parameters:
        board, taker = OWNERS[parameter.owner]
        flown = json.loads((ROOT / "boards" / board / "parameters.json").read_text())
        part, _, key = parameter.name.rpartition(".")
        if key == "off_mc":  # it has to be above on_mc, whose most is below it
            flown["heaters"][0]["on_mc"] = -100_000
        elif key == "on_mc":
            flown["heaters"][0]["off_mc"] = 100_000
        for value, is_taken in (
            (parameter.least - 1, False),
            (parameter.least, True),
            (parameter.most, True),
            (parameter.most + 1, False),
        ):
            table = copy.deepcopy(flown)
            (table[part + "s"][0] if part else table)[key] = value
            if is_taken:
                taker(table)
            else:
                with pytest.raises(ValueError, match=key):
                    taker(table)


def test_what_is_made_from_the_dictionary_is_what_make_dictionary_writes(capsys):
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_file_is_told_and_made_anew(tmp_path, monkeypatch, capsys):
    page = tmp_path / "dictionary.md"
    page.write_text("old\n")
    monkeypatch.setattr(generate, "PAGE", page)
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "dictionary.md is stale: run `make dictionary`\n"
    assert page.read_text() == "old\n"
    assert generate.main([]) == 0
    assert page.read_text() == generate.contents()[page]
    assert [path.name for path in tmp_path.iterdir()] == ["dictionary.md"]


def test_the_page_names_every_packet_field_event_and_parameter(dictionary):
    page = generate.PAGE.read_text()
    for packet in dictionary.packets:
        section = page.split(f"## `{packet.name}`\n")[1].split("\n## ")[0]
        assert re.findall(r"^\| \d+ \| `(\w+)`", section, re.MULTILINE) == [
            field.name for field in packet.fields
        ]
    for thing in (*dictionary.events, *dictionary.parameters):
        assert f"| `{thing.name}` |" in page
    # Every row of a table has as many cells as the line above it.
    for above, row in zip(page.splitlines(), page.splitlines()[1:], strict=False):
        if above.startswith("|") and row.startswith("|"):
            assert above.count("|") == row.count("|")
