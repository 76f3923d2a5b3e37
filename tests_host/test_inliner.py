"""Small functions unfolded for the board: every result and every array as with the calls."""

import ast
import itertools
import random
import sys
import types

import pytest

from host_tools.flash.inliner import Library, inlined, unfolded
from host_tools.flash.viper_library import module_of
from host_tools.proof.runtimes.variants import FIRMWARE

HEAD = "import micropython\nfrom micropython import const\n"
HELPERS = (
    HEAD
    + """
_STEP = const(3)
_LOW = const(-5)

@micropython.viper
def clamp(x: int, low: int, high: int) -> int:
    if x < low:
        return low
    if x > high:
        return high
    return x

@micropython.viper
def bump(a: ptr32, i: int) -> int:
    a[i] = a[i] + _STEP
    return a[i]

@micropython.viper
def doubled(x: int) -> int:
    x = x + x
    return x

@micropython.viper
def first_above(a: ptr32, limit: int) -> int:
    i = 0
    while i < 4:
        if a[i] > limit:
            return i
        i = i + 1
    return _LOW

@micropython.viper
def sign(x: int) -> int:
    result = 1
    if x == 0:
        result = 0
    elif x < 0:
        result = -1
    return result
"""
)
CASES = {
    "nested calls": "return int(clamp(int(doubled(x)), int(doubled(y)), int(clamp(y, _SEVEN, 99))))",
    "a parameter that the callee changes": """
    z = int(doubled(x))
    return z + x * 10""",
    "a writer beside a reader": "return a[0] + int(bump(a, 0)) + a[0]",
    "two writers in one expression": "return int(bump(a, 0)) * 10 + int(bump(a, 0))",
    "a writer for its effect": """
    bump(a, 1)
    bump(a, 1)
    return a[1]""",
    "a writer behind `and`": """
    if x > 0 and int(bump(a, 2)) > 4:
        return 1
    return a[2]""",
    "a writer behind `or`": """
    if x > 0 or int(bump(a, 2)) > 4:
        return 1
    return a[2]""",
    "three conditions": """
    if x > 0 and int(sign(y)) == 1 and int(bump(a, 3)) > 2:
        return 1
    return a[3]""",
    "elif with a call": """
    z = 0
    if x > 2:
        z = 1
    elif int(bump(a, 0)) > 5:
        z = 2
    elif int(sign(y)) < 0 and int(bump(a, 1)) > 0:
        z = 3
    return z * 100 + a[0] + a[1]""",
    "a call in a loop's condition": """
    while int(bump(a, 0)) < x:
        y = y + 1
    return y * 50 + a[0]""",
    "a call in a loop": """
    i = 0
    while i < 3:
        a[i] = int(clamp(a[i] + x, _SEVEN, y))
        i = i + 1
    return a[1]""",
    "a callee that returns out of a loop": (
        "return int(first_above(a, x)) + int(sign(int(first_above(a, y))))"
    ),
    "locals of the same name": """
    i = 2
    result = int(sign(x))
    return int(clamp(i, result, y)) + i + result""",
    "an index that is a call": "return a[int(clamp(x, 0, 3))] + int(sign(a[int(clamp(y, 0, 3))]))",
    "a target whose index is a call": """
    a[int(clamp(x, 0, 3))] = int(doubled(y))
    return a[0] + 2 * a[1] + 3 * a[3]""",
    "a flag inside a flag": """
    z = 0
    if x > 0 and int(sign(y)) == 1:
        if y > 2 and int(bump(a, 0)) > 3:
            z = 5
        z = z + 1
    return z + a[0]""",
}


def sources(body):
    user = (
        HEAD
        + "from plumbline.helpers import bump, clamp, doubled, first_above, sign\n_SEVEN = const(-7)\n\n"
        + f"@micropython.viper\ndef use(a: ptr32, x: int, y: int) -> int:\n    {body}\n\n\n"
        + "def start(a, x, y):\n    return use(a, x, y)\n"
    )
    return {"plumbline/helpers.py": HELPERS, "plumbline/user.py": user}


def program(texts, monkeypatch):
    """The function `start` of a program, run by CPython; its modules are bound when it is made."""
    for path in ("plumbline/helpers.py", "plumbline/user.py"):
        module = types.ModuleType(path.removesuffix(".py").replace("/", "."))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        plain = texts[path].replace("@micropython.viper\n", "").replace("ptr32", "int")
        exec(compile(plain, path, "exec"), module.__dict__)
    return module.start


@pytest.mark.parametrize("name", CASES)
def test_unfolded_code_does_what_the_calls_did(name, monkeypatch):
    texts = sources(CASES[name])
    library = Library(texts)
    kept = {path: inlined(path, library) for path in texts}
    for changed in (kept, unfolded(texts)):
        assert changed["plumbline/user.py"] != texts["plumbline/user.py"]
        original, new = program(texts, monkeypatch), program(changed, monkeypatch)
        for x, y in itertools.product(range(-9, 10, 3), range(-8, 9, 2)):
            array, same = [4, -3, 0, 8], [4, -3, 0, 8]
            assert new(same, x, y) == original(array, x, y)
            assert same == array


def test_a_pure_callee_is_gone_and_a_loop_that_returns_is_still_called():
    texts = unfolded(sources("return int(clamp(x, 0, 9)) + int(first_above(a, y))"))
    assert "def clamp" not in texts["plumbline/helpers.py"]
    assert "clamp(" not in texts["plumbline/user.py"]
    assert "first_above(a, y)" in texts["plumbline/user.py"]
    assert "import first_above" in texts["plumbline/user.py"]


MARKED = """
    \"\"\"Of two. {mark}\"\"\"
    return int(clamp(x, 0, 9)) + int(long(x))


@micropython.viper
def long(x: int) -> int:
    return x * x + x * 2 + x * x * 3 + x * 5 + x * x * 7 + x * 11 + x * x * 13 + x * 17 + x * x * 19


@micropython.viper
def twice(x: int, y: int) -> int:
    return int(use(0, x, y)) + int(use(0, y, x))
"""


@pytest.mark.parametrize(
    ("mark", "stays", "small_stays"),
    [
        ("As any other.", False, False),
        ("Stays a call.", True, True),
        ("Stays a call; small\n    ones in it do not.", True, False),
    ],
)
def test_what_says_that_it_stays_a_call_stays_one(mark, stays, small_stays):
    body = MARKED.format(mark=mark).strip()
    text = inlined("plumbline/user.py", Library(sources(body)))
    assert text.count("use(0, ") == (2 if stays else 0)
    used = ast.unparse(next(node for node in ast.parse(text).body if getattr(node, "name", "") == "use"))
    assert ("clamp(" in used) == small_stays
    assert ("long(" in used) == stays


def test_constants_of_another_module_are_written_out():
    texts = unfolded(sources("return int(bump(a, 0))"))
    assert "+ 3" in texts["plumbline/user.py"]


def test_the_flight_code_keeps_far_fewer_calls():
    paths = [path for path in FIRMWARE.rglob("*.py") if path.parent.name == "kernels"]
    texts = {path.relative_to(FIRMWARE).as_posix(): path.read_text() for path in paths}
    library = Library(texts)

    def calls(path, text):
        """In functions that do not say themselves that they stay calls, and keep theirs for it."""
        unfolds = [
            node
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)
            and node.name in library.functions[module_of(path)]
            and not library.functions[module_of(path)][node.name].stays_a_call
        ]
        texts_of = [ast.unparse(node) for node in unfolds]
        names = [name for own in library.functions.values() for name in own]
        return sum(text.count(f"int({name}(") for text in texts_of for name in names)

    before = sum(calls(path, text) for path, text in texts.items())
    after = sum(calls(path, inlined(path, library)) for path in texts)
    # what is left are mostly divisions, whose loop returns in the middle
    assert after <= before / 3


def test_random_expressions_of_pure_calls_agree(monkeypatch):
    noise = random.Random(3)

    def expression(depth):
        if depth == 0:
            return noise.choice(("x", "y", "a[1]", "2", "_SEVEN"))
        kind = noise.randrange(4)
        parts = [expression(depth - 1) for _ in range(3)]
        if kind == 0:
            return f"int(clamp({parts[0]}, {parts[1]}, {parts[2]}))"
        if kind == 1:
            return f"int(doubled({parts[0]}))"
        if kind == 2:
            return f"({parts[0]} - int(sign({parts[1]})))"
        return f"({parts[0]} + {parts[1]})"

    for _ in range(60):
        texts = sources(f"return {expression(4)}")
        original, new = program(texts, monkeypatch), program(unfolded(texts), monkeypatch)
        for x, y in ((-3, 5), (7, 0), (1, -1)):
            assert new([1, 2, 3, 4], x, y) == original([1, 2, 3, 4], x, y)
