"""What a board says on its console once it is ready; host_tools/flash/announcement.py reads it."""

import uctypes


def flashed():
    """The first eight digits of the hash of what `make flash` put here; or "by-hand"."""
    try:
        with open("plumbline.json") as manifest:
            return manifest.read(32).split('"')[3][:8]  # what it begins with; json reads it all, by bytes
    except OSError:
        return "by-hand"


def announce(name, arrays):
    """Where the arrays lie, and last that the board is ready.

    A debugger, an emulator or a test bench reads the arrays there; `make flash` waits for
    the last line, which names what was flashed.
    """
    for array in arrays:
        print("map", array, uctypes.addressof(arrays[array]), len(arrays[array]))
    print("plumbline", name, flashed(), "ready")
