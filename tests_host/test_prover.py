"""Every kernel is proved in range, and what is wrong with a kernel does not get past the prover."""

import json
import random
from pathlib import Path

import pytest

from host_tools.host_board import ROOT
from host_tools.proof import declared, report
from host_tools.proof.facts import Pointer, State, Value
from host_tools.proof.interpreter import Interpreter
from host_tools.proof.intervals import between
from host_tools.proof.program import Module, Program, called_from_outside, entries, kernel_files
from host_tools.proof.prove import Proof, examples, main, prove_module
from host_tools.proof.report import Finding, Report
from host_tools.proof.witness import Search
from plumbline.kernels import slots

HEAD = (
    "import micropython\nfrom micropython import const\n"
    "from plumbline.kernels.fixed import clamp, divide, isqrt\n"
    "@micropython.viper\n"
)
FIRST_LINE = HEAD.count("\n") + 3  # of a planted body, after the signature and the docstring


@pytest.fixture(scope="module")
def outside() -> set[str]:
    return called_from_outside()


@pytest.mark.parametrize("path", kernel_files(), ids=lambda path: path.name)
def test_the_kernel_is_proved(path, outside):
    module = Module(path)
    proof = prove_module(module, entries(module, outside), {})
    assert [str(finding) for finding in proof.findings] == []
    assert all(row.proved and row.bits <= 31 for row in proof.rows)
    assert {row.function for row in proof.rows} == {function.name for function in module.functions.values()}


def test_entries_are_what_flight_code_calls(outside):
    assert {"state.step", "radar.correct_velocity", "altitude.step", "modulation.step"} <= outside
    altitude = next(path for path in kernel_files() if path.name == "altitude.py")
    assert "step" in entries(Module(altitude), outside)
    ranging = next(path for path in kernel_files() if path.name == "ranging.py")
    assert "ingest" in entries(Module(ranging), outside)
    # called by step alone, and by nobody outside
    assert "put_away" not in entries(Module(altitude), outside)


# --- declared ranges ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["estimate", "state", "vote", "guidance", "attitude", "demand", "modulation", "pulses_us"]
)
def test_memory_that_starts_as_zeros_starts_within_its_ranges(name):
    assert [slot.name for slot in declared.arrays()[name].slots if 0 not in slot.range] == []


def test_the_flown_parameters_are_within_their_ranges():
    from plumbline.subsystems.parameters import Parameters

    table = json.loads((ROOT / "boards" / "navigation_pico" / "parameters.json").read_text())
    flown, arrays = Parameters(table), declared.arrays()
    for array, values in (("params", flown.values), ("fit", flown.fit)):
        slots = arrays[array].slots
        assert len(slots) == len(values)
        assert [s.name for s, value in zip(slots, values, strict=True) if value not in s.range] == []
    assert flown.radar_delay_ms in between(0, 500)


def test_slots_without_a_name_have_the_range_of_the_last_named_one():
    estimate = declared.arrays()["estimate"].slots
    assert len(estimate) == slots.EST_SIZE
    # EST_R00 stands for all nine elements of the matrix, slots 11 to 19.
    assert {slot.name for slot in estimate[11:20]} == {"EST_R00"}
    assert estimate[20].name == "EST_RATE_X_URAD_S"


def test_strides_repeat():
    vote = declared.arrays()["vote"].slots
    assert len(vote) == slots.VOT_SIZE
    altimeters = [slots.VOT_FIRST + k * slots.VOT_STRIDE for k in range(4)]
    assert [vote[base].name for base in altimeters] == ["vote level_mm"] * 4
    assert vote[altimeters[3] + slots.VOT_VERDICT].range == between(0, 5)
    assert len(declared.arrays()["fit"].slots) == 4 * slots.FIT_STRIDE


def test_a_number_may_be_any_place_where_a_stride_begins(tmp_path):
    module = Module(plant(tmp_path, "return 0", "x each stride of vote"))
    cases = declared.parameters(module.functions["step"])
    assert [case["x"] for case in cases] == [
        between(base, base) for base in (slots.VOT_FIRST + k * slots.VOT_STRIDE for k in range(4))
    ]
    for array in ("estimate", "nothing"):
        module = Module(plant(tmp_path, "return 0", f"x each stride of {array}"))
        with pytest.raises(declared.DeclarationError, match=f"{array} is no array of strides"):
            declared.parameters(module.functions["step"])


def test_named_slots_may_follow_strides_and_stand_for_those_behind_them():
    vote = declared.arrays()["vote"].slots
    assert slots.VOT_FIRST + 4 * slots.VOT_STRIDE == slots.VOT_PAST_ODOMETER_MM
    assert {slot.name for slot in vote[slots.VOT_PAST_ODOMETER_MM :][:64]} == {"VOT_PAST_ODOMETER_MM"}
    assert vote[-1].name == "VOT_PAST_UP_Y_Q14"
    assert vote[-1].range == between(-16384, 16384)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# --- a: x\nA_X = const(0)\nA_SIZE = const(1)\n", "A_X has no range"),
        ("# --- a: x\nA_X = const(0)  # about 5\nA_SIZE = const(1)\n", "A_X has no range"),
        ("# --- a: x\nA_X = const(0)  # 5..1; x\nA_SIZE = const(1)\n", "empty"),
        ("# --- a: x\nA_X = const(1)  # 1..5; x\nA_SIZE = const(2)\n", "no slot 0"),
    ],
)
def test_a_slot_without_a_readable_range_is_refused(text, message, tmp_path):
    path = tmp_path / "slots.py"
    path.write_text(text)
    with pytest.raises(declared.DeclarationError, match=message):
        declared.arrays(path)


# --- planted faults ----------------------------------------------------------------------


def plant(folder: Path, body: str, ranges: str = "x int31", name: str = "planted.py") -> Path:
    """A kernel file with one function over the estimate and an integer; the body is indented here."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    path = folder / name
    path.write_text(f'{HEAD}def step(estimate: ptr32, x: int) -> int:\n    """Ranges: {ranges}."""\n{lines}')
    return path


def proof_of(path: Path) -> Proof:
    module = Module(path)
    return prove_module(module, entries(module, set()), {})


OFF_THE_ESTIMATE = f"the index leaves estimate[0..{slots.EST_SIZE - 1}]"
FAULTS = [
    ("return x + 1", "x int31", report.LEAVES, 0),
    ("return estimate[4] + estimate[2]", "x int31", report.LEAVES, 0),
    ("return (x >> 13) * 16384 + 1", "x int31", report.LEAVES, 0),
    ("return int(clamp(x, -40000, 40000)) * 30000", "x int31", report.LEAVES, 0),
    ("return 1 << x", "x 0..31", report.SHIFT, 0),
    ("return 1 << x", "x 0..30", report.LEAVES, 0),
    ("return x // 7 * 7", "x -1_073_741_824..0", report.LEAVES, 0),  # 7 * floor(-2^30 / 7) < -2^30
    ("return 5 >> x", "x -1..3", report.SHIFT, 0),
    ("if x > 0:\n    y = 1\nreturn y", "x 0..5", report.UNSET, 2),
    ("while x > 0:\n    x = x - 1\n    y = 1\nreturn y", "x 0..5", report.UNSET, 3),
    ("estimate[x] = 0\nreturn 0", f"x 0..{slots.EST_SIZE}", OFF_THE_ESTIMATE, 0),
    ("return estimate[x]", "x -1..30", OFF_THE_ESTIMATE, 0),
    ("return 100 // x", "x 0..9", report.DIVISOR, 0),
    ("estimate[0] = estimate[0] + 1\nreturn 0", "x int31", "EST_ALTITUDE_MM is declared as", 0),
    ("estimate[29] = x\nreturn 0", "x 0..2", "EST_AGL_VALID is declared as 0..1", 0),
    ("estimate[11 + x] = 536870911\nreturn 0", "x 0..8", "EST_R00 is declared as", 0),
]


@pytest.mark.parametrize(("body", "ranges", "rule", "line"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_found_with_an_input_that_shows_it(body, ranges, rule, line, tmp_path):
    path = plant(tmp_path, body, ranges)
    module, proof = Module(path), proof_of(path)
    found = [finding for finding in proof.findings if finding.rule.startswith(rule)]
    assert [finding.line for finding in found] == [FIRST_LINE + line]
    assert found[0].function == "planted.step"
    said = list(examples(module, ["step"], found))
    assert str(path) in said[0] and f":{FIRST_LINE + line}:" in said[0]
    assert "for example with" in said[1]


@pytest.mark.parametrize(
    ("body", "ranges"),
    [
        ("return 1 << x", "x 0..29"),
        ("return int(clamp(x, -32767, 32767)) * 32767", "x int31"),
        ("y = 0\nif x > 0:\n    y = 1\nreturn y", "x int31"),
        ("if x < 0 or x > 30:\n    return 0\nreturn estimate[x]", "x int31"),
        ("if x >= 0 and x < 31:\n    return estimate[x]\nreturn 0", "x int31"),
        ("if not (x >= 0):\n    return 0\nreturn 0 - x", "x int31"),
        ("if x == 7:\n    return estimate[x + 23]\nreturn 0", "x int31"),
        ("if x != 31:\n    return estimate[x]\nreturn 0", "x 0..31"),
        ("if x < estimate[29]:\n    return estimate[x]\nreturn 0", "x 0..100"),
        ("estimate[29] = 1 - estimate[29]\nreturn 0", "x int31"),
        ("y = x // 7\nreturn estimate[x - y * 7]", "x -1_000_000_000..1_000_000_000"),
        ("return int(divide(x, 1000, 10)) + 536870911", "x int31"),
        ("return estimate[int(isqrt(x))]", "x 0..960"),
    ],
)
def test_what_is_right_is_proved(body, ranges, tmp_path):
    assert [str(finding) for finding in proof_of(plant(tmp_path, body, ranges)).findings] == []


def test_an_edge_is_found_exactly(tmp_path):
    # 2^30 - 1 is 1,073,741,823; an input one larger than what just fits is refused.
    assert proof_of(plant(tmp_path, "return x + 336000", "x 0..1_073_405_823")).findings == []
    finding = proof_of(plant(tmp_path, "return x + 336000", "x 0..1_073_405_824")).findings[0]
    assert finding.reach is not None and finding.reach.high == 2**30
    assert finding.expression == "x + 336000"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("return -x", "unary minus"),
        ("return x ^ ~x", "`~`"),
        ("return int(abs(x))", "abs()"),
        ("return 1 << 31", "shift count 31"),
    ],
)
def test_banned_constructs_are_refused(body, part, tmp_path):
    assert any(part in finding.rule for finding in proof_of(plant(tmp_path, body)).findings)


def test_what_is_not_declared_is_not_proved(tmp_path):
    path = plant(tmp_path, "return 0")
    path.write_text(path.read_text().replace("Ranges: x int31", "No ranges"))
    assert "declares no range for x" in proof_of(path).findings[0].rule
    path.write_text(path.read_text().replace("estimate: ptr32, x: int", "unheard_of: ptr32"))
    path.write_text(path.read_text().replace("return 0", "return unheard_of[0]"))
    assert "without declared slots" in proof_of(path).findings[0].rule


def test_a_function_that_no_proof_comes_to_is_not_proved(tmp_path):
    path = plant(tmp_path, "return 0")
    unreached = "@micropython.viper\ndef f(x: int) -> int:\n    return int(f(x))\n"
    path.write_text(path.read_text() + unreached)
    assert [finding.rule for finding in proof_of(path).findings] == [report.UNREACHED]


def test_a_loop_without_an_end_is_not_proved(tmp_path):
    assert "more than" in proof_of(plant(tmp_path, "while x > 0:\n    x = x | 1\nreturn x")).findings[0].rule


def test_the_command_says_what_it_found(tmp_path, capsys):
    assert main([str(plant(tmp_path, "return x + 1"))]) == 1
    said = capsys.readouterr().out
    assert "planted.step" in said and "NOT PROVED" in said
    assert f"{FIRST_LINE}: planted.step: `x + 1` can reach -1073741823..1073741824: leaves 31 bits" in said
    assert "for example with x = 1073741823" in said
    assert main([str(plant(tmp_path, "return x"))]) == 0
    assert "1 of 1 functions proved" in capsys.readouterr().out
    assert main([str(tmp_path / "missing.py")]) == 2


# --- the prover against numbers ------------------------------------------------------------


@pytest.mark.parametrize("path", kernel_files(), ids=lambda path: path.name)
def test_no_input_of_the_declared_ranges_leaves_what_was_proved(path, outside):
    module = Module(path)
    for name in entries(module, outside):
        search = Search(Program(module), declared.arrays(), module.functions[name], seed=7)
        for _ in range(150):
            given = search.random_input()
            assert search.escape(given) is None, given


def some_program(noise: random.Random) -> str:
    """Statements at random, of what kernels are made of."""
    names = ["x", "a", "b"]

    def term() -> str:
        return noise.choice([*names, "estimate[4]", "estimate[29]", str(noise.randint(-300, 300))])

    def expression() -> str:
        pick = noise.randrange(8)
        if pick < 4:
            return f"{term()} {noise.choice('+-*&|^')} {term()}"
        if pick == 4:
            return f"{term()} {noise.choice(('//', '%', '>>'))} {noise.randint(1, 9)}"
        if pick == 5:
            return f"int(clamp({term()}, {noise.randint(-99, 0)}, {noise.randint(0, 9999)}))"
        old, new = noise.choice(names), term()
        return noise.choice((f"{old} + (({new} - {old}) >> 3)", f"{old} - {old} // 7 * 7", f"{old} * {old}"))

    def condition() -> str:
        one = f"{term()} {noise.choice(('<', '<=', '>', '>=', '==', '!='))} {term()}"
        return one if noise.random() < 0.6 else f"{one} {noise.choice(('and', 'or'))} {term()} < {term()}"

    lines = ["a = 0", "b = x", "n = 0"]
    for _ in range(noise.randint(2, 6)):
        pick = noise.randrange(4)
        inner = f"{noise.choice(names)} = {expression()}"
        if pick == 0:
            lines += [f"if {condition()}:", f"    {inner}", "else:", f"    {noise.choice(names)} = {term()}"]
        elif pick == 1:
            lines += ["n = 0", "while n < 3:", f"    {inner}", "    n = n + 1"]
        else:
            lines.append(inner)
    return "\n".join([*lines, f"return {noise.choice(names)}"])


def test_programs_at_random_stay_in_what_the_prover_says_of_them(tmp_path):
    noise, proved = random.Random(11), 0
    arrays = declared.arrays()
    for _ in range(250):
        path = plant(tmp_path, some_program(noise), "x -100_000..100_000")
        module = Module(path)
        step, program, found = module.functions["step"], Program(module), Report()
        cells = {index: Value(slot.range) for index, slot in enumerate(arrays["estimate"].slots)}
        state, x = State(arrays={"estimate": cells}), Value(between(-100_000, 100_000))
        result = Interpreter(program, arrays, found, {}).call(step, [Pointer("estimate"), x], state)
        if found.findings:
            continue
        proved += 1
        search = Search(program, arrays, step, seed=proved)
        for _ in range(30):
            given = search.random_input()
            assert search.escape(given) is None, path.read_text()
            assert search.result in state.range_of(result), path.read_text()
    assert proved > 60


def test_a_finding_names_the_file_from_the_root_on():
    path = kernel_files()[0]
    assert str(Finding(path, 3, 0, "a.b", "x", "rule")).startswith("firmware/plumbline/kernels/")
