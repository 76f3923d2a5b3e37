"""Records as a table: a row each, a column for each field of each packet that occurs, empty where it is not.

Which fields a record has is said by its kind, a packet's function in the dictionary of the link.
"""

import csv
import io
from collections.abc import Sequence

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.recorder.decode import Record
from plumbline.link import dictionary
from plumbline.link.packet import PacketType

_PACKETS: dict[int, PacketType] = {packet.function: packet for packet in dictionary.PACKETS}
_SIGNED = 0x10
_SIZE = 0x0F
_OWN = ("sequence", "tick", "record")
_UNKNOWN = "bytes"  # of a kind that the dictionary has not, in hexadecimal

Row = dict[str, int | str]


def rows_of(records: Sequence[Record]) -> tuple[list[str], list[Row]]:
    """The columns' names, and each record by column."""
    rows = [_row(record) for record in records]
    present = {column for row in rows for column in row}
    known = [f"{packet.name}.{name}" for _, packet in sorted(_PACKETS.items()) for name, _ in packet.fields]
    return [*_OWN, *(name for name in [*known, _UNKNOWN] if name in present)], rows


def _row(record: Record) -> Row:
    row: Row = {"sequence": record.sequence, "tick": record.tick}
    packet = _PACKETS.get(record.kind)
    if packet is None or sum(kind & _SIZE for kind in packet.layout) != len(record.fields):
        return row | {"record": f"kind {record.kind}", _UNKNOWN: record.fields.hex()}
    row["record"] = packet.name
    at = 0
    for name, kind in packet.fields:
        size = kind & _SIZE
        row[f"{packet.name}.{name}"] = int.from_bytes(
            record.fields[at : at + size], "big", signed=bool(kind & _SIGNED)
        )
        at += size
    return row


def as_csv(records: Sequence[Record]) -> bytes:
    """The table as CSV."""
    columns, rows = rows_of(records)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(records: Sequence[Record]) -> bytes:
    """The table as Parquet; needs pyarrow. Raises ImportError."""
    import pyarrow
    import pyarrow.parquet

    columns, rows = rows_of(records)
    kinds = {name: pyarrow.string() for name in ("record", _UNKNOWN)}
    arrays = [
        pyarrow.array([row.get(name) for row in rows], kinds.get(name, pyarrow.int64())) for name in columns
    ]
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.table(arrays, names=columns), sink)
    return sink.getvalue().to_pybytes()
