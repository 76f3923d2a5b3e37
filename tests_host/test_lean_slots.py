"""The slots that a board gets are those that its modules take, and they are the same."""

import ast
from types import SimpleNamespace

import pytest

import host_tools.host_board  # noqa: F401  (makes `plumbline` and `micropython` importable)
from host_tools.flash import board_files, lean_slots
from host_tools.proof.declared import SLOTS
from plumbline.kernels import slots

TEXT = SLOTS.read_text()


def run(text: str) -> dict[str, int]:
    names: dict = {}
    exec(compile(text, "slots.py", "exec"), names)
    return {name: value for name, value in names.items() if isinstance(value, int)}


@pytest.mark.parametrize("board", ["navigation_pico", "structure_pico", "bench_pico"])
def test_every_name_that_a_module_of_the_board_or_a_test_on_it_takes_is_there_and_the_same(board):
    texts = board_files.flight_code([board])
    its = run(texts[lean_slots.PATH])
    taken = lean_slots.names_used(text for path, text in texts.items() if path != lean_slots.PATH)
    assert len(taken) > 3
    # other things are called slots, too
    assert (taken | lean_slots.used_by_tests()) & set(run(TEXT)) == set(its)
    assert its == {name: getattr(slots, name) for name in its}


def test_most_of_the_table_is_for_the_host_alone():
    its = run(board_files.flight_code(["navigation_pico"])[lean_slots.PATH])
    assert 3 * len(its) < len(run(TEXT))


def test_only_names_of_the_table_are_counted_as_taken():
    text = "from plumbline.kernels import slots\na = slots.EST_SIZE\nb = other.VOT_SIZE\nslots_too = 1\n"
    assert lean_slots.names_used([text]) == {"EST_SIZE"}
    kept = lean_slots.lean(
        "from micropython import const\nEST_SIZE = const(3)\nVOT_SIZE = const(4)\n", {"EST_SIZE"}
    )
    assert [type(node) for node in ast.parse(kept).body] == [ast.ImportFrom, ast.Assign]
    assert vars(SimpleNamespace(**run(kept))) == {"EST_SIZE": 3}
