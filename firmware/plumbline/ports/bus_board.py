"""The Board with I2C, SPI and converters of the platform that this runs on."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING or sys.platform == "rp2":  # main.py is checked against the chip's Board
    from plumbline.ports.rp2_buses import Board
else:
    from plumbline.ports.simulated_buses import Board

__all__ = ["Board"]
