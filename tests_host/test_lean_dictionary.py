"""The dictionary that a board gets does what the whole one does, without what the board does not need."""

import ast
from types import SimpleNamespace

import pytest

from host_tools.flash import board_files, lean_dictionary
from host_tools.flash.lean_dictionary import lean, names_used
from host_tools.ground.model import LINK
from plumbline.link import dictionary
from plumbline.link.packet import COMMAND
from plumbline.link.port import _incoming_of

TEXT = (LINK / "dictionary.py").read_text()
BOARDS = ["navigation_pico", "propulsion_pico", "structure_pico"]


def run(text):
    names: dict = {}
    exec(compile(text, "dictionary.py", "exec"), names)
    return SimpleNamespace(**names)


@pytest.fixture(scope="module", params=BOARDS)
def board(request):
    """(id, what it gets, what its modules take of it)."""
    texts = board_files.flight_code([request.param])
    used = names_used(text for path, text in texts.items() if path != lean_dictionary.PATH)
    number = getattr(dictionary, request.param.split("_")[0].upper())
    return number, run(texts[lean_dictionary.PATH]), used


def test_everything_that_its_modules_take_is_there_and_the_same(board):
    _, its, used = board
    assert len(used) > 10
    for name in used - {"EVENT_SEVERITY", "PACKETS", "SEVERITIES"}:
        mine, full = getattr(its, name), getattr(dictionary, name)
        if hasattr(full, "layout"):
            assert (mine.apid, mine.kind, mine.layout, mine.size) == (
                full.apid,
                full.kind,
                full.layout,
                full.size,
            )
        else:
            assert mine == full
    assert len(its.SEVERITIES) == len(dictionary.SEVERITIES)


def test_a_port_takes_the_same_packets(board, monkeypatch):
    number, its, _ = board
    full = {key: (packet.type.layout, packet.type.size) for key, packet in _incoming_of(number).items()}
    monkeypatch.setattr(dictionary, "PACKETS", its.PACKETS)
    lean_ones = {key: (packet.type.layout, packet.type.size) for key, packet in _incoming_of(number).items()}
    assert lean_ones == full
    assert len(full) > 5


def test_every_event_has_its_severity(board):
    for event, _, severity in dictionary.EVENTS:
        assert board[1].EVENT_SEVERITY[event] == severity == dictionary.EVENT_SEVERITY[event]


def test_commands_for_others_go_unless_it_sends_them(board):
    number, its, used = board
    names = {name for name, value in vars(dictionary).items() if value in dictionary.PACKETS}
    for name in names:
        packet = getattr(dictionary, name)
        foreign = packet.kind == COMMAND and packet.board != number and name not in used
        assert hasattr(its, name) == (not foreign), name


def test_no_name_and_no_event_of_another_board_is_left():
    text = lean(TEXT, ["NAVIGATION"], {"BOOT"})
    named = [packet.name for packet in dictionary.PACKETS]
    named += [name for packet in dictionary.PACKETS for name, _ in packet.fields]
    named += [name for _, name, _ in dictionary.EVENTS]
    strings = {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert strings & set(named) == set()
    its = run(text)
    assert its.BOOT == dictionary.BOOT
    assert not hasattr(its, "LEG_CONTACT")
    assert len(text) < 0.6 * len(TEXT)


def test_names_are_found_where_modules_take_them():
    assert names_used(["x = dictionary.BOOT\ny = other.ABORT", "f(dictionary.EVENT.apid)"]) == {
        "BOOT",
        "EVENT",
    }
