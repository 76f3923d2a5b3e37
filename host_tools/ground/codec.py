"""Packets as Python objects, without MicroPython and without the flight code: bytes in, fields out, and back.

Example: `decode(packet)` of a received packet, or `Demand(tick=1, ...).encode(sequence=5)`. The classes
are in packets.py, which is generated. Nothing is clamped here: a value that does not fit is an error.
"""

import struct
from binascii import crc32
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import ClassVar, Self

HEADER_BYTES, CRC_BYTES = 6, 4
_LEAST_BYTES = HEADER_BYTES + 1 + CRC_BYTES
_HEADER = struct.Struct(">HHH")  # CCSDS 133.0-B-2, 4.1.3
_CRC = struct.Struct(">I")
_COMMAND, _UNSEGMENTED = 0x1000, 0xC000
_I32_LEAST, _I32_MOST = -(2**30), 2**30 - 1  # no integer on a board leaves 31 bits


class PacketError(ValueError):
    """Bytes that are no packet of the dictionary, or a value that no packet can carry. `kind`: one word."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True)
class FieldInfo:
    """What a field is: value = integer / 2^q in `unit`; `labels` name integers, `flags` bits from bit 0."""

    name: str
    text: str
    least: int
    most: int
    unit: str = ""
    q: int = 0
    labels: Mapping[int, str] | None = None
    flags: tuple[str, ...] = ()

    def shown(self, value: int) -> str:
        """The value for people: its name, its flags, or the number with its unit."""
        if self.labels is not None:
            return self.labels.get(value, f"? {value}")
        if self.flags:
            names = [name for bit, name in enumerate(self.flags) if value >> bit & 1]
            spare = value >> len(self.flags) << len(self.flags)
            return " ".join([*names, *([f"? {spare:#x}"] if spare else [])]) or "-"
        number = f"{value / 2**self.q:.4f}" if self.q else str(value)
        return f"{number} {self.unit}".strip()


@dataclass(frozen=True)
class EventInfo:
    """What an event is; `argument` is None if it has none."""

    name: str
    severity: str
    text: str
    argument: FieldInfo | None = None


@dataclass(frozen=True)
class Packet:
    """The fields of one packet, in the order of their bytes; what each kind is stands in its class."""

    NAME: ClassVar[str]
    FUNCTION: ClassVar[int]
    IS_COMMAND: ClassVar[bool]
    BOARD: ClassVar[int]  # 0: any
    LAYOUT: ClassVar[struct.Struct]
    FIELDS: ClassVar[tuple[FieldInfo, ...]]

    def encode(self, sequence: int = 0, board: int | None = None) -> bytes:
        """Header, fields and CRC. `board`: who sends it, if any board may. Raises PacketError."""
        owner = self.BOARD or board
        if owner is None or not 1 <= owner <= 7 or board not in (None, owner):
            raise PacketError("board", f"{self.NAME}: {board} cannot be the board in its APID")
        if not 0 <= sequence <= 0x3FFF:
            raise PacketError("sequence", f"{self.NAME}: sequence count {sequence} is not 0 to 16383")
        identification = self.IS_COMMAND * _COMMAND | owner << 8 | self.FUNCTION
        length = self.LAYOUT.size + CRC_BYTES - 1
        body = _HEADER.pack(identification, _UNSEGMENTED | sequence, length) + self._payload()
        return body + _CRC.pack(crc32(body))

    def _payload(self) -> bytes:
        self._check_31_bits()
        try:
            return self.LAYOUT.pack(*astuple(self))
        except struct.error as error:
            raise PacketError("range", f"{self.NAME}: {error}") from None

    def _check_31_bits(self) -> None:
        for info, value in zip(self.FIELDS, astuple(self), strict=True):
            if not _I32_LEAST <= value <= _I32_MOST:
                raise PacketError("range", f"{self.NAME}.{info.name}: {value} leaves 31 bits")

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """The packet whose fields these are. Raises PacketError."""
        if len(payload) != cls.LAYOUT.size:
            raise PacketError("size", f"{cls.NAME}: {len(payload)} bytes of fields, not {cls.LAYOUT.size}")
        packet = cls(*cls.LAYOUT.unpack(payload))
        packet._check_31_bits()
        return packet

    def outside(self) -> list[str]:
        """Names of the fields that are out of their declared range: a board refuses such a command."""
        values = zip(self.FIELDS, astuple(self), strict=True)
        return [info.name for info, value in values if not info.least <= value <= info.most]


Kinds = Mapping[tuple[bool, int], type[Packet]]


@dataclass(frozen=True)
class Received:
    """A packet that came, from or for `board`, with its sequence count."""

    board: int
    sequence: int
    packet: Packet


def decode(data: bytes, kinds: Kinds, boards: Mapping[int, str]) -> Received:
    """The packet in `data`, one of `kinds` by (is it a command, function). Raises PacketError.

    As strict as a board: version 0, no secondary header, unsegmented, exact length, right CRC.
    """
    if len(data) < _LEAST_BYTES:
        raise PacketError("short", f"{len(data)} bytes are no packet")
    identification, sequence, length = _HEADER.unpack_from(data)
    if identification & 0xE800 or sequence & _UNSEGMENTED != _UNSEGMENTED:
        raise PacketError("header", f"header {data[:HEADER_BYTES].hex()} is not of this link")
    if length != len(data) - HEADER_BYTES - 1:
        raise PacketError("length", f"length field {length} in a packet of {len(data)} bytes")
    if crc32(data[:-CRC_BYTES]) != _CRC.unpack(data[-CRC_BYTES:])[0]:
        raise PacketError("crc", "wrong CRC")
    board = identification >> 8 & 7
    kind = kinds.get((bool(identification & _COMMAND), identification & 0xFF))
    if kind is None or board not in boards or kind.BOARD not in (0, board):
        raise PacketError("unknown", f"no packet has type bit and APID 0x{identification:04X}")
    return Received(board, sequence & 0x3FFF, kind.from_payload(data[HEADER_BYTES:-CRC_BYTES]))
