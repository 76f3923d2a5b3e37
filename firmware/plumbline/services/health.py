"""The watchdog is fed in one place, here, when every task has checked in within its deadline.

    health = Health((1, 1, 20), board.kept_words())    # three tasks, deadlines in ticks
    health.check_in(0)                                  # each task, when it has done its work
    health.oversee()                                    # last in every tick

Who was missing is left in words that outlive the reset. Tasks of every tick have the lowest numbers,
in the order in which they run. Only `Health()` allocates.
"""

from array import array

import micropython
from micropython import const
from plumbline.services.reset_log import REASON, TASKS

WATCHDOG_MS = const(80)  # an erase takes 45 ms; a descent that hangs is to go on within 300
MOST_TASKS = const(12)

_LATE_MARK = const(0x15C3A000)  # the reason word of a program that is about to starve: this and who is late
_LATE_MASK = const(0xFFF)
_AGE_LIMIT = const(0x1FFFFFFF)


@micropython.viper
def grow_old(ages: ptr32, deadlines: ptr32, count: int) -> int:
    """One tick more for each of `count` tasks; the mask of those that are late. Allocates nothing."""
    late = 0
    task = 0
    while task < count:
        age = 0 + ages[task]
        if age < _AGE_LIMIT:
            age = age + 1
            ages[task] = age
        if age > deadlines[task]:
            late = late | (1 << task)
        task = task + 1
    return late


class NoWatchdog:
    """For a board on the bench, whose flight strap is open."""

    def feed(self):
        """Nothing."""


class Health:
    """deadlines: of each task, in ticks, 1 for a task of every tick; kept: four kept words.

    `late` is the mask of the tasks that are late. Raises ValueError for more than MOST_TASKS tasks.
    """

    def __init__(self, deadlines, kept):
        if not 1 <= len(deadlines) <= MOST_TASKS:
            raise ValueError("health: one to twelve tasks, not {}".format(len(deadlines)))
        self.late = 0
        self._deadlines = array("i", deadlines)
        self._ages = array("i", [0] * len(deadlines))
        self._count = len(deadlines)
        self._kept = kept
        self.arm(NoWatchdog())

    def arm(self, watchdog):
        """From now on `watchdog` is fed, or not. When the main loop is about to begin."""
        self._feed = watchdog.feed

    def check_in(self, task):
        """The task has done its work."""
        self._ages[task] = 0
        self._kept[TASKS] = task + 1

    def oversee(self):
        """At the end of every tick: feed the watchdog, or say who keeps it from being fed."""
        kept = self._kept
        kept[TASKS] = 0
        late = grow_old(self._ages, self._deadlines, self._count)
        if late != self.late:
            self.late = late
            kept[REASON] = _LATE_MARK | late if late else 0
        if late == 0:
            self._feed()


def missing_task(reason, came, count):
    """The number of the task that did not come in a life that the watchdog has ended; -1 if nobody knows.

    reason, came: the words REASON and TASKS as that life left them. When none was late the program hung, in
    the task behind the last that came.
    """
    if reason & ~_LATE_MASK == _LATE_MARK:
        for task in range(count):
            if reason >> task & 1:
                return task
    return came if 0 <= came < count else -1
