"""Which serial port is meant: a path, mpremote's shorthand, or the only board that is plugged in."""

import os
import re
import stat
from pathlib import Path

from serial.tools import list_ports

from host_tools.flash.chips import Chip

_SHORTHANDS = {"a": "/dev/ttyACM", "u": "/dev/ttyUSB", "c": "COM"}
_RASPBERRY_PI = 0x2E8A  # USB vendor
_BOOT_ROM = 0x0003  # USB product: a Pico that waits for an image, and has no port


class PortError(Exception):
    """There is no such port, or it cannot be told which; the message is one line that says what to do."""


def find(named: str | None, chip: Chip) -> str:
    """The device to open. Raises PortError.

    named: a path, `a0`, `u0`, `c0`, `port:` and a path, `id:` and a serial number, an URL of pyserial; None
    takes the only board there is.
    """
    if not named:
        return _only_board(chip)
    if named.startswith("id:"):
        return _by_serial_number(named.removeprefix("id:"))
    path = named.removeprefix("port:")
    shorthand = re.fullmatch(r"([auc])(\d+)", path)
    if shorthand:
        path = _SHORTHANDS[shorthand[1]] + shorthand[2]
    if "://" in path or re.fullmatch(r"COM\d+", path):
        return path  # an URL, or a port of Windows: only opening it can tell
    return _checked(path)


def _checked(named: str) -> str:
    path = Path(named).resolve()  # mpremote knows an emulated board only by its real name, /dev/pts/N
    if not path.exists():
        raise PortError(
            f"port {named} is not there: plug the board in, or start the emulated one; {_found()}"
        )
    if not stat.S_ISCHR(path.stat().st_mode):
        raise PortError(f"{named} is no serial port; {_found()}")
    if not os.access(path, os.R_OK | os.W_OK):
        raise PortError(f"port {named} may not be opened by you: join its group ({path.group()})")
    return str(path)


def _only_board(chip: Chip) -> str:
    ports = [port for port in list_ports.comports() if port.vid is not None]
    if chip.name == "rp2040":  # it is its own USB device; an ESP32 often sits behind some bridge
        ports = [port for port in ports if port.vid == _RASPBERRY_PI and port.pid != _BOOT_ROM]
    if not ports:
        raise PortError(
            f"no board with {chip.name} found: plug it in (a Pico without MicroPython has no port yet),"
            " or name the port, as in PORT=/dev/ttyACM0 or the emulated board's /dev/pts/3"
        )
    if len(ports) > 1:
        raise PortError(f"several boards could be meant: name one by PORT=; {_found()}")
    return ports[0].device


def _by_serial_number(number: str) -> str:
    for port in list_ports.comports():
        if port.serial_number == number:
            return port.device
    raise PortError(f"no board has the serial number {number}; {_found()}")


def _found() -> str:
    """The boards on USB, in half a line."""
    ports = [port for port in list_ports.comports() if port.vid is not None]
    listed = ", ".join(sorted(f"{port.device} ({port.product or port.description})" for port in ports))
    return f"found on USB: {listed or 'none'}"
