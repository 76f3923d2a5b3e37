"""One run of mpremote: its commands in a chain, its lines as they come, and its end in one line.

mpremote waits without end for a board that was reset in the middle; here a board that is silent for
`stall_s` seconds ends the run.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO

PROGRAM = (sys.executable, "-m", "mpremote")
STALL_S = 20.0


class RemoteError(Exception):
    """The board did not do what it was asked; the message is one line."""


class Remote:
    """The board on `device`, as mpremote sees it. `program` is mpremote's command line."""

    def __init__(self, device: str, program: Sequence[str] = PROGRAM, stall_s: float = STALL_S) -> None:
        self.device = device
        self._program = program
        self._stall_s = stall_s

    def run(self, *commands: Sequence[str], on_line: Callable[[str], None] | None = None) -> list[str]:
        """What was printed while `commands` ran one after the other. Raises RemoteError."""
        arguments = ["connect", self.device]
        for command in commands:
            arguments += ["+", *command]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:replace"}
        process = subprocess.Popen(
            [*self._program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        said: list[str] = []
        try:
            for line in self._lines(process, said):
                if on_line is not None:
                    on_line(line)
            if process.wait():
                raise RemoteError(self._told(said))
        finally:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
        return said

    def _lines(self, process: subprocess.Popen[bytes], said: list[str]) -> Iterator[str]:
        """Each line that the program prints, kept in `said`; RemoteError when none comes for too long."""
        coming: queue.Queue[bytes | None] = queue.Queue()
        assert process.stdout is not None
        threading.Thread(target=_read, args=(process.stdout, coming), daemon=True).start()
        while True:
            try:
                line = coming.get(timeout=self._stall_s)
            except queue.Empty:
                stopped = f"the board on {self.device} has stopped answering"
                raise RemoteError(stopped if said else self._silent()) from None
            if line is None:
                return
            said.append(line.decode("utf-8", "replace").rstrip())
            yield said[-1]

    def _silent(self) -> str:
        return (
            f"the board on {self.device} does not answer: take the flight strap off,"
            " press its reset button or plug it in again, and repeat"
        )

    def _told(self, said: list[str]) -> str:
        """mpremote's failure as one line that says what to do."""
        everything = "\n".join(said)
        if "failed to access" in everything:
            return (
                f"port {self.device} cannot be opened: close the other program that uses it,"
                " or plug the board in again"
            )
        if "could not enter raw repl" in everything:
            return self._silent()
        if "ENOSPC" in everything or "No space left" in everything:
            return f"the file system of the board on {self.device} is full: remove files of your own from it"
        if "SerialException" in everything or "Input/output error" in everything:
            return f"the board on {self.device} went away"
        last = next((line for line in reversed(said) if line.strip()), "mpremote ended without a word")
        return f"the board on {self.device} refused: {last.removeprefix('mpremote: ')[:160]}"


def _read(stream: IO[bytes], coming: queue.Queue[bytes | None]) -> None:
    for line in stream:
        coming.put(line)
    coming.put(None)
