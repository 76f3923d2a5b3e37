"""What disturbs a story's bus, bit errors and a babbling node, and an account of what a receiver takes.

    noise = Noise(bus, Bus(bit_error_rate=1e-4), seed=1, now_us=clock)
    noise.tick()                  each 10 ms: the babbler's turn

All ends of the bus hear the same bytes. The flight code's own functions read them here once more, in step: a
good packet that nobody has sent is a wrong frame taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.shared_bus import SharedBus
from host_tools.story.script import Bus
from plumbline.link.cobs import cobs_decode
from plumbline.link.crc import REFLECTED
from plumbline.link.packet import LARGEST_PACKET, check_packet

BABBLER = "babbler"
_BITS = 8  # of a byte; its start and stop bit are not disturbed here, but in host_tools/ground/noise.py
_LONGEST_FRAME = 254  # as link/port.py: a longer one is dropped


@dataclass
class Account:
    """Frames that were sent, how many of them disturbed; of these and of the others, how many were not taken;
    `wrong`: good packets that nobody had sent; `lost_run`: undisturbed ones lost in a row, at most.
    """

    sent: int = 0
    disturbed: int = 0
    lost_disturbed: int = 0
    lost_intact: int = 0
    lost_run: int = 0
    wrong: int = 0
    babbled_bytes: int = 0


class Noise:
    """`account`: of the whole story. The bus needs an end named BABBLER if somebody is to babble."""

    def __init__(self, bus: SharedBus, what: Bus, seed: int, now_us: Callable[[], int]) -> None:
        self.account = Account()
        self._bus = bus
        self._what = what
        self._now_us = now_us
        self._random = np.random.default_rng([seed, 0x6275])
        self._pending = bytearray()  # what a receiver has of the frame under way
        self._packet = bytearray(LARGEST_PACKET)
        self._is_babble = False
        self._run = 0
        bus.corrupt = self._disturb

    def tick(self) -> None:
        """The babbling node says what it has to say."""
        what, now_s = self._what, self._now_us() * 1e-6
        if not what.babble_bytes or not 0 <= now_s - what.babble_from_s < what.babble_for_s:
            return
        self._is_babble = True
        self._bus.ends[BABBLER].write(self._random.bytes(what.babble_bytes))
        self._is_babble = False
        self.account.babbled_bytes += what.babble_bytes

    def _disturb(self, chunk: bytes) -> bytes:
        arrived = self._flipped(chunk)
        taken = self._taken(arrived)
        account = self.account
        if self._is_babble:
            account.wrong += len(taken)
            return arrived
        mine = chunk.strip(b"\0")
        is_taken = mine in taken
        account.sent += 1
        account.wrong += sum(frame != mine for frame in taken)
        if arrived != chunk:
            account.disturbed += 1
            account.lost_disturbed += not is_taken
            return arrived
        self._run = 0 if is_taken else self._run + 1
        account.lost_intact += not is_taken
        account.lost_run = max(account.lost_run, self._run)
        return arrived

    def _flipped(self, chunk: bytes) -> bytes:
        if self._now_us() * 1e-6 < self._what.bit_errors_from_s:
            return chunk
        hits = self._random.binomial(_BITS * len(chunk), self._what.bit_error_rate)
        if not hits:
            return chunk
        levels = bytearray(chunk)
        for bit in self._random.choice(_BITS * len(chunk), hits, replace=False):
            levels[bit // _BITS] ^= 1 << bit % _BITS
        return bytes(levels)

    def _taken(self, arrived: bytes) -> list[bytes]:
        """The good frames that end in these bytes, without their delimiters."""
        taken = []
        for byte in arrived:
            if byte:
                self._pending.append(byte)
                continue
            frame = bytes(self._pending)
            self._pending.clear()
            if 0 < len(frame) <= _LONGEST_FRAME:
                size = cobs_decode(bytearray(frame), len(frame), self._packet, LARGEST_PACKET)
                if check_packet(self._packet, size, REFLECTED) >= 0:
                    taken.append(frame)
        return taken
