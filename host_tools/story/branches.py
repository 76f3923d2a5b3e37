"""Flights that begin alike are flown once until they part; there the process is copied, and each goes on.

    with Branches(workers=2, done=lambda key, said: ...) as branches:
        branches.off(("terminal", "power"), lambda: fly_on())      # returns here at once

A copy is a fork: it has the whole of the flight, bit for bit, and whatever it does changes nothing here.
Linux and macOS.
"""

import os
import selectors
import traceback
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
_PIECE = 4096


class BranchError(Exception):
    """A branch has ended without a word."""


class Branches(Generic[Key]):
    """At most `workers` copies at a time. done(key, said) is called in this process, in the order of ends.

    Left by an exception, it waits for those that are under way.
    """

    def __init__(self, workers: int, done: Callable[[Key, str], object]) -> None:
        self._workers = workers
        self._done = done
        self._under_way: dict[int, tuple[int, Key]] = {}  # by the pipe's end: process, key
        self._ready = selectors.DefaultSelector()

    def __enter__(self) -> "Branches[Key]":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while self._under_way:
                self._wait(is_told=kind is None)
        finally:
            self._ready.close()

    def off(self, key: Key, fly_on: Callable[[], str]) -> None:
        """fly_on() in a copy; what it returns is told. Waits while there are as many copies as may be."""
        while len(self._under_way) >= self._workers:
            self._wait()
        reads, writes = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reads)
            _end_with(fly_on, writes)
        os.close(writes)
        self._under_way[reads] = process, key
        self._ready.register(reads, selectors.EVENT_READ)

    def _wait(self, is_told: bool = True) -> None:
        """For the next one to end."""
        pipe = int(self._ready.select()[0][0].fd)
        pieces: list[bytes] = []
        while piece := os.read(pipe, _PIECE):
            pieces.append(piece)
        self._ready.unregister(pipe)
        os.close(pipe)
        process, key = self._under_way.pop(pipe)
        os.waitpid(process, 0)
        if is_told:
            if not pieces:
                raise BranchError(f"{key}: its process has ended without a word")
            self._done(key, b"".join(pieces).decode())


def _end_with(fly_on: Callable[[], str], pipe: int) -> None:
    """The copy's whole life: nothing of what its parent has begun is ended by it, no buffer written twice."""
    try:
        os.write(pipe, fly_on().encode()[:_PIECE])
    except Exception:  # noqa: BLE001  whatever it is, the parent is told
        os.write(pipe, f"failed: {traceback.format_exc(limit=-1)}".encode()[:_PIECE])
    finally:
        os._exit(0)
