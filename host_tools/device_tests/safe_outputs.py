"""How long outputs stay on when the program that drives them dies, by the edges of an emulated board's pins.

Each way to die has a board of its own, from power-on: the flight's files, and tests_device/dying.py as
its program. Runs on emulated time alone, so that the same code gives the same nanoseconds.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT
from host_tools.device_tests.dying_board import DyingBoard
from host_tools.device_tests.files import FOLDER
from host_tools.device_tests.results import FAILED, PASSED, FileResults, Result
from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import image

MODULE = "safe_outputs"
OUT = ROOT / "build" / "safe_outputs"
# What must have been on before: the second words of the outputs' signals.
BUSY = {
    "propulsion_pico": {"main", "assist", "rcs"},
    "structure_pico": {"fuel", "oxidiser", "structure", "ramp"},
}
MOST_MS = 100.0
_MAIN = "import sys\nsys.path.insert(0, '/{folder}')\nimport dying\ndying.main({board!r})\n"
_STEP_NS = 1_000_000
_BOOT_NS = 10_000_000_000
_BURN_NS = 250_000_000  # before what comes from outside: every output has been on by then
_AFTER_NS = 200_000_000
_CTRL_C, _CTRL_D = b"\x03", b"\x04"


@dataclass(frozen=True)
class Way:
    """A way to die. `program` is a key of dying.WAYS or "timer"."""

    name: str
    program: str
    proof: str  # what the console says, or the cause of a reset: that it died indeed
    outside: "Callable[[DyingBoard], None] | None" = None  # what happens to it; None: it does it itself
    after_ns: int = _AFTER_NS


@dataclass(frozen=True)
class Measured:
    """One row of the table."""

    way: str
    time_to_off_ms: float | None  # None: outputs stay on
    on_at_death: int
    on_in_flight: int
    tier: str = "emulated"
    complaint: str = ""

    @property
    def safe(self) -> bool:
        """Whether all outputs were off in time, and there was something to switch off."""
        return not self.complaint and self.time_to_off_ms is not None and self.time_to_off_ms < MOST_MS


WAYS = (
    Way("uncaught exception", "uncaught exception", "ValueError"),
    Way("every tick out of memory", "no memory in any tick", ""),
    Way("storm of memory errors", "storm of memory errors", ""),
    Way("endless loop", "endless loop", ""),
    Way("watchdog expiry", "watchdog expiry", "watchdog", after_ns=700_000_000),
    Way("main.py ends", "main.py ends", ">>> "),
    Way("main.py ends, unguarded", "main.py ends, unguarded", ">>> "),
    Way("sys.exit()", "sys.exit()", "soft reboot"),
    Way("sys.exit(), unguarded", "sys.exit(), unguarded", "soft reboot"),
    Way("machine.soft_reset()", "machine.soft_reset()", "soft reboot"),
    Way("machine.soft_reset(), unguarded", "machine.soft_reset(), unguarded", "soft reboot"),
    Way("machine.reset()", "machine.reset()", "software"),
    Way("Ctrl-C", "lives on", "KeyboardInterrupt", lambda bench: bench.type(_CTRL_C)),
    Way(
        "Ctrl-C twice, as mpremote does",
        "lives on",
        "KeyboardInterrupt",
        lambda bench: bench.type(_CTRL_C, _CTRL_C),
    ),
    Way("Ctrl-C, unguarded", "lives on, unguarded", "KeyboardInterrupt", lambda bench: bench.type(_CTRL_C)),
    Way(
        "Ctrl-C and Ctrl-D",
        "lives on",
        "soft reboot",
        lambda bench: bench.type(_CTRL_C, _CTRL_D, gap_ns=1_000_000),
    ),
    Way("Ctrl-D while a timer ticks", "timer", "soft reboot", lambda bench: bench.type(_CTRL_D)),
    Way("RUN pin", "lives on", "", DyingBoard.pull_run_low),
)


def measure(board: str, uf2: Path, files: Mapping[str, bytes], ways: Iterable[Way] = WAYS) -> list[Measured]:
    """Let a board die in each way, two at a time. Raises ChipError."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda way: _die(board, uf2, files, way), ways))


def _die(board: str, uf2: Path, files: Mapping[str, bytes], way: Way) -> Measured:
    own = {
        "main.py": _MAIN.format(folder=FOLDER, board=board).encode(),
        f"{FOLDER}/way.txt": way.program.encode(),
    }
    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash"
        flash.write_bytes(image(uf2, {**files, **own}))
        chip = Chip(None, flash)
    with chip:
        bench = DyingBoard(chip, board)
        if not _fly(bench, way):
            return Measured(way.name, None, 0, 0, complaint=f"it did not get to fly: {_last_words(bench)}")
        if way.outside is not None:
            way.outside(bench)
        bench.run(chip.now_ns + way.after_ns)
        return _judge(bench, way, BUSY[board])


def _fly(bench: DyingBoard, way: Way) -> bool:
    """Run until it has died, or until the moment for what comes from outside."""
    while bench.chip.now_ns < _BOOT_NS:
        bench.run(bench.chip.now_ns + _STEP_NS)
        since_ns = bench.burning_since()
        if bench.died_ns is not None:
            return True
        if way.outside is not None and since_ns is not None and bench.chip.now_ns > since_ns + _BURN_NS:
            return bool(bench.open_at(bench.chip.now_ns))
    return False


def _judge(bench: DyingBoard, way: Way, busy: set[str]) -> Measured:
    assert bench.died_ns is not None
    flown = {bench.outputs[gpio].split(".")[1] for gpio in bench.flown()}
    open_then = len(bench.open_at(bench.died_ns))
    last_ns = bench.last_closing_ns()
    off_ms = None if last_ns is None else max(0.0, (last_ns - bench.died_ns) / 1e6)
    complaint = ""
    if way.proof and way.proof not in bench.said.decode(errors="replace") and way.proof not in bench.resets:
        complaint = f"no sign of {way.proof!r}: {_last_words(bench)}; resets: {bench.resets}"
    elif flown != busy or not open_then:
        complaint = f"only {sorted(flown)} were on before, {open_then} of them in that moment"
    elif off_ms is None:
        complaint = "outputs stay on"
    elif off_ms >= MOST_MS:
        complaint = f"the last output went off after {off_ms:.1f} ms"
    return Measured(way.name, off_ms, open_then, len(bench.flown()), complaint=complaint)


def _last_words(bench: DyingBoard) -> str:
    lines = [line for line in bench.said.decode(errors="replace").splitlines() if line.strip()]
    return f"its last words are {lines[-1]!r}" if lines else "it said nothing"


def results(board: str, measured: list[Measured]) -> FileResults:
    """The rows as results of tests."""
    file = FileResults(board, MODULE, "emulated")
    for row in measured:
        name = (
            "test_after_" + "_".join(row.way.replace(",", "").split()) + "_all_outputs_are_off_within_100_ms"
        )
        file.results.append(Result(name, PASSED if row.safe else FAILED, row.complaint))
        if row.time_to_off_ms is not None:
            file.add_figure(f"last output off after: {row.way}", row.time_to_off_ms, "ms")
    return file


def print_table(measured: list[Measured]) -> None:
    """Way, time to off, outputs that were on."""
    width = max(len(row.way) for row in measured)
    print(f"\n{'the program dies by (emulated)':<{width}}  {'last output off':>15}  on at death")
    for row in measured:
        off = "stays on" if row.time_to_off_ms is None else f"{row.time_to_off_ms:.3f} ms"
        print(f"{row.way:<{width}}  {off:>15}  {row.on_at_death:>11}  {row.complaint}".rstrip())


def table_of(board: str) -> Path:
    """Where the rows of a board are kept."""
    return OUT / f"{board}.json"


def write(measured: list[Measured], path: Path) -> None:
    """The table as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([{**asdict(row), "safe": row.safe} for row in measured], indent=1) + "\n")
