"""Searches the declared ranges for an input that does what a proof could not rule out.

Extremes, small numbers and numbers of every size at first; then the input that came nearest is
changed a little, again and again. No example found does not mean that there is none.
"""

import random
import time
import traceback
from dataclasses import dataclass

from host_tools.proof import checked, declared, report
from host_tools.proof.checked import CheckedMemory, CheckedProgram, Escape, Watch
from host_tools.proof.declared import Array
from host_tools.proof.intervals import Range
from host_tools.proof.program import Function, Program
from host_tools.proof.report import Finding

Input = dict[str, list[int]]  # an array's slots, or the one value of an integer, by parameter


@dataclass(frozen=True)
class Witness:
    """An input, and what it does."""

    input: Input
    what: str
    arrays: frozenset[str]

    def describe(self) -> str:
        """The input in words; what is 0 is left out."""
        parts = []
        for name, values in self.input.items():
            for index, value in enumerate(values):
                if value and name in self.arrays:
                    parts.append(f"{name}[{index}] = {value}")
                elif name not in self.arrays:
                    parts.append(f"{name} = {value}")
        return f"{self.what}, for example with {', '.join(parts) or 'all 0'}"


class Search:
    """Runs one entry function on inputs of its declared ranges."""

    def __init__(
        self, run: CheckedProgram | Program, arrays: dict[str, Array], function: Function, seed: int = 1
    ) -> None:
        checking = run if isinstance(run, CheckedProgram) else CheckedProgram(run)
        self._run = checking.function(function)
        self._arrays = {name: arrays[name] for name in function.array_names if name in arrays}
        self._function = function
        self._cases = declared.parameters(function)
        self._noise = random.Random(seed)
        self.result = 0  # of the last run that went well

    def find(self, finding: Finding, seconds: float) -> Witness | None:
        """An input that leaves a range on the finding's line."""
        checked.watch = Watch(str(finding.path), finding.line)
        end, best, reached = time.perf_counter() + seconds, self.random_input(), -1
        while time.perf_counter() < end:
            climbing = reached >= 0 and self._noise.random() < 0.7
            tried = self._changed(best) if climbing else self.random_input()
            checked.watch.largest = 0
            escape = self.escape(tried)
            if escape and escape.place == (str(finding.path), finding.line, finding.rule):
                return Witness(self._plainest(tried, escape), str(escape), frozenset(self._arrays))
            if checked.watch.largest >= reached:
                best, reached = tried, checked.watch.largest
        return None

    def escape(self, given: Input) -> Escape | None:
        """What leaves its range when the function runs on this input."""
        arguments = [
            CheckedMemory(self._arrays[name], values) if name in self._arrays else checked.Checked(values[0])
            for name, values in given.items()
        ]
        try:
            self.result = int(self._run(*arguments))
        except Escape as escape:
            return escape
        except (UnboundLocalError, ZeroDivisionError) as error:
            rule = report.UNSET if isinstance(error, UnboundLocalError) else report.DIVISOR
            lines = traceback.extract_tb(error.__traceback__)
            place = next(line for line in reversed(lines) if line.filename != checked.__file__)
            return Escape(place.filename, place.lineno or 0, rule, str(error))
        return None

    def random_input(self) -> Input:
        case = self._noise.choice(self._cases)
        return {
            name: [self._number(one) for one in self._ranges(name, case)]
            for name, _ in self._function.parameters
        }

    def _ranges(self, name: str, case: dict[str, Range]) -> list[Range]:
        return [slot.range for slot in self._arrays[name].slots] if name in self._arrays else [case[name]]

    def _number(self, one: Range) -> int:
        pick = self._noise.randrange(6)
        if pick == 0:
            return one.low
        if pick == 1:
            return one.high
        if pick == 2:
            return self._noise.randint(one.low, one.high)
        size = 1 << self._noise.randrange(31)
        value = self._noise.randrange(-size, size)
        return max(one.low, min(one.high, value))

    def _changed(self, given: Input) -> Input:
        """A few values made anew."""
        changed = {name: list(values) for name, values in given.items()}
        for _ in range(self._noise.randint(1, 3)):
            name = self._noise.choice(list(changed))
            ranges = self._ranges(name, self._noise.choice(self._cases))
            index = self._noise.randrange(len(ranges))
            changed[name][index] = self._number(ranges[index])
        return changed

    def _plainest(self, given: Input, escape: Escape) -> Input:
        """The same escape with as many zeros as possible."""
        for name, values in given.items():
            for index, one in enumerate(self._ranges(name, self._cases[0])):
                old = values[index]
                if old == 0 or 0 not in one:
                    continue
                values[index] = 0
                still = self.escape(given)
                if still is None or still.place != escape.place:
                    values[index] = old
        return given
