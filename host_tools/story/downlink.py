"""Images on their way down: asked for one after the other, put together, checked, parts asked for again."""

import binascii
from collections.abc import Callable

import host_tools.host_board  # noqa: F401  makes the firmware importable
from plumbline.link import dictionary as d

PACKET_BYTES = 128
_PATIENCE_S = 3.0  # an image takes half a second
_LIST_AFTER_S = 5.0


class Downlink:
    """`complete`: images by number, checksums right; `asked`: how often one or a part was asked for."""

    def __init__(self, send: Callable[..., None]) -> None:
        self.is_fetching = False
        self.complete: dict[int, bytes] = {}
        self.abouts: dict[int, dict[str, int]] = {}
        self.asked = 0
        self.packets = 0
        self._send = send
        self._list_s = 0.0
        self._parts: dict[int, dict[int, bytes]] = {}
        self._current = 0
        self._until_s = 0.0

    def about(self, about: dict[str, int]) -> None:
        """What the rover says of an image; after its last packet it says so again."""
        number = about["image"]
        self.abouts[number] = about
        if number == self._current:
            self._judge(number)

    def take(self, values: list[int]) -> None:
        """One packet of an image."""
        data = b"".join(word.to_bytes(2, "big") for word in values[2:])
        self._parts.setdefault(values[0], {})[values[1]] = data
        self.packets += 1

    def tick(self, now_s: float) -> None:
        """Ask for the next image, or once more for what does not come."""
        if not self.is_fetching or (self._current and now_s < self._until_s):
            return
        missing = [number for number in sorted(self.abouts) if number not in self.complete]
        self._current = missing[0] if missing else 0
        if missing or not self._list_s:
            self._list_s = now_s + _LIST_AFTER_S
        elif now_s >= self._list_s:  # what the rover said of one may be lost
            self._list_s = now_s + _LIST_AFTER_S
            self._send(d.ROVER_LIST, 0)
        if self._current:
            self._until_s = now_s + _PATIENCE_S
            first, count = self._gap(self._current)
            self._send(d.ROVER_SEND, self._current, first, count)
            self.asked += 1

    def _gap(self, number: int) -> tuple[int, int]:
        """From the first packet that is missing to the last one: (first, count), (0, 0) for all."""
        parts, total = self._parts.get(number, {}), self._total(number)
        missing = [index for index in range(total) if index not in parts]
        if not missing or len(missing) == total:
            return 0, 0
        return missing[0], missing[-1] - missing[0] + 1

    def _total(self, number: int) -> int:
        return (self.abouts[number]["size"] + PACKET_BYTES - 1) // PACKET_BYTES

    def _judge(self, number: int) -> None:
        """Whole and right: done. Whole and wrong: all of it once more. Else the rest at the next tick."""
        about, parts = self.abouts[number], self._parts.get(number, {})
        self._current = 0
        if len(parts) < self._total(number):
            return
        image = b"".join(parts[index] for index in range(self._total(number)))[: about["size"]]
        if binascii.crc32(image) == about["crc_high"] << 16 | about["crc_low"]:
            self.complete[number] = image
        else:
            del self._parts[number]
