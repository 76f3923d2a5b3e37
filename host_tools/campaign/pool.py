"""Tasks in worker processes of this machine: spawned, watched, and never outliving this process."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from host_tools.campaign.tasks import Flown, Task, do


class WorkerLost(Exception):
    """Whoever should have flown a task is gone; one line."""


def in_processes(tasks: Sequence[Task], workers: int) -> Generator[Flown, None, None]:
    """The tasks as they are done, in any order. Raises WorkerLost when a worker was killed."""
    before = multiprocessing.active_children()
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, context, initializer=_begin)
    try:
        for future in as_completed(_handed_out(executor, tasks)):
            yield future.result()
    except BrokenProcessPool:
        raise WorkerLost("a worker process was killed (out of memory, perhaps)") from None
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child not in before:
                child.terminate()


def _handed_out(executor: ProcessPoolExecutor, tasks: Sequence[Task]) -> "list[Future[Flown]]":
    return [executor.submit(do, task) for task in tasks]


def _begin() -> None:
    """A worker leaves interrupts to its parent, and goes when the parent has gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_go_with_the_parent, daemon=True).start()


def _go_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
