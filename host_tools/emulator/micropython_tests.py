"""MicroPython's own tests on the emulated board, by MicroPython's own runner, through the PTY.

`python -m host_tools.emulator.micropython_tests [FOLDER or FILE...]` runs those of basics, float and
micropython; the runner names what it skips and why it failed. Results are in build/emulator.
"""

import sys
from collections.abc import Sequence

from host_tools.emulator.command import BAD_INPUT, emulate
from host_tools.emulator.node import BUILD
from host_tools.flash.sources import SourceError, checkout, micropython

BOARD = "navigation_pico"  # any with an RP2040: its flash is empty
FOLDERS = ("basics", "float", "micropython")
# The runner gives a silent board 10 s of wall clock, and basics/builtin_pow3_intbig.py is silent for 8.9 s
# on a Pico: too little where the emulator has half a processor.
_PATIENCE_S = 120
_PATIENT_RUNNER = f"""
import runpy, sys
sys.path.append(sys.argv[1])
import pyboard
pyboard.Pyboard.exec_raw.__defaults__ = ({_PATIENCE_S}, None)
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def main(arguments: Sequence[str]) -> int:
    """Run the tests of some folders or files; the runner's exit code, 0 when all have passed."""
    try:
        tests = (checkout() or micropython()) / "tests"
    except SourceError as error:
        print(f"plumbline: {error}", file=sys.stderr)
        return BAD_INPUT
    chosen: list[str] = []
    for name in arguments or FOLDERS:
        found = [tests / name] if name.endswith(".py") else sorted((tests / name).glob("*.py"))
        if not found or not found[0].is_file():  # the runner would run nothing and be content
            print(f"plumbline: there is no {name} among MicroPython's tests in {tests}", file=sys.stderr)
            return BAD_INPUT
        chosen += [str(path.relative_to(tests)) for path in found]  # the runner knows them by these names
    results = BUILD / "micropython-tests"
    results.mkdir(parents=True, exist_ok=True)
    patient = [sys.executable, "-c", _PATIENT_RUNNER, str(tests.parent / "tools")]
    runner = [*patient, str(tests / "run-tests.py"), "-t", "port:$PORT", "-r", str(results)]
    return emulate(BOARD, None, results / "flash", empty=True, command=[*runner, *chosen], folder=tests)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
