"""The Board of the platform that this runs on; the few things in which chips differ are behind it."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING or sys.platform == "rp2":  # main.py is checked against the chip's Board
    from plumbline.ports.rp2 import Board
else:
    from plumbline.ports.simulated import Board

__all__ = ["Board"]
