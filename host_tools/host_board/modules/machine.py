"""MicroPython's `machine` for CPython, as far as the firmware uses it.

A UART or Pin binds to what is plugged into the board under construction: the host board
builds each of its boards within `with current_board(harness):` (a wires.Harness), after
which the objects hold their wires themselves, so boards in one process do not meet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_harness: Any = None


@contextmanager
def current_board(harness: Any) -> Iterator[None]:
    """Let every UART and Pin made inside bind to `harness`, a wires.Harness."""
    global _harness
    outer = _harness
    _harness = harness
    try:
        yield
    finally:
        _harness = outer


def _plugged(kind: str, name: Any) -> Any:
    if _harness is None:
        raise RuntimeError(f"{kind} {name} made outside `with machine.current_board(harness)`")
    plugged = _harness.serial if kind == "UART" else _harness.wires
    if name not in plugged:
        raise ValueError(f"nothing is plugged into {kind} {name} of this board")
    return plugged[name]


class UART:
    """A UART as opened with timeout=0: it never waits."""

    def __init__(self, id: Any, baudrate: int = 9600, **_options: Any) -> None:
        end = _plugged("UART", id)
        if end.line.baudrate != baudrate:
            raise ValueError(f"UART {id} runs at {baudrate} baud and its line at {end.line.baudrate}")
        self.any = end.any
        self.readinto = end.readinto
        self._end = end

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Send `data`; returns how many bytes were taken."""
        return self._end.write(data)


class Pin:
    """A GPIO pin; a level can be read back from an output too."""

    IN = 0
    OUT = 1
    PULL_UP = 1
    PULL_DOWN = 2

    def __init__(self, id: Any, mode: int = IN, pull: int | None = None, *, value: int | None = None) -> None:
        self._wire = _plugged("Pin", id)
        self._mode = mode
        if value is not None:
            self.value(value)

    def value(self, level: int | None = None) -> int | None:
        """The level of the wire, or set it. An input drives nothing."""
        if level is None:
            return self._wire.level
        if self._mode == Pin.OUT:
            self._wire.level = 1 if level else 0
        return None

    __call__ = value

    def on(self) -> None:
        """Drive the wire high."""
        self.value(1)

    def off(self) -> None:
        """Drive the wire low."""
        self.value(0)

    high = on
    low = off
