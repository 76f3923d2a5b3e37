"""The Board with bursts of the platform that this runs on: an ESP32, or the host."""

import sys

FOR_ESP32 = (
    False  # the type checker's, in host_tools/checks/esp32.json: main.py is checked against its chip's Board
)
if sys.platform == "esp32" or FOR_ESP32:
    from plumbline.ports.esp32_bursts import Board
else:
    from plumbline.ports.simulated_bursts import Board

__all__ = ["Board"]
