"""A chip on a PTY beside a test."""

import threading
from pathlib import Path
from typing import Any

import serial

from host_tools.emulator.chip import Chip, ChipError
from host_tools.emulator.terminal import Terminal


class Served:
    """A terminal that is served by a thread until `stop`."""

    def __init__(self, chip: Chip, flash: Path | None = None, outside: Any = None) -> None:
        self.chip = chip
        self.terminal = Terminal(chip, flash, outside)
        self.error: Exception | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            self.terminal.serve(self._done.is_set)
        except ChipError as error:
            self.error = error

    def client(self) -> serial.Serial:
        return serial.Serial(self.terminal.port, timeout=2.0)

    def stop(self) -> None:
        self._done.set()
        self._thread.join(5.0)
        assert not self._thread.is_alive()
        self.terminal.close()
        self.chip.close()
