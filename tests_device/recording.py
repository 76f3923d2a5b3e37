"""Stores parameters and records without end, and says what stands in flash: for power cuts from outside.

Round n stores parameter set n and then records 60 records with ticks 100 n to 100 n + 59, of which every
field follows from the tick. So whoever looks at the flash after a cut can tell right from wrong.
"""

from array import array

from plumbline.link.packet import I32
from plumbline.ports.rp2_flash import raw_flash
from plumbline.services.recorder import Recorder, RecordKind
from plumbline.services.stored_parameters import StoredParameters

PARAMETERS = 130
SECTORS = 6  # of the ring, which begins behind the two of the parameters
RECORDS = 60
FIELDS = 12


def field(tick, index):
    """A record's field."""
    return tick * 16 + index


def main():
    """What main.py calls."""
    flash = raw_flash()
    values = array("i", [0] * PARAMETERS)
    fields = [("p%d" % i, values, i, 0, 1000000000) for i in range(PARAMETERS)]
    stored = StoredParameters(flash.part(0, 2), fields)
    found = stored.load()
    number = values[0]
    whole = all([value == number for value in values])
    recorder = Recorder(flash.part(2, SECTORS))
    recorder.mount()
    print("found", number if whole else -1, found)
    record = array("i", [0] * FIELDS)
    kind = RecordKind(1, [I32] * FIELDS)
    while True:
        number += 1
        for i in range(PARAMETERS):
            values[i] = number
        stored.save()
        print("set", number)
        while recorder.erase_ahead(2):
            pass
        for i in range(RECORDS):
            tick = 100 * number + i
            for j in range(FIELDS):
                record[j] = field(tick, j)
            recorder.append(kind, tick, record)
            recorder.write()
        if recorder.sync():
            print("synced", number)
