"""Vectors of bytes: for replayed/link.py, drivers.py and ports.py. Good frames, spoilt frames and noise."""

import binascii
import struct
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np

import host_tools.host_board  # noqa: F401  (makes `plumbline` importable)
from host_tools.host_board.parts import sensor_frame
from host_tools.host_board.parts.stim300 import CRC_TABLE, SimulatedStim300

# isort: split
from host_tools.proof.runtimes.replayed import drivers, link, ports
from plumbline.link import dictionary
from plumbline.link.packet import I8, I16, I32, U8, U16, OutgoingPacket

_WORD = struct.Struct("<i")
_TYPES = (U8, I8, U16, I16, I32)
_BEAM = (-32_768, -16_384, -1, 0, 1, 16_384, 16_385, 32_767)


def link_vectors(steps: int, seed: int) -> bytes:
    """Random bytes, every other time with a packet that may be good at the start."""
    noise = Random(seed)
    parts = []
    for _ in range(steps):
        size = noise.randrange(11, 254)
        data = _packet(noise, size) if noise.randrange(2) else b""
        data = (data + _bytes(noise, link.DATA_SIZE))[: link.DATA_SIZE]
        start = noise.choice((0, 0, 1, 2, 40))
        count = noise.choice((0, 1, 2, 3, 252, 253, 254, 255, noise.randrange(255)))
        order = noise.choice((0, 3))
        end = start + count
        checksum = noise.choice((b"", _reflected(data[start:end], order), _forward(data[start:end])))
        data = data[:end] + checksum + data[end + len(checksum) :]
        control = (
            start,
            count,
            noise.randrange(256),
            order,
            noise.choice((size, size, noise.randrange(254))),
        )
        values = [_word(noise) for _ in range(link.FIELDS)]
        types = bytes(noise.choice(_TYPES) for _ in range(link.FIELDS))
        parts += [_words(control), data, _words(values), types]
    return b"".join(parts)


def _packet(noise: Random, size: int) -> bytes:
    identification = noise.choice((0x1201, 0x0A02, 0x1103, noise.randrange(2**16)))
    header = struct.pack(">HHH", identification, 0xC000 | noise.randrange(2**14), size - 7)
    body = header + noise.randbytes(size - 10)
    return _spoilt(noise, body + binascii.crc32(body).to_bytes(4, "big"), often=0.3)


def _reflected(data: bytes, order: int) -> bytes:
    """zlib's checksum in one of the two byte orders."""
    return binascii.crc32(data).to_bytes(4, "big" if order else "little")


def _forward(data: bytes) -> bytes:
    """The inertial unit's checksum, over the bytes padded to a multiple of four."""
    register = 0xFFFFFFFF
    for byte in data + bytes(-len(data) % 4):
        register = (register << 8 & 0xFFFFFFFF) ^ int(CRC_TABLE[register >> 24 ^ byte])
    return register.to_bytes(4, "big")


def driver_vectors(steps: int, seed: int) -> bytes:
    """For each line a stream of frames, cut where it happens to be cut."""
    noise = Random(seed)
    lines = [
        _Stream(noise, _datagrams(noise), 150, 1024),
        _Stream(noise, _replies(noise, 0x11, 0), 60, 256),
        _Stream(noise, _replies(noise, 0x12, 3), 80, 256),
        _Stream(noise, _frames(noise), 90, 512),
    ]
    parts = []
    for _ in range(steps):
        parts.append(_words(noise.choice(_BEAM) for _ in range(2)))
        for line in lines:
            chunk = line.chunk()
            parts += [_words((len(chunk),)), chunk]
    return b"".join(parts)


class _Stream:
    """Bytes on their way, handed out in chunks of about `mean` and at most `most`."""

    def __init__(self, noise: Random, frames: Iterator[bytes], mean: int, most: int) -> None:
        self.noise, self.frames, self.mean, self.most = noise, frames, mean, min(most, drivers.LARGEST_READ)
        self.waiting = b""

    def chunk(self) -> bytes:
        size = self.noise.choice((0, 1, self.mean, self.noise.randrange(2 * self.mean), self.most))
        while len(self.waiting) < size:
            self.waiting += _spoilt(self.noise, next(self.frames), often=0.15)
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken


def _datagrams(noise: Random) -> Iterator[bytes]:
    """Inertial datagrams from the simulated part, in bursts; axes up to what int24 holds."""
    sent: list[bytes] = []

    def keep(data: bytes, _at_us: int) -> None:
        sent.append(data)

    end: Any = SimpleNamespace(now_us=0, write=keep)
    part = SimulatedStim300(end)
    while True:
        part.gyro_status = noise.choice((0, 0, 0, 0, 0, 0, 0, 1))
        if noise.random() < 0.05:
            part.counter = noise.randrange(256)
        largest = noise.choice((100, 60_000, 2**23))
        part.emit(np.array([[noise.randint(-largest, largest - 1) for _ in range(6)]], dtype=np.int64))
        yield sent.pop()


def _replies(noise: Random, kind: int, axes: int) -> Iterator[bytes]:
    """An altimeter's replies, most of them plausible."""
    sequence = 0
    while True:
        sequence = (sequence + noise.choice((1, 1, 1, 0, 7))) % 256
        far = noise.choice((20_000_000, 2**29 - 1, 2**29, 2**32 - 1))
        beam = (noise.choice(_BEAM), noise.choice(_BEAM))
        status, age_ms = noise.choice((1, 9, 255, noise.randrange(256))), noise.choice((0, 5, 65_535))
        payload = sensor_frame.REPLY.pack(sequence, status, age_ms, noise.randint(0, far), *beam)
        fast = noise.choice((2_000_000, 2**23, 2**31))
        payload += b"".join(_WORD.pack(noise.randint(-fast, fast - 1)) for _ in range(axes))
        yield sensor_frame.frame(noise.choice((kind, kind, kind, kind, 0x13)), payload)


def _frames(noise: Random) -> Iterator[bytes]:
    """Framed packets of every type, from every board, with any values; now and then one that is too long."""
    packets = [
        OutgoingPacket(packet_type, board)
        for packet_type in dictionary.PACKETS
        for board in (dictionary.PROPULSION, dictionary.NAVIGATION, dictionary.SPACECRAFT)
    ]
    while True:
        if noise.random() < 0.02:
            yield b"\0" + bytes(noise.choices(range(1, 256), k=noise.randrange(250, 600))) + b"\0"
        packet = noise.choice(packets)
        for index in range(len(packet.values)):
            packet.values[index] = _word(noise)
        yield bytes(packet.encode())


def port_vectors(steps: int, seed: int) -> bytes:
    """Pulses on top of each other, commits on time, early and late."""
    noise = Random(seed)
    parts = []
    for _ in range(steps):
        control = [
            noise.choice((-1, -1, 0, noise.randrange(12_000), noise.randrange(200_000))) for _ in range(8)
        ]
        elapsed = noise.choice((10_000, 10_000, 10_000, noise.randrange(25_000), _word(noise)))
        control += [elapsed, noise.randrange(ports.RING_SIZE), noise.randrange(ports.MOST_COPIED + 1)]
        parts += [_words(control), _bytes(noise, ports.MOST_COPIED)]
    return b"".join(parts)


def _spoilt(noise: Random, frame: bytes, often: float) -> bytes:
    """The frame, or with the given chance one with a fault of a line."""
    if noise.random() >= often:
        return frame
    at = noise.randrange(len(frame))
    faults: tuple[Callable[[], bytes], ...] = (
        lambda: frame[:at] + bytes((frame[at] ^ 1 << noise.randrange(8),)) + frame[at + 1 :],
        lambda: frame[:at],
        lambda: frame + frame,
        lambda: _bytes(noise, noise.randrange(40)) + frame,
        lambda: frame[:at] + b"\xa5\x5a\x91\x00" + frame[at:],
    )
    return noise.choice(faults)()


def _bytes(noise: Random, size: int) -> bytes:
    """Random bytes; one time in three with many extremes."""
    if noise.randrange(3):
        return noise.randbytes(size)
    return bytes(noise.choices((0, 0, 1, 127, 128, 255), k=size))


def _word(noise: Random) -> int:
    """31 bits of every magnitude, with extremes."""
    kind = noise.randrange(4)
    if kind == 0:
        return noise.choice((-(2**30), 2**30 - 1, 0, -1))
    if kind == 1:
        return noise.choice((-1, 1)) * 2 ** noise.randrange(30)
    return noise.randint(-(2**30), 2**30 - 1) >> noise.randrange(30)


def _words(values: Any) -> bytes:
    return b"".join(map(_WORD.pack, values))
