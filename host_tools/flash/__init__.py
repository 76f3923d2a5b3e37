"""The firmware: MicroPython's sources, what is built from them, and the way onto a board."""
