"""Says how long the services on raw flash take; under a locked heap, as in the main loop of a board.

Each line is a name and microseconds.
"""

import gc
import time
from array import array

import micropython
from plumbline.link.packet import I32
from plumbline.ports.rp2_flash import raw_flash
from plumbline.services.flash_layout import RECORDER_FIRST, RECORDER_SECTORS
from plumbline.services.recorder import Recorder, RecordKind
from plumbline.services.stored_parameters import StoredParameters

FIELDS = 20
TRIES = 8


def timed(name, function):
    """Say how long a call took."""
    begun = time.ticks_us()
    function()
    print(name, time.ticks_diff(time.ticks_us(), begun))


def under_lock(name, function):
    """The same with the heap locked: MemoryError for whoever allocates."""
    micropython.heap_lock()
    try:
        begun = time.ticks_us()
        function()
        took = time.ticks_diff(time.ticks_us(), begun)
    finally:
        micropython.heap_unlock()
    print(name, took)


def main():
    """What main.py calls."""
    flash = raw_flash()
    values = array("i", range(FIELDS))
    kind = RecordKind(1, [I32] * FIELDS)
    recorder = Recorder(flash.part(RECORDER_FIRST, RECORDER_SECTORS))
    timed("mount_blank", recorder.mount)
    under_lock("erase_ahead", lambda: recorder.erase_ahead(3))
    while recorder.erase_ahead(RECORDER_SECTORS):
        pass
    for _ in range(TRIES):
        under_lock("append", lambda: recorder.append(kind, 1, values))
    for _ in range(5):
        recorder.append(kind, 1, values)
    under_lock("write", recorder.write)
    under_lock("sync", recorder.sync)
    while recorder.ring.pages_left > 15:
        recorder.append(kind, 1, values)
        recorder.write()
    again = Recorder(flash.part(RECORDER_FIRST, RECORDER_SECTORS))
    timed("mount_full", again.mount)
    while again.erase_ahead(RECORDER_SECTORS):
        pass
    timed("mount_ready", again.mount)
    stored = StoredParameters(flash.part(0, 2), [("p%d" % i, values, i, 0, 99) for i in range(FIELDS)])
    under_lock("save", stored.save)
    under_lock("load", stored.load)
    gc.collect()
    print("end 0")
