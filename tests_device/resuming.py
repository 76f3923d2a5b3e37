"""Saves ten checkpoints, starves the watchdog, says after the reset what it has found; again and again.

For the flight image, which sets memory aside that a reset leaves alone.
"""

import gc
import time
from array import array

import uctypes

import machine
from plumbline.ports.rp2_kept import reset_cause
from plumbline.ports.rp2_kept_block import kept_block
from plumbline.services.checkpoint import Checkpoint
from plumbline.services.reset_log import WATCHDOG

WORDS = 194  # as many as a descent's state has
_FINE = 16  # bytes that MicroPython allocates together


def heap_end():
    """Where the heap ends: behind the largest piece that fits."""
    end = size = 0
    step = 131072
    while step >= _FINE:
        try:
            end = max(end, uctypes.addressof(bytearray(size + step)) + size + step)
            size += step
        except MemoryError:
            pass
        gc.collect()
        step //= 2
    return end


def main():
    """What main.py calls."""
    print("heap", heap_end())
    block = kept_block()
    state = array("i", [0] * WORDS)
    checkpoint = Checkpoint(block, (state,))
    tick = 0
    if reset_cause() == WATCHDOG and checkpoint.find():
        checkpoint.load()
        tick = checkpoint.tick
        whole = all([state[i] == tick * 1000 + i for i in range(WORDS)])
        print("resumed", tick, "whole" if whole else "spoiled")
    else:
        print("fresh")
    machine.WDT(timeout=100)
    took = [0, 0, 0]
    for _ in range(10):
        tick += 1
        for i in range(WORDS):
            state[i] = tick * 1000 + i
        begun = time.ticks_us()
        checkpoint.begin(tick)
        took[0] = time.ticks_diff(time.ticks_us(), begun)
        sealed = False
        while not sealed:
            begun = time.ticks_us()
            sealed = checkpoint.go_on()
            took[1] = max(took[1], time.ticks_diff(time.ticks_us(), begun))
        begun = time.ticks_us()
        checkpoint.mark(tick, 2)
        took[2] = time.ticks_diff(time.ticks_us(), begun)
    print("took", took)
    time.sleep_ms(20)  # until the line has left
    while True:
        pass
