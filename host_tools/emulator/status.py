"""What `plumbline emulate` says: how to reach the board, and, in a terminal, how it is doing."""

import sys
import time
from pathlib import Path

from host_tools.emulator.terminal import Terminal

_EVERY_S = 0.5
_ERASE = "\r\x1b[K"


class Status:
    """The lines at the start and the line that changes; a context manager."""

    def __init__(self, board: str, terminal: Terminal, flash: Path) -> None:
        self._terminal = terminal
        self._moving = sys.stdout.isatty()
        self._shown_at = (time.monotonic(), terminal.chip.now_ns)
        self._told_resets = 0
        print(f"{board} runs on an emulated RP2040 at {terminal.port}, its flash is kept in {flash}")
        print(f"  mpremote connect {terminal.port}")
        print(f"  make flash BOARD={board} PORT={terminal.port}")
        print("Ctrl-C ends it.", flush=True)

    def __enter__(self) -> "Status":
        return self

    def __exit__(self, *_: object) -> None:
        if self._moving:
            print(end=_ERASE, flush=True)

    def tick(self) -> bool:
        """Tell what is new; called every few milliseconds. False, for use in a condition."""
        for reset in self._terminal.resets[self._told_resets :]:
            self._told_resets += 1
            self._line(f"{reset.at_ns / 1e9:.3f} s: reset ({reset.cause})")
        then_s, then_ns = self._shown_at
        now_s, now_ns = time.monotonic(), self._terminal.chip.now_ns
        if self._moving and now_s - then_s >= _EVERY_S:
            speed = (now_ns - then_ns) / (now_s - then_s) / 1e9
            resets = len(self._terminal.resets)
            print(
                f"{_ERASE}{now_ns / 1e9:8.1f} s of emulated time, {speed:.2f} of real time, {resets} resets",
                end="",
                flush=True,
            )
            self._shown_at = (now_s, now_ns)
        return False

    def _line(self, text: str) -> None:
        print(f"{_ERASE if self._moving else ''}{text}", flush=True)
