"""What ports and services compute without hardware: valve batches, ring copies, modes, checkpoints."""

from array import array

from plumbline.link.crc import REFLECTED
from plumbline.ports import ring
from plumbline.ports.valve_schedule import ValveSchedule
from plumbline.services import checkpoint, health, modes, raw_flash, transitions

VALVES = 8
RING_SIZE = 64
MOST_COPIED = 48
# a step's vector: a pulse's width for each valve or -1, the elapsed time, ring index, count; then bytes
ELAPSED_US = 8
RING_AT = 9
COUNT = 10
CONTROL_SIZE = 11
# registers of a DMA channel in words, RP2040 datasheet 2.5.7
_CHANNEL_WORDS = 16
_WRITE_ADDR = 1
_CTRL = 3
_ADDRESS = 4096  # of both rings


class Ports:
    """One bank of eight valves, one ring, eight tasks, a supervisor and a checkpoint."""

    def __init__(self) -> None:
        self.control = array("i", [0] * CONTROL_SIZE)
        self.bytes = bytearray(MOST_COPIED)
        self.taken = bytearray(MOST_COPIED)
        self.ring = bytearray(RING_SIZE)
        self.schedule = ValveSchedule(VALVES)
        self.dma = array("i", [0] * (2 * _CHANNEL_WORDS))
        self.line = array("i", [0] * ring.LINE_SIZE)
        self.line[ring.LINE_SEND] = _CHANNEL_WORDS
        self.line[ring.LINE_RECEIVE_ADDRESS] = self.line[ring.LINE_SEND_ADDRESS] = _ADDRESS
        self.line[ring.LINE_RECEIVE_MASK] = self.line[ring.LINE_SEND_MASK] = RING_SIZE - 1
        self.pulses_us = array("i", [0] * VALVES)
        self.ages = array("i", [0] * VALVES)
        self.block = bytearray(MOST_COPIED)
        self.words = array("i", [0] * CONTROL_SIZE)
        self.halves = array("i", [0] * 2)
        self.result = array("i", [0])
        schedule = "valve_schedule.commit"
        self.layout = [
            (schedule, "result", 1, 4),
            (schedule, "words", VALVES, 4),
            (schedule, "left_us", VALVES, 4),
            (schedule, "asked_us", VALVES, 4),
            (schedule, "timing", len(self.schedule._timing), 4),
            ("ring.put", "result", 1, 4),
            ("ring.put", "ring", RING_SIZE, 1),
            ("ring.take", "result", 1, 4),
            ("ring.take", "target", MOST_COPIED, 1),
            ("ring.receive", "result", 1, 4),
            ("ring.receive", "target", MOST_COPIED, 1),
            ("ring.send", "result", 1, 4),
            ("ring.send", "ring", RING_SIZE, 1),
            ("ring.send", "line", ring.LINE_SIZE, 4),
            ("ring.send", "dma", 2 * _CHANNEL_WORDS, 4),
            ("valve_schedule.ask", "asked_us", VALVES, 4),
            ("health.grow_old", "result", 1, 4),
            ("health.grow_old", "ages", VALVES, 4),
            ("transitions.next_mode", "result", 1, 4),
            ("checkpoint.put_words", "result", 1, 4),
            ("checkpoint.put_words", "block", MOST_COPIED, 1),
            ("checkpoint.take_words", "words", CONTROL_SIZE, 4),
            ("checkpoint.take_words", "words", CONTROL_SIZE, 4),
            ("checkpoint.crc_go_on", "result", 1, 4),
            ("checkpoint.crc_go_on", "halves", 2, 4),
            ("checkpoint.put_crc", "result", 1, 4),
            ("checkpoint.put_crc", "block", MOST_COPIED, 1),
            ("raw_flash.wipe", "result", 1, 4),
            ("raw_flash.wipe", "buffer", MOST_COPIED, 1),
        ]

    def _write(self, target, result: int) -> None:
        self.result[0] = result
        target.write(self.result)

    def step(self, source, target) -> None:
        """Ask for pulses, commit a batch, copy into the ring and out of it."""
        control, schedule = self.control, self.schedule
        source.readinto(control)
        source.readinto(self.bytes)
        for valve in range(VALVES):
            if control[valve] >= 0:
                schedule.pulse(valve, control[valve])
        self._write(target, schedule.commit(control[ELAPSED_US]))
        for values in (schedule.words, schedule._left_us, schedule._asked_us, schedule._timing):
            target.write(values)
        at, count = control[RING_AT], control[COUNT]
        self._write(target, ring.put(self.ring, RING_SIZE - 1, at, self.bytes, count))
        target.write(self.ring)
        self._write(target, ring.take(self.ring, RING_SIZE - 1, at, self.taken, count))
        target.write(self.taken)
        self._transfer(target, at, count)
        for valve in range(VALVES):
            self.pulses_us[valve] = control[valve] - 1000
        schedule.start(self.pulses_us, 0)
        target.write(schedule._asked_us)
        self._serve(target, at, count)

    def _serve(self, target, at: int, count: int) -> None:
        """The services, on the same numbers."""
        control = self.control
        self.ages[at % VALVES] = control[ELAPSED_US]
        self._write(target, health.grow_old(self.ages, control, VALVES))
        target.write(self.ages)
        mode, conditions = at % len(modes.MODES), control[ELAPSED_US] & 0xFFFF
        self._write(target, transitions.next_mode(transitions.TABLE, transitions.ROWS, mode, conditions))
        self._write(target, checkpoint.put_words(control, CONTROL_SIZE, self.block, at & 3))
        target.write(self.block)
        checkpoint.take_words(self.words, CONTROL_SIZE, self.block, at & 3)
        target.write(self.words)
        checkpoint.take_words(self.words, CONTROL_SIZE, self.bytes, at & 3)
        target.write(self.words)
        self.halves[0] = self.halves[1] = 0xFFFF
        self._write(target, checkpoint.crc_go_on(self.bytes, 0, count, REFLECTED, self.halves))
        target.write(self.halves)
        self._write(target, checkpoint.put_crc(self.block, at & 3, self.halves))
        target.write(self.block)
        self._write(target, raw_flash.wipe(self.block, min(at, count), count))
        target.write(self.block)

    def _transfer(self, target, at: int, count: int) -> None:
        """Both channels somewhere in their rings, running or not."""
        dma, line = self.dma, self.line
        dma[_WRITE_ADDR] = _ADDRESS + at
        dma[_CHANNEL_WORDS] = _ADDRESS + ((line[ring.LINE_FILLED] - count // 2) & (RING_SIZE - 1))
        dma[_CTRL] = (at & 1) << 24
        dma[_CHANNEL_WORDS + _CTRL] = (count & 1) << 24
        self._write(target, ring.receive(dma, line, self.ring, self.taken, count))
        target.write(self.taken)
        self._write(target, ring.send(dma, line, self.ring, self.bytes, count))
        target.write(self.ring)
        target.write(line)
        target.write(dma)
