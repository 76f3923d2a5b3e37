"""Wait until the board says that the flight program has started, or tell what it said instead.

The line is `plumbline navigation_pico 1a2b3c4d ready`: board, and eight digits of the manifest's hash.
A real board's USB is gone for a second while it resets, and what it prints meanwhile is lost: a board
that stays silent is started once more, softly, over the open port.
"""

import contextlib
import re
import time
from dataclasses import dataclass, field
from typing import Any

import serial

_LINE = re.compile(r"^plumbline (?P<board>\S+) (?P<hash>\S+) ready$")
_TRACEBACK = "Traceback (most recent call last):"
_PROMPT = ">>> "
# Interrupt, leave the raw prompt if that is where it waits, then reset softly.
_START_AGAIN = b"\r\x03\x03\x02\x04"
_SLICE_S = 0.05


class AnnouncementError(Exception):
    """The flight program has not started; the message is one line with what the board said."""


@dataclass
class Listener:
    """Takes what the board prints, and knows whether that was the announcement or the end of it."""

    board: str
    hash8: str
    ready: bool = False
    last_line: str = ""
    error: str = ""  # the last line of a traceback
    other: str = ""  # an announcement, but not the one that is waited for
    _rest: str = ""
    _in_traceback: bool = False
    _at_prompt: bool = field(default=False)

    def take(self, data: bytes) -> None:
        """More of what the board prints."""
        self._rest += data.decode("utf-8", "replace")
        *lines, self._rest = self._rest.split("\n")
        for line in lines:
            self._take_line(line.rstrip())
        if self.error and self._rest.startswith(_PROMPT):
            self._at_prompt = True

    @property
    def failed(self) -> bool:
        """Whether there is nothing left to wait for."""
        return bool(self.other) or self._at_prompt

    def complaint(self) -> str:
        """Half a line: what came instead of the announcement."""
        if self.other:
            return f"it announces {self.other}, not {self.board} {self.hash8}"
        if self.error:
            return f"it stopped with {self.error}"
        if self._rest.startswith(_PROMPT):
            return "it is at its prompt: main.py has ended, or was not run"
        last = self.last_line or self._rest.strip()
        return f"the last thing it printed is {last[:120]!r}" if last else "it printed nothing"

    def _take_line(self, line: str) -> None:
        found = _LINE.match(line)
        if found:
            self.ready = (found["board"], found["hash"]) == (self.board, self.hash8)
            self.other = "" if self.ready else f"{found['board']} {found['hash']}"
        if line == _TRACEBACK:
            self._in_traceback = True
        elif self._in_traceback and line and not line.startswith(" "):
            self._in_traceback = False
            self.error = line
        if line and not line.startswith(_PROMPT):
            self.last_line = line


def wait(device: str, board: str, hash8: str, timeout_s: float = 15.0, silence_s: float = 2.0) -> float:
    """Seconds until the board announced itself. Raises AnnouncementError.

    silence_s: after this long without a byte the board is started once more.
    """
    begun = time.monotonic()
    listener = Listener(board, hash8)
    heard = begun
    started_again = False
    port: Any = None
    try:
        while not listener.ready and not listener.failed and time.monotonic() < begun + timeout_s:
            if port is None:
                port = _opened(device)
                continue
            try:
                data = port.read(4096)
                if data:
                    heard = time.monotonic()
                    listener.take(data)
                elif not started_again and time.monotonic() > heard + silence_s:
                    started_again = True
                    port.write(_START_AGAIN)
            except (OSError, serial.SerialException):  # the board's USB is gone while it resets
                _close(port)
                port = None
    finally:
        _close(port)
    if listener.ready:
        return time.monotonic() - begun
    raise AnnouncementError(f"the flight program has not announced itself: {listener.complaint()}")


def _opened(device: str) -> Any:
    try:
        return serial.serial_for_url(device, baudrate=115200, timeout=_SLICE_S, exclusive=True)
    except (OSError, serial.SerialException):
        time.sleep(_SLICE_S)
        return None


def _close(port: Any) -> None:
    if port is not None:
        with contextlib.suppress(OSError, serial.SerialException):
            port.close()
