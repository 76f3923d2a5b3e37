"""The records in a recorder's ring of flash sectors, oldest first: by the format, not by its writer.

The format stands in firmware/plumbline/services/recorder.py and recorder_ring.py. What does not pass its
CRC is left out and counted: after a power cut that is the torn end, or what an erase has begun to take.
"""

import struct
import zlib
from dataclasses import dataclass, field

SECTOR = 4096
PAGE = 256
MAGIC = b"PLR1"
_HEAD = struct.Struct(">4sI")
_RECORD = struct.Struct(">BBHI")
_CRC = struct.Struct(">I")
_SMALLEST = _RECORD.size + _CRC.size
_BLANK = 255
_RECENT = 64  # records among which those that were programmed twice are looked for


@dataclass(frozen=True)
class Record:
    """One record: `kind` is the function of a packet of the dictionary, `fields` its fields' bytes."""

    sequence: int  # modulo 2^16
    tick: int
    kind: int
    fields: bytes


@dataclass
class Ring:
    """What a ring holds; `damaged` counts pages with something in them that is no good record."""

    records: list[Record] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)  # index of each good sector's first record
    damaged: int = 0


def decode(ring: bytes) -> Ring:
    """The records in a ring's bytes, a whole number of sectors."""
    found = Ring()
    count = len(ring) // SECTOR
    ordered = sorted((sequence, at) for at in range(count) if (sequence := _sequence(ring, at, count)) >= 0)
    for _, sector in ordered:
        earlier = len(found.records)
        for page in range(SECTOR * sector + PAGE, SECTOR * (sector + 1), PAGE):
            records, damaged = records_of(ring[page : page + PAGE])
            # a page that flash has not kept was programmed once more behind it, and is whole there
            kept = [record for record in found.records[-_RECENT:] if record not in records]
            earlier = min(earlier, len(found.records[:-_RECENT]) + len(kept))
            found.records[-_RECENT:] = kept + records
            found.damaged += damaged
        found.begins.append(earlier)
    return found


def _sequence(ring: bytes, sector: int, count: int) -> int:
    """A sector's sequence, -1 if its head is no good one."""
    at = SECTOR * sector
    magic, sequence = _HEAD.unpack_from(ring, at)
    (crc,) = _CRC.unpack_from(ring, at + _HEAD.size)
    good = magic == MAGIC and crc == zlib.crc32(ring[at : at + _HEAD.size])
    return sequence if good and sequence % count == sector else -1


def records_of(page: bytes) -> tuple[list[Record], bool]:
    """The good records of one page, and whether there is something else in it."""
    records = []
    at = 0
    while at + _SMALLEST <= PAGE and page[at] != _BLANK:
        size = page[at]
        if size < _SMALLEST or at + size > PAGE:
            return records, True
        end = at + size - _CRC.size
        if zlib.crc32(page[at:end]) == _CRC.unpack_from(page, end)[0]:
            _, kind, sequence, tick = _RECORD.unpack_from(page, at)
            records.append(Record(sequence, tick, kind, page[at + _RECORD.size : end]))
        at += size
    good = sum(_SMALLEST + len(record.fields) for record in records)
    return records, good != at or any(byte != _BLANK for byte in page[at:])
