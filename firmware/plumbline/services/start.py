"""First thing in main.py: makes the imports that follow quick, and their garbage harmless.

from plumbline.services.start import prepare

prepare()
"""

import gc
import sys

import plumbline
from micropython import const

_IN_FLASH = ".frozen/plumbline"
_THRESHOLD = const(8192)


def is_frozen():
    """Whether the flight code lies in the firmware and not in files."""
    return getattr(plumbline, "__path__", None) == _IN_FLASH


def prepare():
    """Before the flight code is imported, from the file system or from the firmware itself.

    MicroPython looks for some of its own modules on the file system first, at every import anew: 4.5 ms
    each (emulated) unless it finds them here. With a `u` before their names they are taken from the firmware
    at once. What is imported from files leaves garbage: collected often, it leaves no holes between what
    stays. Frozen code leaves little, and a collection takes 14 ms.
    """
    for module in (__import__("uarray"), __import__("ujson"), __import__("umachine"), __import__("utime")):
        sys.modules[module.__name__] = module
    if not is_frozen():
        gc.threshold(_THRESHOLD)
