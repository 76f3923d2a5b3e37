"""A PIO state machine for host tests: assembles what `@rp2.asm_pio` decorates, and runs it cycle by cycle.

Written from the RP2040 datasheet, chapter 3 (encodings: 3.4). Knows what Plumbline's programs
use: no side-set, autopush or autopull, IRQs, left shifts.
"""

import importlib
import sys
import types
from collections import deque

WORD = 0xFFFFFFFF
OUT_LOW, OUT_HIGH = 2, 3  # direction in bit 1, level in bit 0

_PLACES = {"pins": 0, "x": 1, "y": 2, "null": 3, "pindirs": 4, "status": 5, "isr": 6, "osr": 7}
_CONDITIONS = {"not_x": 1, "x_dec": 2, "not_y": 3, "y_dec": 4, "x_not_y": 5, "not_osre": 7}


class _Instruction:
    """An instruction whose delay can still be set with [n]."""

    def __init__(self, opcodes):
        self._opcodes = opcodes
        self._index = len(opcodes) - 1

    def __getitem__(self, delay):
        assert 0 <= delay <= 31
        self._opcodes[self._index] |= delay << 8


class Program:
    """An assembled program and the arguments of its decorator."""

    def __init__(self, function, options):
        self.options = options
        self.opcodes = []
        self.wrap_target = 0
        self.wrap_top = None
        self._labels = {}
        for _ in range(2):  # the second time with all labels known
            self.opcodes.clear()
            types.FunctionType(function.__code__, self._names())()
        if self.wrap_top is None:
            self.wrap_top = len(self.opcodes) - 1

    def _names(self):
        names: dict = {**_PLACES, "noblock": 1, "block": 0x21}
        # `pin` is a condition of jmp and a source of wait
        names |= {name: ("condition", code) for name, code in _CONDITIONS.items()}
        names |= {"pin": ("condition", 6), "set": self._set, "in_": self._in, "wait": self._wait}
        names |= {
            "jmp": self._jmp,
            "out": self._out,
            "push": self._push,
            "pull": self._pull,
            "mov": self._mov,
        }
        names["nop"] = lambda: self._add(0xA042)  # mov y, y
        names |= {"label": self._label, "wrap": self._wrap, "wrap_target": self._wrap_target}
        return names

    def _add(self, opcode):
        self.opcodes.append(opcode)
        return _Instruction(self.opcodes)

    def _label(self, name):
        self._labels[name] = len(self.opcodes)

    def _wrap_target(self):
        self.wrap_target = len(self.opcodes)

    def _wrap(self):
        self.wrap_top = len(self.opcodes) - 1

    def _jmp(self, condition, label=None):
        if label is None:
            condition, label = ("condition", 0), condition
        return self._add(condition[1] << 5 | self._labels.get(label, 0))

    def _wait(self, polarity, source, index):
        assert source == ("condition", 6)
        return self._add(0x2000 | polarity << 7 | 1 << 5 | index)

    def _in(self, source, bits):
        return self._add(0x4000 | source << 5 | bits & 31)

    def _out(self, target, bits):
        return self._add(0x6000 | target << 5 | bits & 31)

    def _push(self, mode=0x21):
        return self._add(0x8000 | mode & 0x20)

    def _pull(self, mode=0x21):
        return self._add(0x8080 | mode & 0x20)

    def _mov(self, target, source):
        return self._add(0xA000 | target << 5 | source)

    def _set(self, target, value):
        return self._add(0xE000 | target << 5 | value)


class PioMachine:
    """A state machine with joined FIFOs of eight words; `cycle()` is one of its clock cycles.

    `pins` are the levels that it drives, bit 0 its first pin; `line` is the level of its input pin.
    """

    def __init__(self, program):
        self.program = program
        self.transmit = deque()
        self.received = deque()
        self.status_n = 0
        self.line = 1
        init = program.options.get("out_init", ())
        init = init if isinstance(init, tuple) else (init,)
        self._width = len(init)
        self.pins = sum((level & 1) << i for i, level in enumerate(init))
        self.registers = [0] * 8  # by place
        self.restart()

    def restart(self):
        self.pc = 0
        self._delay = 0

    def exec(self, opcode):
        self._execute(opcode)

    def cycle(self):
        if self._delay:
            self._delay -= 1
            return
        opcode = self.program.opcodes[self.pc]
        after = self._execute(opcode)
        if after == "stalled":
            return
        self._delay = opcode >> 8 & 31
        if after is not None:
            self.pc = after
        elif self.pc == self.program.wrap_top:
            self.pc = self.program.wrap_target
        else:
            self.pc += 1

    def _execute(self, opcode):
        """The address to jump to, "stalled", or None."""
        kind = opcode >> 13
        target, low = opcode >> 5 & 7, opcode & 31
        if kind == 0:
            return low if self._holds(target) else None
        if kind == 1:
            return None if self.line == opcode >> 7 & 1 else "stalled"
        if kind == 2:
            bits = low or 32
            value = self._read(target) & (1 << bits) - 1
            self.registers[6] = (self.registers[6] >> bits | value << 32 - bits) & WORD
        elif kind == 3:
            bits = low or 32
            self._write(target, self.registers[7] & (1 << bits) - 1)
            self.registers[7] >>= bits
        elif kind == 4:
            return self._pull(opcode) if opcode & 0x80 else self._push(opcode)
        elif kind == 5:
            assert not opcode & 0x18  # no operation on the way
            self._write(target, self._read(opcode & 7))
        elif kind == 7:
            self._write(target, low)
        else:
            raise AssertionError(f"opcode {opcode:#06x}")
        return None

    def _holds(self, condition):
        x, y = self.registers[1], self.registers[2]
        if condition == 2:
            self.registers[1] = (x - 1) & WORD
        elif condition == 4:
            self.registers[2] = (y - 1) & WORD
        return (True, x == 0, x != 0, y == 0, y != 0, x != y, self.line == 1)[condition]

    def _pull(self, opcode):
        if self.transmit:
            self.registers[7] = self.transmit.popleft()
        elif opcode & 0x20:
            return "stalled"
        else:
            self.registers[7] = self.registers[1]
        return None

    def _push(self, opcode):
        if len(self.received) < 8:
            self.received.append(self.registers[6])
        elif opcode & 0x20:
            return "stalled"
        self.registers[6] = 0
        return None

    def _read(self, place):
        if place == 0:
            return self.line
        if place == 3:
            return 0
        if place == 5:
            return WORD if len(self.transmit) < self.status_n else 0
        return self.registers[place]

    def _write(self, place, value):
        if place == 0:
            self.pins = value & (1 << self._width) - 1
        else:
            self.registers[place] = value


class FakeRp2(types.ModuleType):
    """The module `rp2`: asm_pio gives a Program; state machines and DMA channels are the test's."""

    PIO = types.SimpleNamespace(OUT_LOW=OUT_LOW, OUT_HIGH=OUT_HIGH, SHIFT_RIGHT=1, JOIN_TX=1, JOIN_RX=2)

    def __init__(self, state_machine, dma=None):
        super().__init__("rp2")
        self.StateMachine = state_machine
        self.DMA = dma

    @staticmethod
    def asm_pio(**options):
        return lambda function: Program(function, options)


def take_source(monkeypatch):
    """With a FakeRp2 in place: what the port imports as its programs is their source, assembled here.

    Returns it, by the names of rp2_programs.py.
    """
    name = "plumbline.ports.rp2_assembly"
    sys.modules.pop(name, None)
    source = importlib.import_module(name)
    del sys.modules[name]
    programs = types.ModuleType("plumbline.ports.rp2_programs")
    vars(programs).update(RECEIVER=source.receiver, SENDER=source.sender, bank=source.bank_program)
    monkeypatch.setitem(sys.modules, programs.__name__, programs)
    return programs
