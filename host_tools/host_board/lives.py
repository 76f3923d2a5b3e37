"""Host boards that are reset: what outlives a board's life, and the limit tables that boards fly."""

import json
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.buses import BusHarness
from host_tools.host_board.lander import BOARDS
from plumbline.ports import simulated_bursts
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.pins import PinTable


def flown_limits(board: str) -> list[dict[str, Any]]:
    """The rows of a board's limits.json."""
    return json.loads((BOARDS / board / "limits.json").read_text(encoding="utf-8"))


class RestartedBoard(simulated_bursts.Board):
    """A host board that remembers its last life: kept words, flash, and why that life ended."""

    def __init__(
        self,
        name: str,
        pins: PinTable,
        harness: BusHarness,
        kept: list[int],
        cause: int,
        flash: SimulatedFlash,
    ) -> None:
        super().__init__(name, pins, harness)
        self.kept = kept
        self.cause = cause
        self.flash = flash
