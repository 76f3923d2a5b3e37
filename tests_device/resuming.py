"""Saves ten checkpoints, starves the watchdog, says after the reset what it has found; again and again."""

import time
from array import array

import machine
from plumbline.ports.rp2_kept import reset_cause
from plumbline.ports.rp2_kept_block import KeptBlock
from plumbline.services.checkpoint import Checkpoint
from plumbline.services.reset_log import WATCHDOG

WORDS = 137  # as many as a descent's state has


def main():
    """What main.py calls."""
    begun = time.ticks_us()
    block = KeptBlock()
    took = time.ticks_diff(time.ticks_us(), begun)
    state = array("i", [0] * WORDS)
    checkpoint = Checkpoint(block.memory, (state,))
    tick = 0
    if reset_cause() == WATCHDOG and checkpoint.restore():
        tick = checkpoint.tick
        whole = all([state[i] == tick * 1000 + i for i in range(WORDS)])
        print("resumed", tick, "whole" if whole else "spoiled", took, begun)
    else:
        print("fresh", took, begun)
    machine.WDT(timeout=100)
    for _ in range(10):
        tick += 1
        for i in range(WORDS):
            state[i] = tick * 1000 + i
        begun = time.ticks_us()
        checkpoint.save(tick)
        took = time.ticks_diff(time.ticks_us(), begun)
    print("save", took)
    time.sleep_ms(20)  # until the line has left
    while True:
        pass
