"""A slot that is repeated elsewhere in the firmware has the number that kernels/slots.py declares."""

import ast

import pytest

from host_tools.checks.mpy_compile import ROOT
from host_tools.proof.constants import module_constants

PLUMBLINE = ROOT / "firmware" / "plumbline"
SLOTS = PLUMBLINE / "kernels" / "slots.py"
REPEATERS = sorted(
    path
    for room in ("kernels", "drivers", "link", "subsystems")
    for path in (PLUMBLINE / room).glob("*.py")
    if path != SLOTS
)


def prefix(name: str) -> str:
    return name.split("_", 1)[0] + "_"


def differences(source: str, table: dict[str, int]) -> list[str]:
    """What a file repeats otherwise than the table, in words; private constants only."""
    prefixes = {prefix(name) for name in table}
    found = []
    for private, value in module_constants(ast.parse(source)).items():
        name = private.removeprefix("_")
        if name == private or prefix(name) not in prefixes:
            continue
        if name not in table:
            found.append(f"{private} is not in slots.py")
        elif table[name] != value:
            found.append(f"{private} is {value}; slots.py says {table[name]}")
    return found


@pytest.fixture(scope="module")
def table() -> dict[str, int]:
    return module_constants(ast.parse(SLOTS.read_text()))


def test_the_table_is_read_as_the_board_reads_it(table):
    from plumbline.kernels import slots

    public = {name: value for name, value in vars(slots).items() if name.isupper()}
    assert table == public
    assert "IMU_SAMPLES" in table


def misplaced(table: dict[str, int]) -> list[str]:
    """Slots outside of their array, or on another's place where the array is not made of strides."""
    found = []
    for array in {prefix(name) for name in table}:
        slots = {name: value for name, value in table.items() if prefix(name) == array}
        size, stride = slots.pop(f"{array}SIZE", None), slots.pop(f"{array}STRIDE", None)
        end = size or stride or 0
        found += [f"{name} is {place} of {end}" for name, place in slots.items() if not 0 <= place < end]
        if stride is None and len(set(slots.values())) < len(slots):
            found.append(f"two slots of {array} share a place")
    return found


def test_every_slot_has_a_place_in_its_array(table):
    assert misplaced(table) == []


def test_a_misplaced_slot_is_found():
    assert misplaced({"IMU_X": 0, "IMU_Y": 1, "IMU_SIZE": 2}) == []
    assert misplaced({"IMU_X": 0, "IMU_Y": 2, "IMU_SIZE": 2}) == ["IMU_Y is 2 of 2"]
    assert misplaced({"IMU_X": 1, "IMU_Y": 1, "IMU_SIZE": 2}) == ["two slots of IMU_ share a place"]
    assert misplaced({"IMU_X": 0}) == ["IMU_X is 0 of 0"]


@pytest.mark.parametrize("path", REPEATERS, ids=lambda path: path.relative_to(PLUMBLINE).as_posix())
def test_repeated_slots_agree_with_the_table(path, table):
    assert differences(path.read_text(), table) == []


def test_a_planted_difference_is_found():
    table = {"IMU_SAMPLES": 0, "IMU_ANGLE_X": 1, "ALT_COUNT": 0}
    agreeing = "_IMU_ANGLE_X = const(1)\n_ALT_COUNT = const(0)\n"
    assert differences(agreeing, table) == []
    assert differences("_IMU_ANGLE_X = const(2)\n", table) == ["_IMU_ANGLE_X is 2; slots.py says 1"]
    assert differences("_IMU_ANGLE_X = micropython.const(1 + 1)\n", table) == [
        "_IMU_ANGLE_X is 2; slots.py says 1"
    ]
    assert differences("_IMU_ANGEL_X = const(1)\n", table) == ["_IMU_ANGEL_X is not in slots.py"]


def test_constants_that_are_no_slots_are_left_alone():
    table = {"IMU_SAMPLES": 0}
    assert differences("_LARGEST = const(5)\n_REG_IMU = const(7)\nIMU_SAMPLES = const(9)\n", table) == []
