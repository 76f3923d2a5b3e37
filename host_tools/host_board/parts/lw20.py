"""A simulated LightWare LW20, at byte level: answers requests, but not the first one after power-on.

Written from the protocol's documentation, with a table-free CRC of its own. `measure` returns
(median distance in cm or None for a lost signal, strength in %).
"""

from collections.abc import Callable

from host_tools.host_board.wires import PartEnd

DISTANCE_OUTPUT, DISTANCE_DATA = 27, 44
LOST_CM = -100
DEFAULT_OUTPUT = 0b1  # first return raw only: a driver has to say what it wants
LATENCY_US = 2_600  # an update period at 388 readings a second
RAW, CLOSEST, MEDIAN, FURTHEST, STRENGTH = range(5)

Measure = Callable[[], tuple[int | None, int]]


def crc16(data: bytes) -> int:
    """CRC-16-CCITT from 0, by polynomial division."""
    register = int.from_bytes(data, "big") << 16
    for bit in range(register.bit_length() - 1, 15, -1):
        if register >> bit & 1:
            register ^= 0x11021 << (bit - 16)
    return register


def packet(command: int, data: bytes = b"", write: bool = False) -> bytes:
    """A packet as both sides send it."""
    payload = bytes((command,)) + data
    head = b"\xaa" + (len(payload) << 6 | write).to_bytes(2, "little")
    return head + payload + crc16(head + payload).to_bytes(2, "little")


class SimulatedLw20:
    """The part at its end of a serial line."""

    def __init__(self, end: PartEnd, measure: Measure) -> None:
        self.end = end
        self.measure = measure
        self.refused = 0  # what began like a packet and was none
        self.power_on()

    def power_on(self) -> None:
        """Nobody has spoken yet, and what is sent is the default again."""
        self._is_serial = False
        self._output = DEFAULT_OUTPUT
        self._pending = b""

    def advance(self, now_us: int) -> None:
        """Take the requests that have arrived by `now_us` and answer them."""
        if not self.end.any():
            return
        self._pending += self.end.read()
        while (at := self._pending.find(b"\xaa")) >= 0:
            self._pending = self._pending[at:]
            if len(self._pending) < 4:
                return
            length = int.from_bytes(self._pending[1:3], "little") >> 6
            if length > 32 or length == 0:
                self._refuse()
                continue
            if len(self._pending) < length + 5:
                return
            whole, write = self._pending[: length + 5], bool(self._pending[1] & 1)
            if packet(whole[3], whole[4:-2], write) != whole:
                self._refuse()
                continue
            self._pending = self._pending[length + 5 :]
            self._answer(now_us, whole[3], whole[4:-2], write)
        self._pending = b""

    def _refuse(self) -> None:
        self.refused += 1
        self._pending = self._pending[1:]

    def _answer(self, now_us: int, command: int, data: bytes, write: bool) -> None:
        if not self._is_serial:  # it has only learned that the serial interface is used
            self._is_serial = True
            return
        if command == DISTANCE_OUTPUT:
            if write:
                self._output = int.from_bytes(data, "little")
            self._send(now_us, packet(command, b"" if write else self._output.to_bytes(4, "little"), write))
        elif command == DISTANCE_DATA:
            self._send(now_us, packet(command, self._values()))

    def _values(self) -> bytes:
        range_cm, percent = self.measure()
        values = {
            RAW: range_cm,
            CLOSEST: range_cm,
            MEDIAN: range_cm,
            FURTHEST: range_cm,
            STRENGTH: percent,
        }
        shown = [
            LOST_CM if value is None else value for bit, value in values.items() if self._output >> bit & 1
        ]
        return b"".join(value.to_bytes(2, "little", signed=True) for value in shown)

    def _send(self, now_us: int, content: bytes) -> None:
        self.end.write(content, now_us + LATENCY_US)
