"""Every file that flies compiles for both processors, and viper code keeps to viper's rules."""

from pathlib import Path

import pytest

from host_tools.checks.mpy_compile import ARCHS, ROOT, compile_file, flight_files, is_host_only
from host_tools.proof.viper_rules import check_source

FILES = flight_files()
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES]
KERNELS = sorted((ROOT / "firmware" / "plumbline" / "kernels").glob("*.py"))


def test_there_is_something_to_compile():
    assert KERNELS
    assert set(KERNELS) <= set(FILES)


def test_the_simulated_port_is_not_flight_code():
    assert is_host_only(Path("firmware/plumbline/ports/simulated.py"))
    assert not is_host_only(Path("firmware/plumbline/ports/rp2.py"))
    assert not is_host_only(Path("firmware/plumbline/drivers/simulated_range.py"))


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_flight_file_compiles(path, arch, tmp_path):
    output = tmp_path / "out.mpy"
    assert compile_file(path, arch, output) == ""
    # An .mpy begins with the letter M and the version of its format.
    assert output.read_bytes()[:2] == b"M\x06"


@pytest.mark.parametrize("arch", ARCHS)
def test_what_the_board_cannot_compile_is_refused(arch, tmp_path):
    source = tmp_path / "planted.py"
    source.write_text("import micropython\n@micropython.viper\ndef f(a: int) -> int:\n    return a / 2\n")
    assert "ViperTypeError" in compile_file(source, arch, tmp_path / "out.mpy")


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_viper_code_keeps_to_the_rules(path):
    assert check_source(path.read_text()) == []


def body(statement: str, head: str = "x: int, buf: ptr32") -> str:
    """A file with one viper function around a statement, which stands in line 7."""
    return (
        "import micropython\nfrom micropython import const\n_WIDTH = const(12)\n_HUGE = const(1 << 30)\n"
        f"@micropython.viper\ndef f({head}) -> int:\n    {statement}\n    return x\n"
    )


@pytest.mark.parametrize(
    ("statement", "part_of_the_rule"),
    [
        ("x = -x", "unary minus"),
        ("x = -(x + 1)", "unary minus"),
        ("x = -buf[0]", "unary minus"),
        ("x = ~x", "`~`"),
        ("x = buf[0] // x", "by a constant"),
        ("x = buf[0] % x", "by a constant"),
        ("x //= buf[0]", "by a constant"),
        ("x %= x", "by a constant"),
        ("x = x // 0", "other than 0"),
        ("x = x // (_WIDTH - 12)", "other than 0"),
        ("x = x / 2", "do not compile"),
        ("x /= 2", "do not compile"),
        ("x = x ** 2", "do not compile"),
        ("x = abs(x)", "abs()"),
        ("x = int(min(x, 3))", "min()"),
        ("x = int(max(x, 3))", "max()"),
        ("x = 1073741824", "leaves 31 bits"),
        ("x = x & 0x7FFFFFFF", "leaves 31 bits"),
        ("x = 1 << 30", "leaves 31 bits"),
        ("x = 32768 * 32768", "leaves 31 bits"),
        ("x = -1073741825", "leaves 31 bits"),
        ("x = 0 - 1073741823 - 2", "leaves 31 bits"),
        ("x = x & _HUGE", "_HUGE is 1073741824"),
        ("x = 0.5", "no floats"),
        ("x = int(float(x))", "float()"),
        ("x = not x", "`not` as a value"),
        ("x = x + (not x)", "`not` as a value"),
        ("x = int(not x)", "`not` as a value"),
        ("x = x << 31", "shift count 31"),
        ("x = x >> 32", "shift count 32"),
        ("x >>= 31", "shift count 31"),
        ("x = x >> (_WIDTH + 20)", "shift count 32"),
        ("x = x << -1", "shift count -1"),
        ("x = g(x)", "wrap the call in int(...)"),
        ("x = int(g(n=x))", "keyword"),
        ("x = int(g(*buf))", "starred"),
    ],
)
def test_a_banned_construct_is_found(statement, part_of_the_rule):
    findings = check_source(body(statement))
    assert [finding for finding in findings if part_of_the_rule in finding.rule]
    assert {(finding.line, finding.function) for finding in findings} == {(7, "f")}


@pytest.mark.parametrize(
    "statement",
    [
        "x = -1",
        "x = -_WIDTH",
        "x = 0 - x",
        "x = x ^ -1",
        "x = x // 1000 + x % 7",
        "x = x // _WIDTH",
        "x = 1073741823",
        "x = -1073741824",
        "x = 0 - 1073741823 - 1",
        "x = 1 << 29",
        "x = x << 30",
        "x = x >> _WIDTH",
        "x = x >> buf[0]",
        "x = int(g(x, buf[1]))",
        "g(x)",
        "if not x: x = 1",
        "while not (x and not buf[0]): x = 1",
        "x = 1 if not x else 2",
        "for i in range(3): x = i",
        "x: int = 3",
    ],
)
def test_what_viper_does_rightly_is_left_alone(statement):
    assert check_source(body(statement)) == []


@pytest.mark.parametrize(
    ("head", "part_of_the_rule"),
    [
        ("x: int, n", "parameter n is an object"),
        ("x: int, n: float", "parameter n is an object"),
        ("x: int, n: int = 3", "without defaults"),
        ("x: int, *n", "without defaults"),
    ],
)
def test_a_parameter_that_viper_takes_as_an_object_is_found(head, part_of_the_rule):
    findings = check_source(body("x = 1", head=head))
    assert any(part_of_the_rule in finding.rule for finding in findings)


def test_a_local_that_hides_a_constant_is_no_constant():
    # _WIDTH is 12 in the module, yet here it is what the caller hands over.
    assert check_source(body("x = x // _WIDTH", head="x: int, _WIDTH: int"))


@pytest.mark.parametrize("decorator", ["@viper", "@mp.viper"])
def test_a_decorator_that_the_compiler_does_not_know_is_found(decorator):
    source = body("x = 1").replace("@micropython.viper", decorator)
    assert "must be written" in check_source(source)[0].rule


def test_code_outside_of_viper_is_free():
    source = body("x = -x / 2.0 ** abs(x)").replace("@micropython.viper", "@micropython.native")
    assert check_source(source) == []
