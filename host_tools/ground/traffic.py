"""Frames on a line, who has disturbed which of them, and what the flight code's own receiver takes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host_tools.ground.line import BITS_PER_BYTE, Bits, heard, wire
from host_tools.ground.model import TYPES
from plumbline.link import dictionary
from plumbline.link.packet import OutgoingPacket
from plumbline.link.port import PacketPort

RECEIVER = dictionary.PROPULSION
_SENT = (dictionary.DEMAND, dictionary.DEMAND, dictionary.NAVIGATION_STATE, dictionary.EVENT)

Generator = np.random.Generator


@dataclass(frozen=True)
class Sent:
    """Frames as the firmware's packer made them, and what each of them says."""

    frames: list[bytes]
    contents: list[bytes]


def sent(count: int, noise: Generator) -> Sent:
    """`count` frames that navigation sends and propulsion takes, with random values, no two alike."""
    outgoing = [OutgoingPacket(packet, dictionary.NAVIGATION) for packet in _SENT]
    ranges = [[TYPES[code] for code in packet.layout] for packet in _SENT]
    frames, contents, known = [], [], set()
    kinds = noise.integers(len(_SENT), size=count)
    for kind in kinds:
        packet = outgoing[kind]
        while True:
            for i, field in enumerate(ranges[kind]):
                packet.values[i] = int(noise.integers(field.least, field.most, endpoint=True))
            content = packet.apid.to_bytes(2, "big") + packet.values.tobytes()
            if content not in known:
                break
        known.add(content)
        contents.append(content)
        frames.append(bytes(packet.encode()))
    return Sent(frames, contents)


@dataclass
class Line:
    """What is on the wire: levels, and from where to where each frame is; frames that were cut are marked."""

    levels: Bits
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_cut: NDArray[np.bool_]


Filler = Callable[[int], bytes]


def on_the_line(
    frames: list[bytes], filler: Filler | None = None, is_cut: NDArray[np.bool_] | None = None
) -> Line:
    """Frames without a pause between them; `filler(i)` gives the bytes of somebody else before frame i."""
    pieces, begins, at = [], [], 0
    for i, frame in enumerate(frames):
        if filler is not None:
            between = filler(i)
            pieces.append(between)
            at += len(between)
        begins.append(at)
        pieces.append(frame)
        at += len(frame)
    lengths = np.array([len(frame) for frame in frames], np.int64)
    first = np.array(begins, np.int64) * BITS_PER_BYTE
    no_cut = np.zeros(len(frames), np.bool_)
    line = wire(b"".join(pieces))
    return Line(line, first, first + lengths * BITS_PER_BYTE, no_cut if is_cut is None else is_cut)


@dataclass(frozen=True)
class Tally:
    """What became of the frames. `lost_run`: the most undisturbed frames that were lost in a row."""

    sent: int
    disturbed: int
    right: int
    wrong: int
    lost_disturbed: int
    lost_intact: int
    lost_run: int
    rejected: int


class _Uart:
    """Gives the receiver what was heard, in pieces of random size: reads split frames and merge them."""

    def __init__(self, data: bytes, noise: Generator, largest: int) -> None:
        self._data = data
        self._at = 0
        self._sizes = noise.integers(1, largest, size=4096, endpoint=True)
        self._read = 0

    @property
    def is_empty(self) -> bool:
        """Everything was read."""
        return self._at >= len(self._data)

    def readinto(self, buffer: bytearray) -> int | None:
        """As MicroPython's UART."""
        size = min(int(self._sizes[self._read % 4096]), len(buffer))
        self._read += 1
        chunk = self._data[self._at : self._at + size]
        self._at += len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk) or None


def received(data: bytes, noise: Generator, largest_read: int) -> tuple[list[bytes], PacketPort]:
    """What the flight code's port takes of the bytes, in order, and the port itself."""
    uart = _Uart(data, noise, largest_read)
    port = PacketPort(uart, RECEIVER)
    taken = []
    while True:
        apid = port.poll()
        if apid >= 0:
            taken.append(apid.to_bytes(2, "big") + port.values.tobytes())
        elif uart.is_empty:
            return taken, port


def tally(given: Sent, line: Line, levels: Bits, noise: Generator, largest_read: int = 512) -> Tally:
    """Send the disturbed `levels` of `line` to the flight code's receiver, and account for every frame."""
    changed = np.concatenate(([0], np.cumsum(levels != line.levels)))
    disturbed = line.is_cut | (changed[line.ends] != changed[line.begins])
    taken, port = received(heard(levels), noise, largest_read)
    number = {content: i for i, content in enumerate(given.contents)}
    is_taken = np.zeros(len(given.frames), np.bool_)
    wrong, last = 0, -1
    for content in taken:
        at = number.get(content, -1)
        if at <= last:  # not sent, or not in this order
            wrong += 1
            continue
        last = at
        is_taken[at] = True
    lost_intact = ~is_taken & ~disturbed
    return Tally(
        sent=len(given.frames),
        disturbed=int(disturbed.sum()),
        right=int(is_taken.sum()),
        wrong=wrong,
        lost_disturbed=int((~is_taken & disturbed).sum()),
        lost_intact=int(lost_intact.sum()),
        lost_run=_longest_run(lost_intact),
        rejected=port.rejected + port.overlong,
    )


def _longest_run(marks: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marks.view(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))
