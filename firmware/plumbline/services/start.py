"""First thing in main.py: makes the imports that follow quick, and their garbage harmless.

from plumbline.services.start import prepare

prepare()
"""

import array
import gc
import json
import sys
import time

import machine
import plumbline
from micropython import const

_IN_FLASH = ".frozen/plumbline"
_THRESHOLD = const(8192)


def prepare():
    """Before the flight code is imported, from the file system or from the firmware itself.

    MicroPython looks for some of its own modules on the file system first, at every import anew: 4.5 ms
    each (emulated) unless it finds them here. What is imported from files leaves garbage: collected often,
    it leaves no holes between what stays. Frozen code leaves little, and a collection takes 14 ms.
    """
    for module in (array, json, machine, time):
        sys.modules[module.__name__] = module
    if getattr(plumbline, "__path__", None) != _IN_FLASH:
        gc.threshold(_THRESHOLD)
