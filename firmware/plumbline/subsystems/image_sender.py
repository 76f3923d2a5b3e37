"""Images on their way to the ground: a packet of 128 bytes every second tick, then what the whole is.

Half of a tick's share of the bus stays free for the others.
"""

from micropython import const
from plumbline.link import dictionary
from plumbline.subsystems.image_store import IMAGES

PACKET_BYTES = const(128)
_WORDS = const(64)
_EVERY_TICKS = const(2)
_NONE = const(-1)


class ImageSender:
    """store: an ImageStore; port: the PacketPort that it is sent through."""

    def __init__(self, store, port):
        self._store = store
        self._port = port
        self._about = port.outgoing(dictionary.ROVER_IMAGE)
        self._data = port.outgoing(dictionary.ROVER_IMAGE_DATA)
        self._slot = _NONE
        self._number = 0
        self._is_whole = False  # all of the image is to be sent, not a part
        self._packet = 0
        self._end = 0
        self._list = IMAGES  # next slot of a list that is asked for

    @property
    def busy(self):
        """Whether an image is on its way."""
        return self._slot != _NONE

    def begin(self, number, first, count):
        """Send `count` packets of an image from `first` on, all for 0. False if there are none."""
        slot = self._store.find(number)
        if slot < 0:
            return False
        packets = (self._store.sizes[slot] + PACKET_BYTES - 1) // PACKET_BYTES
        if first >= packets:
            return False
        self._slot = slot
        self._number = number
        self._packet = first
        self._end = packets if count == 0 else min(first + count, packets)
        self._is_whole = first == 0 and self._end == packets
        return True

    def list_all(self):
        """Tell of every image, one in a tick."""
        self._list = 0

    def stop(self):
        """Send no more."""
        self._slot = _NONE
        self._list = IMAGES

    def tell(self, slot):
        """What there is of an image. Allocates nothing."""
        store = self._store
        values = self._about.values
        values[0] = store.numbers[slot]
        values[1] = store.ticks[slot] & 0xFFFF
        values[2] = store.stations[slot]
        values[3] = store.angles_mrad[slot]
        values[4] = store.sizes[slot]
        values[5] = store.checksum(slot, 0)
        values[6] = store.checksum(slot, 1)
        self._port.send(self._about)

    def step(self, tick):
        """Each tick. Allocates nothing."""
        if self._list < IMAGES:
            if self._store.numbers[self._list]:
                self.tell(self._list)
            self._list += 1
        elif self._slot != _NONE and tick % _EVERY_TICKS == 0:
            self._send_packet()

    def _send_packet(self):
        store = self._store
        if store.numbers[self._slot] != self._number:  # it had been sent before and made room for another one
            self._slot = _NONE
            return
        values = self._data.values
        values[0] = self._number
        values[1] = self._packet
        at = self._packet * PACKET_BYTES
        for i in range(_WORDS):
            values[2 + i] = store.word(self._slot, at + 2 * i)
        self._port.send(self._data)
        self._packet += 1
        if self._packet == self._end:
            if self._is_whole:
                store.mark_sent(self._slot)
            self.tell(self._slot)
            self._slot = _NONE
