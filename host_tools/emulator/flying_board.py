"""An emulated board that flies: its chip, its lines, and its memory where the flight code keeps its arrays.

The board boots from flash as `make flash` leaves it and tells on its console where its arrays lie.
Its ticks run by its own clock; the world's time is laid so that they begin at a given phase of the
world's tick. Times are nanoseconds, of the chip since power-on or of the world.
"""

import tempfile
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.emulator.chip import Chip, Slice
from host_tools.emulator.filesystem import image
from host_tools.flash.board_files import board_files
from host_tools.flash.flight_image import of_present_code
from host_tools.host_board.lander import BOARDS, pin_table
from plumbline.services.pins import PinTable

TICK_NS = 10_000_000
_BOOT_NS = 20_000_000_000
_POLL_NS = 1_000_000
_GRACE_NS = 50_000
_SETTLED_TICKS = 20
_LAST_WORDS_NS = 200_000_000  # in which a traceback is printed
_OUTPUTS = ("valve", "heater", "actuator")  # first words of the signals of what a board drives


class FlyingBoardError(Exception):
    """An emulated board does not boot, has stopped, or is not what it should be; one line."""


def main_on_a_shared_bus(board: str) -> bytes:
    """The board's main.py, with its port `bus` told that other boards hang at the line."""
    text = (BOARDS / board / "main.py").read_text(encoding="utf-8").rstrip()
    head, _, last = text.rpartition("\n")
    if not last.endswith(".run()"):
        raise FlyingBoardError(f"boards/{board}/main.py does not end with a call of run()")
    made = f"program = {last.removesuffix('.run()')}\nprogram.bus.is_shared = True\nprogram.run()\n"
    return f"{head}\n{made}".encode()


def outputs_of(pins: PinTable) -> list[str]:
    """Signals of valves, heaters and actuators, in the order of the table."""
    return [signal for signal in pins.signals if signal.partition(".")[0] in _OUTPUTS]


@dataclass
class Window:
    """What came out of a board in one stretch of the world's time."""

    serial: dict[str, list[tuple[int, int]]]
    ticks: list[tuple[int, int]]  # each tick's begin and end in ns of the chip
    valve_edges: list[tuple[int, int, int]] = field(default_factory=list)  # ns of the world, valve, level
    pin_edges: list[tuple[int, str, int]] = field(default_factory=list)  # of other signals that are watched

    def add(self, later: "Window") -> None:
        """What came out in the stretch behind this one."""
        for line, chunks in later.serial.items():
            self.serial.setdefault(line, []).extend(chunks)
        self.ticks += later.ticks
        self.valve_edges += later.valve_edges
        self.pin_edges += later.pin_edges


class FlyingBoard:
    """One board of boards/, booted, up to the end of its first tick.

    lines: baud rate of each serial line by its signal's prefix; extra_files replace or join those
    of the board's folder; watched: further outputs whose edges are wanted. The flight code is the
    firmware's if it has any, else files like the rest.
    A context manager. Raises FlyingBoardError, ChipError and FirmwareError.
    """

    def __init__(
        self,
        name: str,
        uf2: Path,
        lines: Mapping[str, int],
        extra_files: Mapping[str, bytes] | None = None,
        watched: Iterable[str] = (),
    ) -> None:
        self.name = name
        self._pins = pins = pin_table(name)
        self.valve_gpios = {pins.gpio(signal): index for index, signal in enumerate(outputs_of(pins))}
        self._watched = {pins.gpio(signal): signal for signal in watched}
        self._tick_gpio = pins.gpio("tick")
        self._tick_began: int | None = None
        self._origin_ns = 0  # the chip's time when the world's is 0
        self._map: dict[str, tuple[int, int]] = {}
        self.console = b""
        with tempfile.TemporaryDirectory() as folder:
            flash = Path(folder) / "flash"
            files = board_files(name, of_present_code(uf2))
            flash.write_bytes(image(uf2, {**files, **(extra_files or {})}))
            self.chip = Chip(None, flash)
        try:
            for line, baudrate in lines.items():
                self.chip.attach_serial(line, pins.gpio(line + ".tx"), pins.gpio(line + ".rx"), baudrate)
            self.chip.watch([self._tick_gpio, *self.valve_gpios, *self._watched])
            self._boot()
        except BaseException:
            self.chip.close()
            raise

    def __enter__(self) -> "FlyingBoard":
        return self

    def __exit__(self, *_: object) -> None:
        self.chip.close()

    def _boot(self) -> None:
        """Run until the console says that the board is ready."""
        while b" ready\r\n" not in self.console:
            if self.chip.now_ns > _BOOT_NS:
                raise FlyingBoardError(f"{self.name} does not get ready: it says {self._last_words()}")
            self._run(self.chip.now_ns + _POLL_NS)
        for line in self.console.decode(errors="replace").splitlines():
            words = line.split()
            if len(words) == 4 and words[0] == "map":
                self._map[words[1]] = (int(words[2]), 4 * int(words[3]))

    def _last_words(self) -> str:
        """The error that ended the program, or what was said last."""
        lines = self.console.decode(errors="replace").split("\r\n")
        said = [line for line in lines if line.strip()]
        began = next((i for i, line in enumerate(said) if line.startswith("Traceback")), None)
        if began is not None:  # after the lines that are indented stands the error
            said = [line for line in said[began + 1 :] if not line.startswith(" ")][:1] or said
        return repr(said[-1]) if said else "nothing"

    def align(self, phase_us: int) -> int:
        """Let ticks begin `phase_us` into each tick of the world, and run to the world's first one.

        Returns how many ticks the board has made until then; what it has sent is dropped.
        """
        ticks: list[tuple[int, int]] = []
        while len(ticks) < _SETTLED_TICKS:  # the first ones come late, behind what the console still sends
            ticks += self._run(self.chip.now_ns + TICK_NS // 10).ticks
        due_ns = min(begin - n * TICK_NS for n, (begin, _) in enumerate(ticks)) + len(ticks) * TICK_NS
        self._origin_ns = due_ns + TICK_NS - 1000 * phase_us
        ticks += self._run(self._origin_ns + TICK_NS).ticks
        return len(ticks)

    def run(
        self,
        until_ns: int,
        serial: Mapping[str, Iterable[tuple[int, bytes]]],
        pins: Iterable[tuple[str, int]] = (),
    ) -> Window:
        """Run to a time of the world; what comes in by then, and levels of input signals from now on.

        A tick that is under way then is waited for: in the middle of it the arrays are of no tick.
        """
        origin_ns = self._origin_ns
        now_ns = self.chip.now_ns
        window = self._run(
            max(until_ns + origin_ns, now_ns),
            {line: [(at + origin_ns, data) for at, data in chunks] for line, chunks in serial.items()},
            [(now_ns, self._pins.gpio(signal), level) for signal, level in pins],
        )
        while self._tick_began is not None and self.chip.now_ns < until_ns + origin_ns + TICK_NS // 2:
            window.add(self._run(self.chip.now_ns + _GRACE_NS))
        return window

    def _run(
        self,
        until_ns: int,
        serial: Mapping[str, Iterable[tuple[int, bytes]]] | None = None,
        pins: Iterable[tuple[int, int, int]] = (),
    ) -> Window:
        slice_ = self.chip.run(until_ns, serial=serial, pins=pins)
        self.console += slice_.usb
        self._complain_of(slice_)
        origin_ns = self._origin_ns
        sent = {line: [(at - origin_ns, byte) for at, byte in out] for line, out in slice_.serial.items()}
        window = Window(sent, [])
        for at_ns, gpio, level in slice_.edges:
            if gpio in self._watched:
                window.pin_edges.append((at_ns - origin_ns, self._watched[gpio], level))
            elif gpio != self._tick_gpio:
                window.valve_edges.append((at_ns - origin_ns, self.valve_gpios[gpio], level))
            elif level:
                self._tick_began = at_ns
            elif self._tick_began is not None:
                window.ticks.append((self._tick_began, at_ns))
                self._tick_began = None
        return window

    def _complain_of(self, slice_: Slice) -> None:
        if slice_.fault is not None:
            raise FlyingBoardError(f"{self.name} has stopped: {slice_.fault}")
        for reset in slice_.resets:
            if reset.cause != "power":
                at_s = reset.at_ns * 1e-9
                raise FlyingBoardError(f"{self.name} was reset {at_s:.3f} s after power-on: {reset.cause}")
        if b"Traceback" in slice_.usb:
            self.console += self.chip.run(self.chip.now_ns + _LAST_WORDS_NS).usb
            raise FlyingBoardError(f"{self.name} has left its program: {self._last_words()}")

    def arrays(self) -> dict[str, array]:
        """The flight code's arrays as they lie in the chip's memory now, by name."""
        names = list(self._map)
        values = {}
        for name, content in zip(names, self.chip.peek([self._map[name] for name in names]), strict=True):
            values[name] = array("i", content)
        return values
