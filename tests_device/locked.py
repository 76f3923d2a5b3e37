"""Ticks under `heap_lock`, where whatever allocates raises MemoryError; a clock that can be put forward."""

import gc
import io
import sys
import time

import micropython
from plumbline.services.rate_group import RateGroup

micropython.alloc_emergency_exception_buf(200)  # for the place of an error under the lock


class Clock:
    """The board's clock, which `forward` moves to a time, by at most 500 s in all. Allocates nothing."""

    ticks_diff = staticmethod(time.ticks_diff)
    ticks_add = staticmethod(time.ticks_add)
    sleep_ms = staticmethod(time.sleep_ms)

    def __init__(self):
        self._offset = 0

    def ticks_us(self):
        return time.ticks_add(time.ticks_us(), self._offset)

    def forward(self, to_us):
        left_us = time.ticks_diff(to_us, self.ticks_us())
        if left_us > 0:
            self._offset += left_us


def tick(group, clock, fast=False):
    """The next tick of a rate group, when it is due or, if `fast`, now. Allocates nothing itself."""
    due = group._next
    if fast:
        clock.forward(due)
    while not group.poll():
        pass


class _Watched:
    """A tick that keeps the MemoryError which its rate group may take in silence."""

    def __init__(self, inner):
        self.inner = inner
        self.error = None

    def tick(self):
        try:
            self.inner()
        except MemoryError as error:
            self.error = error
            raise


def complaints(group, clock, count, fast=False):
    """Run `count` ticks under the lock; "tick n: where it allocated" of each that did."""
    found = []
    watched = _Watched(group._tick)
    group._tick = watched.tick
    for _ in range(count):
        number = group.ticks
        watched.error = None
        micropython.heap_lock()
        try:
            tick(group, clock, fast)
        except MemoryError as error:
            watched.error = error
            group.ticks += 1
        finally:
            micropython.heap_unlock()
        if watched.error is not None:
            text = io.StringIO()
            sys.print_exception(watched.error, text)
            found.append("tick {}: {}".format(number, text.getvalue().strip().replace("\n", " / ")))
    group._tick = watched.inner
    return found


def growth(group, clock, count):
    """Bytes of heap that `count` ticks leave allocated, with the collector off."""
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        for _ in range(count):
            tick(group, clock, True)
        return gc.mem_alloc() - before
    finally:
        gc.enable()


def finds_an_allocation(clock):
    """Whether `complaints` sees a tick that makes a list, and `growth` one kept: else they prove nothing."""
    hoard = []
    group = RateGroup(clock, 1_000, lambda: hoard.append([clock]), lambda _level: None)
    if len(complaints(group, clock, 3, fast=True)) != 3:
        return False
    return growth(_Unlocked(lambda: hoard.append([clock])), clock, 10) > 0


class _Unlocked:
    """A rate group that does not lock the heap, always due."""

    _next = 0

    def __init__(self, tick):
        self._tick = tick

    def poll(self):
        self._tick()
        return True
