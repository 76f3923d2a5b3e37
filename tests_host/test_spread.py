"""Kernels' branches as masks: each landing gets what the text gives it alone, however they disagree."""

import ast
from types import ModuleType

import numpy as np
import pytest

from host_tools.campaign.abreast import kernels, spread, wholes
from host_tools.campaign.abreast.kernels import inner
from host_tools.world.lanes import LANES

SLOTS = 24
TEXT = '''
import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide_signed, isqrt

_A = const(0)
_B = const(1)
_C = const(2)
_VOT_FITTED = const(3)
_TABLE = const(8)


@micropython.viper
def step(m: ptr32, many: int) -> int:
    """Early ends, a loop over slots, a call for some, and a variable that only one branch has."""
    if m[_A] == 0:
        m[_B] = 7
        return 0 - 1
    total = 0
    index = 0
    while index < m[_VOT_FITTED]:
        base = _TABLE + index * 4
        x = m[base]
        if x < 0:
            x = 0 - x
        if x > 50 and m[_C] > 0 or x == 3:
            total = total + int(weigh(m, base, x))
            axis = 0
            while axis < 3:
                m[base + 1 + axis] = m[base + 1 + axis] + axis + x
                axis = axis + 1
        elif x > 20:
            total = total - many
        elif x > 10 and int(weigh(m, base, x)) > 14 and int(weigh(m, base, x + 1)) > 20 or m[_A] > 80:
            total = total + 1
        elif x > 5 or int(weigh(m, base, x)) == 9:
            total = total + 2
        else:
            m[_C] = m[_C] ^ index
        index = index + 1
    m[_B] = total
    if total > 300:
        return int(isqrt(total))
    found = int(first_beyond(m, many))
    return found + int(climb(m, total))


@micropython.viper
def weigh(m: ptr32, base: int, x: int) -> int:
    """A choice with an end in each branch, which changes something: who need not be asked must not be."""
    if (x & 1) == 1:
        m[base] = 0 - x
        return x * 3
    if m[base + 2] > x:
        return int(divide_signed(m[base + 2], x + 1, 2))
    x = x + 5
    return x


@micropython.viper
def first_beyond(m: ptr32, limit: int) -> int:
    """An end in the middle of a loop; who has found one looks no further."""
    index = 0
    while index < m[_VOT_FITTED]:
        if m[_TABLE + index * 4 + 1] > limit:
            m[_A] = m[_A] + index
            return index
        index = index + 1
    return 9


@micropython.viper
def climb(m: ptr32, total: int) -> int:
    """A loop as long as each likes, and a slot of each lane's own."""
    slot = _TABLE
    steps = 0
    while slot < 20 and m[slot] < total:
        slot = slot + (m[slot] & 1) + 1
        steps = steps + 1
    m[slot] = m[slot] | steps
    return int(clamp(m[slot] >> 1, 0 - 40, 40)) // 3
'''


def plain() -> ModuleType:
    """The text as CPython has it."""
    module = ModuleType("plain")
    tree = ast.parse(TEXT)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns, node.decorator_list = None, []
            for argument in node.args.args:
                argument.annotation = None
    exec(compile(tree, "plain", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def stepped(tmp_path_factory: pytest.TempPathFactory):
    """The text for all lanes: a function from a memory (SLOTS, LANES) and a number to each lane's result."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "sample.py").write_text(TEXT)
    (folder / "fixed.py").write_text((kernels._FOLDER / "fixed.py").read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_FOLDER", folder)
        step = kernels.load_spread("sample").step

    @inner
    def all_lanes(memory, many, results):
        found = step(wholes.everybody(), wholes.column_of(memory, 0), many)
        wholes.keep(wholes.everybody(), wholes.column_of(results, 0), 0, found)

    return all_lanes


def test_each_lane_gets_what_it_would_get_alone(stepped):
    random, alone, ends = np.random.default_rng(4), plain(), set()
    for _ in range(3_000):
        memory = random.integers(-90, 90, (SLOTS, LANES)).astype(np.int32)
        memory[0] *= random.random(LANES) < 0.8
        memory[3] = random.integers(0, 4)  # the same for all
        many, results = int(random.integers(0, 120)), np.zeros((1, LANES), np.int32)
        columns = [memory[:, lane].tolist() for lane in range(LANES)]
        stepped(memory, many, results)
        expected = [alone.step(column, many) for column in columns]
        assert results[0].tolist() == expected
        assert [memory[:, lane].tolist() for lane in range(LANES)] == columns
        ends |= set(expected)
    assert len(ends) > 30  # they do end differently


def test_every_kernel_can_be_spread_and_none_is_the_same_as_before():
    for path in sorted(kernels._FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text())
        functions = [node for node in spread.spread(tree).body if isinstance(node, ast.FunctionDef)]
        assert all(function.args.args[0].arg == "lanes_" for function in functions)


@pytest.mark.parametrize("text", ["for i in range(3):\n        m[0] = i", "m[0] += 1", "m[0] = [1]"])
def test_what_it_does_not_know_is_refused(text):
    tree = ast.parse(f"def step(m):\n    {text}\n    return 0\n")
    with pytest.raises((NotImplementedError, AssertionError), match="unknown to spread"):
        spread.spread(tree)
