"""Keeps a board's outputs busy as in flight, and then dies in one of several ways.

How they are kept busy is in dying_propulsion.py and dying_structure.py: a board has the files of one of them.

The moment of death is marked by the `led` pin going high, for whoever watches the pins from outside.
"""

import os
import time

import machine

WAY = "/test/way.txt"
ALIVE_TICKS = 30  # all outputs have been on by then


class Dying:
    """A board's subsystem whose tick, after ALIVE_TICKS, calls `way`, a function; None lives on."""

    def __init__(self, board, program, way):
        self.program = program
        self.program.rate_group._tick = self.tick
        self.died_us = None
        self._led = board.output("led")
        self._way = way

    def tick(self):
        """The flight's tick; then, one day, death."""
        if self.died_us is None:
            self.program.tick()
        if self._way is not None and self.program.rate_group.ticks >= ALIVE_TICKS:
            if self.died_us is None:
                self.mark()
            self._way()

    def mark(self):
        """Here it ends."""
        self._led(1)
        self.died_us = time.ticks_us()

    def unguarded(self):
        """The main loop without what `run` does at its end."""
        while True:
            self.program.rate_group.poll()

    def from_a_timer(self):
        """As someone at the prompt might try it: the ticks come from a timer's callback."""
        poll = self.program.rate_group.poll
        return machine.Timer(freq=200, mode=machine.Timer.PERIODIC, callback=lambda _timer: poll())


def uncaught_exception():
    raise ValueError("planted")


def endless_loop():
    while True:
        pass


def storm_of_memory_errors():
    while True:
        try:
            bytearray(1_000_000)
        except MemoryError:
            pass


def out_of_memory():
    """In every tick from now on; the rate group takes it and goes on without the tick's work."""
    bytearray(1_000_000)


def endless_loop_under_a_watchdog():
    machine.WDT(timeout=500)
    endless_loop()


class End(Exception):
    """The main loop is left."""


_END = End()  # made here: a tick runs with the heap locked


def end_of_the_program():
    raise _END


def system_exit():
    raise SystemExit


# name: (what the tick does at the end, whether `run` guards the loop)
WAYS = {
    "uncaught exception": (uncaught_exception, True),
    "no memory in any tick": (out_of_memory, True),
    "storm of memory errors": (storm_of_memory_errors, True),
    "endless loop": (endless_loop, True),
    "watchdog expiry": (endless_loop_under_a_watchdog, True),
    "main.py ends": (end_of_the_program, True),
    "main.py ends, unguarded": (end_of_the_program, False),
    "sys.exit()": (system_exit, True),
    "sys.exit(), unguarded": (system_exit, False),
    "machine.soft_reset()": (machine.soft_reset, True),
    "machine.soft_reset(), unguarded": (machine.soft_reset, False),
    "machine.reset()": (machine.reset, True),
    "lives on": (None, True),
    "lives on, unguarded": (None, False),
}


def main(board_name):
    """What main.py does on a board under test: read the way, once, and go it."""
    try:
        with open(WAY) as file:
            name = file.read()
    except OSError:
        return  # after the reset that the way ended in
    os.remove(WAY)
    kind = __import__("dying_" + board_name.split("_")[0])
    board = kind.Board.from_files(board_name)
    program = kind.busy(board)
    if name == "timer":
        main.timer = Dying(board, program, None).from_a_timer()
        return
    way, guarded = WAYS[name]
    dying = Dying(board, program, way)
    try:
        if guarded:
            dying.program.run()
        else:
            dying.unguarded()
    except End:
        pass
