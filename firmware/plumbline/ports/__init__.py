"""The Board of the platform that this runs on; the few things in which chips differ are behind it."""

import sys

TYPE_CHECKING = False  # main.py is checked against its chip's Board
FOR_ESP32 = False  # the type checker's, set in host_tools/checks/esp32.json
if sys.platform == "esp32" or FOR_ESP32:
    from plumbline.ports.esp32 import Board
elif TYPE_CHECKING or sys.platform == "rp2":
    from plumbline.ports.rp2 import Board
else:
    from plumbline.ports.simulated import Board

__all__ = ["Board"]
