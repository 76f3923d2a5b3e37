"""The recorder under power cuts: at every operation of a flight, and again at every one of the next life.

What must hold after a cut, by the host's decoder: a program adds records of its page only, and takes none;
an erase takes records of the oldest sector only, and adds none; every record is one that was appended,
bit for bit; of those that `sync` has vouched for none is missing behind the oldest sector; and the next
life goes on behind the last of them.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from host_tools.power_cuts.cutting_flash import Cut, CuttingFlash, PowerCut
from host_tools.recorder.decode import Record, decode
from plumbline.link.packet import I32, U8, U16
from plumbline.services.raw_flash import RawFlash
from plumbline.services.recorder import Recorder, RecordKind

SECTORS = 4
_LAYOUTS = (bytearray([U16, U8, U16, I32]), bytearray([I32] * 20), bytearray([U8]), bytearray([I32] * 60))
_SIZES = {U8: 1, U16: 2, I32: 4}


@dataclass(frozen=True)
class Flight:
    """A life: `rounds` times some erases ahead, `records` appended, some written, all synchronised."""

    rounds: int = 16
    records: int = 24
    ready: int = 2


class Mission:
    """Lives of one recorder on one flash: what was appended is remembered across them."""

    def __init__(self) -> None:
        self.appended: set[Record] = set()
        self.durable: list[Record] = []
        self._unsynced: list[Record] = []
        self._count = 0

    def fly(self, flash: CuttingFlash, flight: Flight) -> None:
        """One life; PowerCut ends it."""
        recorder = self.boot(flash)
        for _ in range(flight.rounds):
            while recorder.erase_ahead(flight.ready):
                pass
            for _ in range(flight.records):
                self._append(recorder)
                if self._count % 3 == 0:
                    recorder.write()
            if recorder.sync():
                self.durable += self._unsynced
                self._unsynced = []

    def boot(self, flash: CuttingFlash) -> Recorder:
        """A new recorder finds its place, without writing."""
        recorder = Recorder(RawFlash(flash, 0, SECTORS), pages=3)
        operations = flash.operations
        self._unsynced = []  # what was in RAM is gone
        recorder.mount()
        assert flash.operations == operations, "looking for the place behind the last record has written"
        return recorder

    def _append(self, recorder: Recorder) -> None:
        self._count += 1
        count = self._count
        layout = _LAYOUTS[count * count % len(_LAYOUTS)]
        sequence = recorder._sequence
        values = [
            (count * 2654435761 >> shift) % (1 << 8 * _SIZES[kind] - 2) for shift, kind in enumerate(layout)
        ]
        if recorder.append(RecordKind(count % 250, layout), count, array("i", values)):
            fields = b"".join(v.to_bytes(_SIZES[kind], "big") for v, kind in zip(values, layout, strict=True))
            self.appended.add(Record(sequence, count, count % 250, fields))
            self._unsynced.append(Record(sequence, count, count % 250, fields))


def operations_of(flight: Flight, content: bytes | None = None) -> int:
    """How many programs and erases a life makes without a cut."""
    flash = CuttingFlash(SECTORS, content)
    Mission().fly(flash, flight)
    return flash.operations


def check(mission: Mission, flash: CuttingFlash) -> None:
    """AssertionError unless a flash that was cut holds what it must."""
    before, whole, left = (set(decode(bytes(c)).records) for c in (flash.before, flash.whole, flash.content))
    assert before & whole <= left, (
        f"{len(before & whole - left)} records lost that the operation did not touch"
    )
    assert left <= before | whole, f"{len(left - before - whole)} records that were never whole"
    assert left <= mission.appended, f"{len(left - mission.appended)} records that nobody appended"
    ring = decode(bytes(flash.content))
    newer = set(ring.records[ring.begins[1] if len(ring.begins) > 1 else 0 :])
    first = next((i for i, record in enumerate(mission.durable) if record in newer), len(mission.durable))
    missing = [record for record in mission.durable[first:] if record not in newer]
    assert not missing, f"{len(missing)} records lost that were synchronised"
    assert not mission.durable or mission.durable[-1] in ring.records, "the last synchronised record is lost"


def cuts(flight: Flight, second: Flight, seconds: int) -> Iterator[tuple[int, int, str]]:
    """Every cut of `flight`, each with every cut among the first `seconds` operations of the life after it.

    Yields (number of the first cut, of the second or 0, what is wrong or "").
    """
    for first in range(1, operations_of(flight) + 1):
        for how in Cut:
            mission = Mission()
            flash = CuttingFlash(SECTORS, None, first, how)
            complaint = _life(mission, flash, flight)
            yield first, 0, complaint
            appended, durable = set(mission.appended), list(mission.durable)
            for again in range(1, seconds + 1):
                for how_again in Cut:
                    mission.appended, mission.durable = set(appended), list(durable)
                    second_flash = CuttingFlash(SECTORS, bytes(flash.content), again, how_again, first)
                    yield first, again, _after(mission, second_flash, second)


def _after(mission: Mission, flash: CuttingFlash, flight: Flight) -> str:
    """A second life that is cut, and a third that is not."""
    complaint = _life(mission, flash, flight)
    if complaint:
        return complaint
    last = CuttingFlash(SECTORS, bytes(flash.content))
    before = {record.tick for record in mission.appended}
    mission.fly(last, Flight(1, 5, 1))
    records = decode(bytes(last.content)).records
    new = [record for record in records if record.tick not in before]
    if len(new) != 5:
        return f"the life after holds {len(new)} of its 5 records"
    if [record.tick for record in records] != sorted(record.tick for record in records):
        return "records are out of order"
    return ""


def _life(mission: Mission, flash: CuttingFlash, flight: Flight) -> str:
    try:
        mission.fly(flash, flight)
    except PowerCut:
        try:
            check(mission, flash)
        except AssertionError as error:
            return str(error)
        return ""
    return f"it was over before operation {flash.cut_at}"
