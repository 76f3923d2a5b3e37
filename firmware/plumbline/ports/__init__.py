"""The Board of the platform that this runs on; the few things in which chips differ are behind it."""

import sys

if sys.platform == "rp2":
    from plumbline.ports.rp2 import Board
else:
    from plumbline.ports.simulated import Board

__all__ = ["Board"]
