"""Checksums, byte stuffing and packet fields on random bytes and on good packets."""

from array import array

from plumbline.kernels import slots
from plumbline.link import cobs, crc, packet, telemetry

DATA_SIZE = 300
FIELDS = 8
# what comes first in a step's vector; then DATA_SIZE bytes, FIELDS values, FIELDS types
START = 0
COUNT = 1
ROOM = 2
ORDER = 3
SIZE = 4  # of the packet at the start of the data
CONTROL_SIZE = 5
_TARGET_SIZE = 320
_TELEMETRY_FIELDS = 18
_ARRAYS = (slots.EST_SIZE, slots.VOT_SIZE, slots.GUI_SIZE)


class Link:
    """Buffers as the ports have them; a step calls each function once or twice."""

    def __init__(self) -> None:
        self.control = array("i", [0] * CONTROL_SIZE)
        self.data = bytearray(DATA_SIZE)
        self.values = array("i", [0] * FIELDS)
        self.types = bytearray(FIELDS)
        self.checked = bytearray(DATA_SIZE + 8)
        self.encoded = bytearray(_TARGET_SIZE)
        self.decoded = bytearray(_TARGET_SIZE)
        self.packed = bytearray(FIELDS * 4)
        self.unpacked = array("i", [0] * FIELDS)
        self.telemetry = array("i", [0] * _TELEMETRY_FIELDS)
        self.arrays = [array("i", [0] * size) for size in _ARRAYS]
        self.result = array("i", [0])
        self.layout = []
        for kernel, name, size, width in (
            ("crc.crc_append", "buf", DATA_SIZE + 8, 1),
            ("crc.crc_matches", "", 0, 1),
            ("crc.crc_matches", "", 0, 1),
            ("crc.crc_forward_matches", "", 0, 1),
            ("cobs.cobs_encode", "target", _TARGET_SIZE, 1),
            ("cobs.cobs_decode", "target", _TARGET_SIZE, 1),
            ("cobs.cobs_decode", "target", _TARGET_SIZE, 1),
            ("packet.pack_fields", "buf", FIELDS * 4, 1),
            ("packet.unpack_fields", "values", FIELDS, 4),
            ("packet.unpack_fields", "values", FIELDS, 4),
            ("packet.check_packet", "", 0, 1),
            ("telemetry.navigation_state", "values", _TELEMETRY_FIELDS, 4),
        ):
            self.layout.append((kernel, "result", 1, 4))
            if size:
                self.layout.append((kernel, name, size, width))

    def _write(self, target, result: int, values=None) -> None:
        self.result[0] = result
        target.write(self.result)
        if values is not None:
            target.write(values)

    def step(self, source, target) -> None:
        """Each function on the step's bytes."""
        control, data, checked = self.control, self.data, self.checked
        source.readinto(control)
        source.readinto(data)
        source.readinto(self.values)
        source.readinto(self.types)
        start, count, order = control[START], control[COUNT], control[ORDER]
        for index in range(DATA_SIZE):
            checked[index] = data[index]
        self._write(target, crc.crc_append(checked, start, count, crc.REFLECTED, order), checked)
        self._write(target, crc.crc_matches(checked, start, count, crc.REFLECTED, order))
        self._write(target, crc.crc_matches(data, start, count, crc.REFLECTED, order))
        self._write(target, crc.crc_forward_matches(data, start, count, crc.FORWARD))
        end = cobs.cobs_encode(data, start, count, self.encoded, 0)
        self._write(target, end, self.encoded)
        self._write(target, cobs.cobs_decode(self.encoded, end, self.decoded, _TARGET_SIZE), self.decoded)
        self._write(target, cobs.cobs_decode(data, count, self.decoded, control[ROOM]), self.decoded)
        end = packet.pack_fields(self.values, self.types, FIELDS, self.packed, 0)
        self._write(target, end, self.packed)
        for buffer in (self.packed, data):
            end = packet.unpack_fields(self.unpacked, self.types, FIELDS, buffer, 0)
            self._write(target, end, self.unpacked)
        self._write(target, packet.check_packet(data, control[SIZE], crc.REFLECTED))
        for values in self.arrays:
            for index in range(len(values)):
                values[index] = self.values[index % FIELDS] - index
        estimate, vote, guidance = self.arrays
        end = telemetry.navigation_state(self.telemetry, estimate, vote, guidance)
        self._write(target, end, self.telemetry)
