"""Guards taken away from the kernels one at a time: the prover notices, or it is known why it need not."""

import ast
import tomllib

import pytest

from host_tools.proof import declared, mutate
from host_tools.proof.checked import CheckedProgram
from host_tools.proof.mutate import Judge, Mutant, differences, listed, mutants
from host_tools.proof.program import Module, Program, kernel_files
from host_tools.proof.witness import Search

RUNS = 6  # of every entry of a survivor
KERNELS = kernel_files()


@pytest.fixture(scope="module")
def judge():
    """Has proved every kernel as it is, which takes seconds; it learns nothing from the mutants it judges."""
    return Judge()


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.name)
def test_the_list_of_survivors_is_right(path, judge):
    made = list(mutants(path))
    survivors = [mutant.name for mutant in made if judge.survives(mutant)]
    assert differences(survivors, [mutant.name for mutant in made], f"{path.stem}.") == []


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.name)
def test_no_number_shows_what_the_prover_let_survive(path, judge):
    known, arrays = listed(), declared.arrays()
    for mutant in mutants(path):
        if mutant.name not in known:
            continue
        checking = CheckedProgram(Program(mutant.module))
        for name in judge.entries_of(mutant):
            search = Search(checking, arrays, mutant.module.functions[name], seed=3)
            for _ in range(RUNS):
                given = search.random_input()
                assert search.escape(given) is None, f"{mutant.name} with {given}"


def test_every_guard_is_taken_away_once():
    names = [mutant.name for path in KERNELS for mutant in mutants(path)]
    assert len(set(names)) == len(names)
    # An if, a clamp, a clamp within it and an elif.
    source = "def f(x):\n    if x:\n        x = clamp(clamp(x, 0, 1), 0, 2)\n    elif x > 1:\n        x = 0\n"
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert len(mutate.guards(function)) == 4
    texts = [ast.unparse(mutate.without_guard(function, number)) for number in range(4)]
    assert "if 0:" in texts[0] and "elif x > 1" in texts[0]
    assert "x = clamp(x, 0, 1)\n" in texts[1]
    assert "x = clamp(x, 0, 2)\n" in texts[2]
    assert "elif 0:" in texts[3]


def test_a_wrong_list_is_told():
    name = next(iter(listed()))
    known = set(listed())
    assert differences(known | {"a.b: if x"}, known | {"a.b: if x"}) == [
        "survives and is not listed: a.b: if x"
    ]
    assert differences(known - {name}, known) == [f"listed and caught: {name}"]
    assert differences(known - {name}, known - {name}) == [f"listed and not there: {name}"]


def test_every_survivor_has_one_reason():
    table = tomllib.loads(mutate.SURVIVORS.read_text())
    guards = [guard for group in table["group"] for guard in group["guards"]]
    assert len(guards) == len(set(guards))
    assert all(len(group["reason"]) > 40 for group in table["group"])


# What a reviewer may plant: file, text, what stands there instead.
PLANTED = [
    (
        "state.py",
        "kick = int(clamp(imu[_IMU_VELOCITY_X + axis], -8000000, 8000000))",
        "kick = imu[_IMU_VELOCITY_X + axis]",
    ),
    (
        "state.py",
        "state[_STA_REST_TURN_DOWNRANGE] = total & 4095",
        "state[_STA_REST_TURN_DOWNRANGE] = total & 8191",
    ),
    ("state.py", "state[_STA_REST_UP + axis] = total & 255", "state[_STA_REST_UP + axis] = total & 511"),
    (
        "state.py",
        "estimate[_EST_STEP_UP_Q8 + axis] = gain",
        "estimate[_EST_VELOCITY_AGE_TICKS + axis] = gain",
    ),
    ("attitude.py", "(estimate[_EST_R00 + axis] >> 15)", "(estimate[_EST_R00 + axis] >> 14)"),
    (
        "attitude.py",
        "demand[_DEM_TRIM_Y_Q14 + axis] = total >> 10",
        "demand[_DEM_TRIM_Y_Q14 + axis] = total >> 5",
    ),
    ("thrust.py", "clamp(ratio, 1, 500000)) * 1000", "clamp(ratio, 1, 500000)) * 10000"),
    ("modulation.py", "width = ((duty * 3125) >> 9)", "width = ((duty * 312500) >> 9)"),
    ("fixed.py", "cross_a >> 14", "cross_a << 1"),
    ("fixed.py", "quotient > 268435455", "quotient > 1073741823"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), PLANTED, ids=[wrong for _, _, wrong in PLANTED])
def test_a_planted_error_in_a_kernel_is_caught(name, right, wrong, judge):
    path = next(path for path in kernel_files() if path.name == name)
    source = path.read_text()
    assert right in source
    tree = ast.parse(source.replace(right, wrong, 1))
    line = source[: source.index(right)].count("\n") + 1
    function = next(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    )
    mutant = Mutant(wrong, function, Module(path, tree))
    assert not judge.survives(mutant)
