"""A chip's USB serial port as a PTY, on which an unmodified mpremote works as on a board's.

Emulated time follows the wall clock from below: it never runs ahead, idle or not, and what is lost
when the emulator is the slower one is not caught up, because programs at both ends measure time-outs.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from host_tools.emulator.chip import Chip, ChipError, Reset, Slice
from host_tools.emulator.pty_port import PtyPort

_SLICE_NS = 2_000_000  # at most this much at a stretch: how long a Ctrl-C may wait
_LAG_NS = 50_000_000  # what is caught up after a moment without processor; more is given up
_WAIT_S = 0.005  # between two slices of an idle chip, unless bytes come
_SHORT_WAIT_S = 0.001  # when a busy chip is faster than the wall clock
_SAVE_EVERY_S = 5.0


class Outside(Protocol):
    """What is plugged into the chip's pins: asked before each slice, told after it."""

    def inputs(self, until_ns: int) -> tuple[Mapping[str, Iterable[tuple[int, bytes]]], list]:
        """What comes in until then: `serial` and `pins` of Chip.run."""
        ...

    def outputs(self, slice_: Slice) -> None:
        """What has come out."""
        ...


class Terminal:
    """The PTY of one chip; `port` is the name for clients. A context manager.

    The flash is written to the file `flash` when it has changed, and at the end.
    """

    def __init__(self, chip: Chip, flash: Path | None = None, outside: Outside | None = None) -> None:
        self.chip = chip
        self.resets: list[Reset] = []
        self._flash = flash
        self._outside = outside
        self._pty = PtyPort()
        self.port = self._pty.name
        self._wall_ahead_ns = 0  # wall clock minus emulated time; grows when the emulator is too slow
        self._ran = False  # something was executed since the flash was saved
        self._saved_at_s = time.monotonic()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up on the client."""
        self._pty.close()

    def serve(self, done: Callable[[], bool]) -> None:
        """Run the chip until `done`, which is asked every few milliseconds, then save its flash.

        Raises ChipError when the chip faults.
        """
        self._wall_ahead_ns = time.monotonic_ns() - self.chip.now_ns
        wait_s = 0.0
        try:
            while not done():
                slice_ = self._advance(self._pty.receive(wait_s))
                wait_s = self._pause_s(slice_)
                if time.monotonic() - self._saved_at_s > _SAVE_EVERY_S:
                    self._save()
        finally:
            with contextlib.suppress(ChipError):  # a dead chip has said so
                self._save()

    def _advance(self, usb: bytes) -> Slice:
        """Run until the present of the wall clock, or until the chip says something."""
        until_ns = self.chip.now_ns + min(max(self._behind_ns(), 1), _SLICE_NS)
        serial, pins = ({}, []) if self._outside is None else self._outside.inputs(until_ns)
        slice_ = self.chip.run(until_ns, usb, serial, pins, break_on_usb=True)
        if self._outside is not None:
            self._outside.outputs(slice_)
        self._ran = self._ran or slice_.cycles > 0
        self._pty.send(slice_.usb)
        if any(reset.at_ns for reset in slice_.resets):  # at 0 it was switched on
            self.resets += slice_.resets
            self._pty.hang_up()
        if slice_.fault is not None:
            raise ChipError(f"the board has stopped: {slice_.fault.message}")
        return slice_

    def _behind_ns(self) -> int:
        """How far the wall clock is ahead; what could not be kept up with is given up."""
        behind_ns = time.monotonic_ns() - self._wall_ahead_ns - self.chip.now_ns
        lost_ns = max(0, behind_ns - _LAG_NS)
        self._wall_ahead_ns += lost_ns
        return behind_ns - lost_ns

    def _pause_s(self, slice_: Slice) -> float:
        """How long to wait for bytes before the next slice."""
        if slice_.usb or self._behind_ns() > _SLICE_NS:
            return 0.0
        if slice_.idle:
            return _WAIT_S
        return _SHORT_WAIT_S if self._behind_ns() < _SLICE_NS // 20 else 0.0

    def _save(self) -> None:
        if self._flash is not None and self._ran:
            self.chip.save_flash(self._flash)
            self._ran = False
        self._saved_at_s = time.monotonic()
