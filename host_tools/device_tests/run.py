"""One file of device tests on a board, through mpremote: a soft reset, the tests, what they say.

A test may let the board reset: it says so, and after how long; then the board is spoken to again and the
method that the test named looks at what is left.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from host_tools.device_tests.files import FOLDER
from host_tools.device_tests.results import FAILED, PASSED, SKIPPED, Figure, FileResults, Result
from host_tools.flash.remote import Remote, RemoteError

MARK = "#plumbline "
SILENCE_S = 60.0  # the longest that a test may say nothing
_BOOT_S = 1.5  # after a reset, until the board can be spoken to
_ATTEMPTS = 4

OnResult = Callable[[FileResults, Result], None]


class _ResetFollows(Exception):
    """The board is about to reset itself."""

    def __init__(self, within_s: float, then: str) -> None:
        super().__init__(then)
        self.within_s = within_s
        self.then = then


class FileRun:
    """One file of tests; `results` grows while it runs."""

    def __init__(
        self, remote: Remote, results: FileResults, given: dict[str, Any], on_result: OnResult
    ) -> None:
        self.results = results
        self._remote = remote
        self._given = given
        self._on_result = on_result
        self._running = ""  # the test that has begun
        self._ended = False
        self._last_line = ""

    def run(self) -> FileResults:
        """Every test of the file. Whatever goes wrong is a failure among the results."""
        try:
            follows = self._execute(self._program())
            while follows is not None:
                self._after_reset(follows)
                follows = self._execute(self._program(done=[result.name for result in self.results.results]))
        except RemoteError as error:
            last = f", after {self._last_line!r}" if self._last_line else ""
            self._failed(self._running or "the_file_runs_to_its_end", f"{error}{last}")
        else:
            if not self._ended:
                self._failed(self._running or "the_file_runs_to_its_end", f"it died: {self._last_line!r}")
        if not self.results.results:
            self._failed("the_file_has_tests", "no test was run")
        return self.results

    def _program(self, only: str | None = None, done: list[str] | None = None) -> str:
        return (
            f"import sys\nsys.path.insert(0, '/{FOLDER}')\nimport bench, unittest\n"
            f"bench.given.update({self._given!r})\n"
            f"unittest.run({self.results.module!r}, {only!r}, {done or []!r})\n"
        )

    def _execute(self, program: str) -> _ResetFollows | None:
        self._ended = False
        try:
            self._remote.run(["soft-reset"], ["exec", program], on_line=self._take)
        except _ResetFollows as follows:
            return follows
        return None

    def _after_reset(self, follows: _ResetFollows) -> None:
        """Wait for the board and let it judge; its verdict is the verdict of the test that let it reset."""
        test, self._running = self._running, ""
        begun, before = time.monotonic(), len(self.results.results)
        time.sleep(follows.within_s + _BOOT_S)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._execute(self._program(only=follows.then))
                break
            except RemoteError:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(_BOOT_S)
        verdict = self.results.results[before:]
        if len(verdict) == 1:
            verdict[0].name = test
            verdict[0].seconds = time.monotonic() - begun
        else:
            self._failed(test, f"after the reset {follows.then} did not run")

    def _take(self, line: str) -> None:
        """A line that the board prints."""
        if not line.startswith(MARK):
            self._last_line = line.strip() or self._last_line
            return
        about = json.loads(line.removeprefix(MARK))
        what = about.pop("what")
        if what == "run":
            self._running = about["name"]
        elif what in (PASSED, FAILED, SKIPPED):
            self._running = ""
            self._add(Result(about["name"], what, about["why"], about["trace"], about["took_ms"] / 1000))
        elif what == "figure":
            self.results.figures.append(Figure(about["name"], about["value"], about["unit"]))
        elif what == "reset follows":
            raise _ResetFollows(about["within_ms"] / 1000, about["then"])
        elif what == "end":
            self._ended = True
        else:
            self.results.said.append({"what": what, **about})

    def _failed(self, name: str, why: str) -> None:
        self._running = ""
        self._add(Result(name, FAILED, why))

    def _add(self, result: Result) -> None:
        self.results.results.append(result)
        self._on_result(self.results, result)
