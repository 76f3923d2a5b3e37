"""The limit tables that boards fly."""

import json
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.lander import BOARDS


def flown_limits(board: str) -> list[dict[str, Any]]:
    """The rows of a board's limits.json."""
    return json.loads((BOARDS / board / "limits.json").read_text(encoding="utf-8"))
