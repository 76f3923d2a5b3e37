"""The process behind a chip: one JSON object per line to it, one back; what goes wrong is one line.

It has no clock and no event loop: between a request and its answer only it works, else it waits.
"""

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_PATIENCE_S = 2.0  # for a process that has been told to end

Message = dict[str, Any]


class ChipError(Exception):
    """The chip cannot be started or does not do as told; the message is one line."""


class ChipProcess:
    """A running program that answers requests; `answer` is asked what it wants to know meanwhile."""

    def __init__(self, command: Sequence[str | Path], answer: Callable[[Message], Message]) -> None:
        self._answer = answer
        self._broken: str | None = None  # why no further request can be answered
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  (a pipe could fill up and block it)
        pipe = subprocess.PIPE
        try:
            # A session of its own: Ctrl-C is for us, and the process ends when its standard input does.
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=self._complaints, start_new_session=True
            )
        except OSError as error:
            self._complaints.close()
            raise ChipError(f"{command[0]} cannot be started: {error.strerror}") from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

    @property
    def ended(self) -> bool:
        """Whether the process is gone, and reaped."""
        return self._process.poll() is not None

    def request(self, message: Message) -> Message:
        """The answer to a message. Raises ChipError; what a part's code raises comes through."""
        if self._broken:
            raise ChipError(self._broken)
        try:
            answer = self._exchange(message)
            while "ask" in answer:
                answer = self._exchange(self._answer(answer))
        except ChipError as error:
            self._broken = str(error)
            raise
        except BaseException as error:  # a part's error or Ctrl-C: an answer is still on its way
            self._broken = f"the emulated chip was left in the middle of a request ({type(error).__name__})"
            raise
        if "error" in answer:
            raise ChipError(f"the emulated chip: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process and reap it."""
        patience_s = 0.0 if self._broken else _PATIENCE_S
        self._broken = self._broken or "the emulated chip is closed"
        with contextlib.suppress(OSError):
            self._stdin.close()  # its signal to end
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdout.close()
        self._complaints.close()

    def _exchange(self, message: Message) -> Message:
        try:
            self._stdin.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            self._stdin.flush()
            line = self._stdout.readline()
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            raise self._death()
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ChipError(f"the emulated chip answers nonsense: {line[:80]!r}{self._last_complaint()}")
        return answer

    def _death(self) -> ChipError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE_S)
        code = self._process.poll()
        end = "does not answer" if code is None else f"has ended with exit code {code}"
        return ChipError(f"the emulated chip {end}{self._last_complaint()}")

    def _last_complaint(self) -> str:
        """The most telling line of the process's standard error: the last that names an error."""
        self._complaints.seek(0)
        lines = [line.strip() for line in self._complaints.read().decode(errors="replace").splitlines()]
        telling = [line for line in lines if "Error" in line] or [line for line in lines if line]
        return f": {' '.join(telling[-1][:200].split())}" if telling else ""
