"""A raw-REPL client on emulated time: the same program takes the same cycles in every run.

It works in this process, on Chip.run, without PTY and wall clock: for tests and the cycle budget.
Limits: no raw paste (a program must fit into the board's heap as text), no mount, no copies with
progress; time-outs are emulated seconds; a program's cycles include its transfer and compilation.

    repl = RawRepl(chip)
    repl.enter()
    assert repl.exec("print(6 * 7)").stdout == b"42\r\n"
"""

from collections.abc import Callable
from dataclasses import dataclass

from host_tools.emulator.chip import Chip, Reset, Slice

POLL_NS = 10_000_000  # of emulated time, between two looks at a board that says nothing
_BANNER = b"raw REPL; CTRL-B to exit\r\n>"
_INTERRUPT, _RAW, _FRIENDLY, _END = b"\x03", b"\x01", b"\x02", b"\x04"


class ReplError(Exception):
    """The board does not answer like a raw REPL; the message is one line."""


@dataclass(frozen=True)
class Said:
    """What a program printed, and what it took from its first byte to the prompt behind it."""

    stdout: bytes
    stderr: bytes
    took_ns: int
    cycles: int


class RawRepl:
    """The REPL of a chip.

    `run(until_ns, usb)` replaces Chip.run where something around the chip must run along with it.
    """

    def __init__(self, chip: Chip, run: Callable[[int, bytes], Slice] | None = None) -> None:
        self.chip = chip
        self.resets: list[Reset] = []
        self.cycles = 0
        self._run = run or (lambda until_ns, usb: chip.run(until_ns, usb, break_on_usb=True))
        self._said = bytearray()  # by the board, not yet taken

    def enter(self, timeout_s: float = 5.0) -> None:
        """Interrupt what runs and enter the raw REPL; waits for a board that is still booting."""
        self.advance(0, b"\r" + _INTERRUPT + _RAW)
        self._until(_BANNER, timeout_s)

    def leave(self, timeout_s: float = 5.0) -> None:
        """Back to the friendly REPL."""
        self.advance(0, b"\r" + _FRIENDLY)
        self._until(b">>> ", timeout_s)

    def exec(self, program: str | bytes, timeout_s: float = 10.0) -> Said:
        """Run a program to its end. Raises ReplError after `timeout_s` of emulated time, or at a reset."""
        self.start(program, timeout_s)
        return self.finish(timeout_s)

    def start(self, program: str | bytes, timeout_s: float = 10.0) -> None:
        """Send a program and see it accepted; it runs while `advance` or `finish` is called."""
        text = program.encode() if isinstance(program, str) else program
        if _END in text or _INTERRUPT in text:
            raise ReplError("a program for the raw REPL must not have Ctrl-C or Ctrl-D in it")
        self._begun = self.chip.now_ns, self.cycles
        self._said.clear()
        self.advance(0, text + _END)
        self._until(b"OK", timeout_s)

    def finish(self, timeout_s: float = 10.0) -> Said:
        """Wait for the end of the program that `start` has sent."""
        stdout = self._until(_END, timeout_s)
        stderr = self._until(_END, timeout_s)
        self._until(b">", timeout_s)
        begun_ns, begun_cycles = self._begun
        return Said(stdout, stderr, self.chip.now_ns - begun_ns, self.cycles - begun_cycles)

    def interrupt(self) -> None:
        """Ctrl-C, for a program that `start` has sent."""
        self.advance(0, _INTERRUPT)

    def soft_reset(self, timeout_s: float = 5.0) -> bytes:
        """Ctrl-D at the raw prompt: a new heap, boot.py but no main.py. Returns what boot.py printed."""
        self._said.clear()
        self.advance(0, _END)
        self._until(b"soft reboot\r\n", timeout_s)
        return self._until(_BANNER, timeout_s)

    def advance(self, duration_ns: int, usb: bytes = b"") -> None:
        """Let the board run; what it says is kept for the next who waits for it."""
        until_ns = self.chip.now_ns + duration_ns
        while usb or self.chip.now_ns < until_ns:
            self._step(max(until_ns, self.chip.now_ns + 1), usb)
            usb = b""

    def _step(self, until_ns: int, usb: bytes) -> Slice:
        slice_ = self._run(until_ns, usb)
        self._said += slice_.usb
        self.cycles += slice_.cycles
        self.resets += slice_.resets
        if slice_.fault is not None:
            raise ReplError(f"the board has stopped: {slice_.fault.message}")
        return slice_

    def _until(self, ending: bytes, timeout_s: float) -> bytes:
        """What the board says before `ending`."""
        deadline_ns = self.chip.now_ns + int(timeout_s * 1e9)
        resets = len(self.resets)
        while (at := self._said.find(ending)) < 0:
            if len(self.resets) > resets:
                raise ReplError(
                    f"the board was reset ({self.resets[-1].cause}) when it was to say {ending!r}"
                )
            if self.chip.now_ns >= deadline_ns:
                last = bytes(self._said[-80:])
                raise ReplError(f"the board did not say {ending!r} in {timeout_s:g} s, its last was {last!r}")
            self._step(min(self.chip.now_ns + POLL_NS, deadline_ns), b"")
        before = bytes(self._said[:at])
        del self._said[: at + len(ending)]
        return before
