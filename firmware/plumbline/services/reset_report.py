"""Tells the spacecraft, after a reset, what it was, who was missing, whether there were too many; once."""

from plumbline.link import dictionary
from plumbline.services.health import missing_task
from plumbline.services.reset_log import POWER, WATCHDOG


def report(reset_log, events, tasks):
    """At start; tasks: how many of them check in."""
    if reset_log.cause == POWER:
        return
    events.emit(dictionary.RESTARTED, 0, reset_log.cause)
    if reset_log.cause == WATCHDOG:
        events.emit(dictionary.TASK_MISSED, 0, missing_task(reset_log.reason, reset_log.tasks, tasks))
    if reset_log.safe:
        events.emit(dictionary.SAFE_MODE, 0, reset_log.resets)
