"""Runs a viper function over ranges instead of numbers, along all of its paths at once.

Calls are followed with the ranges of their very arguments; loops are run turn by turn, so that an
index is a number; a condition narrows what it names on each of its two sides. Whatever cannot be
shown to be right is a finding, and the run goes on with what would have been right.
"""

from collections.abc import Sequence

from host_tools.proof.declared import Array
from host_tools.proof.facts import Pointer, State, Value, constant
from host_tools.proof.intervals import INT31, Range, meet
from host_tools.proof.program import Function, Program
from host_tools.proof.report import Report
from host_tools.proof.statements import RESULT, Frame
from host_tools.proof.summaries import summary_of

Memory = dict[tuple[str, str, tuple[Range, ...], tuple[int, ...]], tuple[Range, Report]]


class Interpreter:
    """One run; `memory` keeps what functions of integers alone gave, for this run and the next ones."""

    def __init__(self, program: Program, arrays: dict[str, Array], found: Report, memory: Memory) -> None:
        self.program = program
        self.arrays = arrays
        self.report = found
        self.memory = memory

    def call(self, function: Function, arguments: Sequence[Value | Pointer], state: State) -> Value:
        """The function's result; `state` is afterwards what the function leaves."""
        if function.array_names:
            return self._follow(function, arguments, state)
        values = [argument for argument in arguments if isinstance(argument, Value)]
        ranges = tuple(state.range_of(value) for value in values)
        same = tuple(values.index(value) for value in values)
        key = (function.name, function.text, ranges, same)
        if key not in self.memory:
            self.memory[key] = self._summed_up(function, ranges, same)
        result, found = self.memory[key]
        self.report.merge(found)
        return constant(result.low) if result.is_one else Value(result, "call")

    def _summed_up(
        self, function: Function, ranges: tuple[Range, ...], same: tuple[int, ...]
    ) -> tuple[Range, Report]:
        """Result and findings of a function of integers alone."""
        inner = Interpreter(self.program, self.arrays, Report(), self.memory)
        fresh = [Value(narrow, "argument") for narrow in ranges]
        state = State()
        result = state.range_of(inner._follow(function, [fresh[index] for index in same], state))
        summary = summary_of(function)
        if summary:
            result = meet(result, summary.postcondition(list(ranges), len(set(same)) < len(same))) or result
        return result, inner.report

    def _follow(self, function: Function, arguments: Sequence[Value | Pointer], state: State) -> Value:
        inside = State({}, state.arrays, state.narrowed, state.bounds)
        for (name, _), argument in zip(function.parameters, arguments, strict=True):
            inside.names[name] = argument
        frame = Frame(self, function)
        end = frame.run(function.tree.body, inside)
        if end is not None:
            frame.refuse(function.tree, "ends without a result", None)
        if frame.returned is None:
            return Value(INT31, "call")
        state.arrays, state.narrowed = frame.returned.arrays, frame.returned.narrowed
        state.bounds = frame.returned.bounds
        result = frame.returned.names[RESULT]
        return result if isinstance(result, Value) else Value(INT31, "call")
