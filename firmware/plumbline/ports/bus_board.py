"""The Board with I2C, SPI and converters of the platform that this runs on."""

import sys

TYPE_CHECKING = False  # main.py is checked against its chip's Board
FOR_ESP32 = False  # the type checker's, set in host_tools/checks/esp32.json
if sys.platform == "esp32" or FOR_ESP32:
    from plumbline.ports.esp32 import Board
elif TYPE_CHECKING or sys.platform == "rp2":
    from plumbline.ports.rp2_buses import Board
else:
    from plumbline.ports.simulated_buses import Board

__all__ = ["Board"]
