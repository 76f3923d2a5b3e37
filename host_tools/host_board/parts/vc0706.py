"""A simulated VC0706 serial camera, at byte level: freeze, length, read, resume.

`look` gives what the camera sees now, as the bytes of a JPEG image. `frozen` keeps every image that was
frozen, with its checksum: what a board stores and sends is judged by it.
"""

import binascii
from collections.abc import Callable
from dataclasses import dataclass

from host_tools.host_board.wires import PartEnd

COMMAND, REPLY = 0x56, 0x76
READ, LENGTH, CONTROL = 0x32, 0x34, 0x36
STOP_FRAME, RESUME = 0, 3
GOOD, WRONG_SIZE = 0, 2
ANSWERS_AFTER_US = 3_000  # assumed: its manual says nothing


@dataclass(frozen=True)
class Frozen:
    """One image as the camera had it."""

    time_us: int
    image: bytes

    @property
    def crc(self) -> int:
        """zlib's CRC-32."""
        return binascii.crc32(self.image)


class SimulatedVc0706:
    """The part at its end of a line. `spoil`: what becomes of its replies; `silent`: it does not answer."""

    def __init__(self, end: PartEnd, look: Callable[[], bytes]) -> None:
        self.look = look
        self.frozen: list[Frozen] = []
        self.silent = False
        self.spoil: Callable[[bytes], bytes] | None = None
        self._end = end
        self._image = b""
        self._inbox = bytearray()

    def advance(self) -> None:
        """Answer the commands that have come by now."""
        self._inbox += self._end.read()
        while len(self._inbox) >= 4 and len(self._inbox) >= 4 + self._inbox[3]:
            if self._inbox[0] != COMMAND:
                del self._inbox[0]
                continue
            size = 4 + self._inbox[3]
            command, data = self._inbox[2], bytes(self._inbox[4:size])
            del self._inbox[:size]
            self._answer(command, data)

    def _answer(self, command: int, data: bytes) -> None:
        reply = bytes((REPLY, 0, command, GOOD, 0))
        if command == CONTROL:
            if data[0] == STOP_FRAME:
                self._image = self.look()
                self.frozen.append(Frozen(self._end.now_us, self._image))
        elif command == LENGTH:
            reply = bytes((REPLY, 0, command, GOOD, 4)) + len(self._image).to_bytes(4, "big")
        elif command == READ and len(data) == 12:
            first, size = int.from_bytes(data[2:6], "big"), int.from_bytes(data[6:10], "big")
            reply += self._image[first : first + size].ljust(size, b"\0") + reply
        else:
            reply = bytes((REPLY, 0, command, WRONG_SIZE, 0))
        if self.silent:
            return
        if self.spoil is not None:
            reply = self.spoil(reply)
        self._end.write(reply, self._end.now_us + ANSWERS_AFTER_US)
