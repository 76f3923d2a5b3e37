"""Frames on a serial line: 00, the packet in COBS, 00. Bytes in, packets and complaints out, and back.

Example: `for item in FrameReader().feed(data)`. It takes and refuses what a board would.
"""

from collections import Counter

from cobs import cobs

from host_tools.ground import packets
from host_tools.ground.codec import PacketError, Received

LONGEST = 254  # bytes between two delimiters: the largest packet, 253, and the byte that COBS adds
_DELIMITER = b"\0"


def frame(packet: bytes) -> bytes:
    """The packet as it goes onto the line."""
    return _DELIMITER + cobs.encode(packet) + _DELIMITER


def unframe(content: bytes) -> bytes:
    """The packet between two delimiters. Raises PacketError."""
    try:
        return cobs.decode(content)
    except cobs.DecodeError as error:
        raise PacketError("cobs", str(error)) from None


class FrameReader:
    """Cuts a stream of bytes, in pieces of any size, into packets.

    `accepted` counts packets, `rejected` frames by PacketError's kind; `bytes` all that came.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.accepted = 0
        self.rejected: Counter[str] = Counter()
        self._begun = bytearray()
        self._is_overlong = False

    def feed(self, data: bytes) -> list[Received | PacketError]:
        """What the bytes have completed, in the order of the line."""
        self.bytes += len(data)
        found = []
        *ends, rest = data.split(_DELIMITER)
        for piece in ends:
            self._append(piece, found)
            if self._begun and not self._is_overlong:
                found.append(self._taken(bytes(self._begun)))
            self._begun.clear()
            self._is_overlong = False
        self._append(rest, found)
        return found

    def _append(self, piece: bytes, found: list[Received | PacketError]) -> None:
        """More of the frame under way; a frame that is too long is said once and then swallowed."""
        if self._is_overlong:
            return
        self._begun += piece
        if len(self._begun) > LONGEST:
            self._is_overlong = True
            self._begun.clear()
            self.rejected["overlong"] += 1
            found.append(PacketError("overlong", f"more than {LONGEST} bytes without a delimiter"))

    def _taken(self, content: bytes) -> Received | PacketError:
        try:
            received = packets.decode(unframe(content))
        except PacketError as error:
            self.rejected[error.kind] += 1
            return error
        self.accepted += 1
        return received
