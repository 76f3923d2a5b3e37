"""What the dictionary consists of, as the ground sees it: packets, fields, events, parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from host_tools.host_board import ROOT  # makes the firmware importable
from plumbline.link.packet import ANY_BOARD, I8, I16, I32, U8, U16

LINK = ROOT / "firmware" / "plumbline" / "link"


@dataclass(frozen=True)
class Type:
    """An integer on the line: big-endian, two's complement; boards clamp it to `least` and `most`."""

    name: str
    bits: int
    signed: bool
    struct: str
    least: int
    most: int


TYPES = {
    U8: Type("U8", 8, False, "B", 0, 255),
    I8: Type("I8", 8, True, "b", -128, 127),
    U16: Type("U16", 16, False, "H", 0, 65_535),
    I16: Type("I16", 16, True, "h", -32_768, 32_767),
    I32: Type("I32", 32, True, "i", -(2**30), 2**30 - 1),
}


@dataclass(frozen=True)
class Field:
    """value = integer / 2^q in `unit`; labels are (name, integer), flags the names of the bits from bit 0."""

    name: str
    type: Type
    text: str
    unit: str
    least: int
    most: int
    q: int
    labels: tuple[tuple[str, int], ...]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Packet:
    """A packet; `board` is the addressee of a command and the sender of telemetry, 0 for any."""

    name: str
    function: int
    is_command: bool
    board: int
    peer: str
    rate_hz: int
    text: str
    size: int
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Event:
    """An event; `argument` says what its argument is, None if it has none."""

    number: int
    name: str
    severity: str
    text: str
    argument: Field | None


@dataclass(frozen=True)
class Parameter:
    """A parameter of `owner`; `defaults` are (of which altimeter or "", integer).

    `numbers`, one for each default, are what set_parameter calls it; none where no command sets it.
    """

    owner: str
    name: str
    text: str
    unit: str
    q: int
    least: int
    most: int
    defaults: tuple[tuple[str, int], ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Dictionary:
    """Everything that crosses a link, and what boards are told at start."""

    boards: tuple[tuple[int, str], ...]
    packets: tuple[Packet, ...]
    severities: tuple[str, ...]
    events: tuple[Event, ...]
    parameters: tuple[Parameter, ...]
    labels: Mapping[str, Mapping[str, int]]

    def board_name(self, board: int) -> str:
        """Name of a board's id; "any" of 0."""
        return "any" if board == ANY_BOARD else dict(self.boards)[board]

    def senders(self, packet: Packet) -> list[int]:
        """Boards whose id may stand in the packet's APID."""
        return [board for board, _ in self.boards] if packet.board == ANY_BOARD else [packet.board]
