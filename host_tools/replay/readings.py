"""A file of readings, row by row: every cell is looked at before the flight code sees it.

    for reading in read(path, ("laser", "radar")): ...

All that is wrong with a file is a ReadingsError of one line, with the row's number as an editor shows it.
"""

import csv
import difflib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from host_tools.replay.columns import (
    ALTIMETER,
    ANGLES,
    ATTITUDE,
    BEAM,
    COLUMNS,
    DOPPLER,
    FLAG_WORDS,
    FLAGS,
    HEADER,
    IMU,
    INERTIAL,
    INITIAL,
    KICKS,
    MOST_SAMPLES,
    SENSOR,
    SPEEDS,
    STATE,
    TIME,
    Column,
)

TICKS_A_SECOND = 100
LONGEST_GAP_S = 60.0  # without any row: then time_s is in another unit, or two files are in one
_LATEST_S = 1e10
_UNIT_LENGTH = 0.01  # how far a quaternion may be from length 1
# A beam is steered to the vertical in the pitch plane: a roll or yaw tilt makes its two components shorter.
_BEAM_LENGTH = 0.7

Cells = dict[str, str]
Progress = Callable[[int], None]


class ReadingsError(Exception):
    """Wrong readings, in one line; the file's name is the caller's to say."""

    def __init__(self, row: int | None, reason: str) -> None:
        super().__init__(reason if row is None else f"row {row}: {reason}")


@dataclass(frozen=True, slots=True)
class Reading:
    """One row. tick: the control tick of 10 ms that takes it in; values: the numbers that are there."""

    row: int
    time_s: float
    tick: int
    sensor: str
    values: dict[str, float]
    flags: int = 0


def read(path: Path, altimeters: Iterable[str], progress: Progress | None = None) -> Iterator[Reading]:
    """The readings in `path`, in their order. progress(bytes so far) is called with each row.

    altimeters: the names that may stand in the column `sensor` beside initial, imu and inertial.
    Raises ReadingsError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _readings(csv.reader(_counted(file, progress)), tuple(altimeters))
    except OSError as error:
        raise ReadingsError(None, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ReadingsError(None, "is not UTF-8 text") from None


def _counted(lines: Iterable[str], progress: Progress | None) -> Iterator[str]:
    done = 0
    for line in lines:
        done += len(line)
        if progress is not None:
            progress(done)
        yield line


def _readings(table, altimeters: tuple[str, ...]) -> Iterator[Reading]:
    rows = _rows(table)
    _, header = next(rows, (1, []))
    header = [name.strip() for name in header]
    _check_header(header)
    order = _Order()
    for row, cells in rows:
        if len(cells) != len(header):
            raise ReadingsError(row, f"has {len(cells)} cells, the header has {len(header)}")
        filled = {
            name: text.strip()
            for name, text in zip(header, cells, strict=True)
            if text and not text.isspace()
        }
        reading = _reading(row, filled, altimeters)
        order.check(reading)
        yield reading
    order.finish()


def _rows(table) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of every row that is not empty."""
    try:
        for cells in table:
            if any(cell.strip() for cell in cells):
                yield table.line_num, cells
    except csv.Error as error:
        raise ReadingsError(table.line_num, f"is not CSV: {error}") from None


def _check_header(header: list[str]) -> None:
    for name in header:
        if name not in HEADER:
            near = difflib.get_close_matches(name, HEADER, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ReadingsError(1, f"there is no column {name!r}{hint}")
        if header.count(name) > 1:
            raise ReadingsError(1, f"the column {name} is there twice")
    for name in (TIME, SENSOR):
        if name not in header:
            raise ReadingsError(1, f"the column {name} is missing")


def _reading(row: int, cells: Cells, altimeters: tuple[str, ...]) -> Reading:
    time_s = _number(row, TIME, _required(row, cells, TIME), 0.0, _LATEST_S)
    sensor = _required(row, cells, SENSOR)
    kind = sensor if sensor in (INITIAL, IMU, INERTIAL) else ALTIMETER
    if kind == ALTIMETER and sensor not in altimeters:
        known = ", ".join((INITIAL, IMU, INERTIAL, *altimeters))
        raise ReadingsError(row, f"there is no sensor {sensor!r}: one of {known}")
    flags = _flags(row, cells.pop(FLAGS, ""), kind)
    values = {}
    for name, text in cells.items():
        if name not in (TIME, SENSOR):
            column = COLUMNS[name]
            if kind not in column.kinds:
                raise ReadingsError(row, f"{name} does not belong into a row of {sensor}")
            values[name] = _value(row, column, text)
    _JUDGES[kind](row, values)
    # a reading is there for the first tick that begins after it; 1 us for decimals
    tick = max(0, math.ceil(time_s * TICKS_A_SECOND - 1e-4))
    return Reading(row, time_s, tick, sensor, values, flags)


def _required(row: int, cells: Cells, name: str) -> str:
    if name not in cells:
        raise ReadingsError(row, f"{name} is empty")
    return cells[name]


def _value(row: int, column: Column, text: str) -> float:
    value = _number(row, column.name, text, column.least, column.most)
    if column.whole and value != int(value):
        raise ReadingsError(row, f"{column.name}: must be a whole number (got {text})")
    return value


def _number(row: int, name: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text.replace("_", "no digit"))  # float() itself would take 1_000
    except ValueError:
        raise ReadingsError(row, f"{name}: must be a number (got {text[:40]!r})") from None
    if not least <= value <= most:  # not a number is not, either
        raise ReadingsError(row, f"{name}: must be {least:g} to {most:g} (got {text[:40]})")
    return value


def _flags(row: int, text: str, kind: str) -> int:
    flags = 0
    for word in text.split():
        if kind != ALTIMETER or word not in FLAG_WORDS:
            raise ReadingsError(row, f"flags: {word!r} is none of an altimeter's: {', '.join(FLAG_WORDS)}")
        flags |= FLAG_WORDS[word]
    return flags


def _all_or_none(row: int, values: dict[str, float], names: tuple[str, ...]) -> bool:
    """True when all are there."""
    missing = [name for name in names if name not in values]
    if missing and len(missing) < len(names):
        there = ", ".join(name for name in names if name in values)
        raise ReadingsError(row, f"{missing[0]} is empty, but not {there}")
    return not missing


def _of_length(row: int, values: dict[str, float], names: tuple[str, ...], least: float) -> None:
    if _all_or_none(row, values, names):
        length = math.hypot(*(values[name] for name in names))
        if not least <= length <= 1.0 + _UNIT_LENGTH:
            wanted = "the length 1" if least > 1.0 - 2.0 * _UNIT_LENGTH else f"a length from {least:g} to 1"
            raise ReadingsError(row, f"{', '.join(names)}: must have {wanted} (got {length:.3f})")


def _judge_state(row: int, values: dict[str, float]) -> None:
    for name in SPEEDS:
        if name not in values:
            raise ReadingsError(row, f"{name} is empty")
    _of_length(row, values, ATTITUDE, 1.0 - _UNIT_LENGTH)


def _judge_imu(row: int, values: dict[str, float]) -> None:
    if "samples" not in values:
        raise ReadingsError(row, "samples is empty")
    samples = values["samples"]
    if samples == 0:
        return
    for names, most in ((ANGLES, 4.0), (KICKS, 2.0)):
        for name in names:
            if name not in values:
                raise ReadingsError(row, f"{name} is empty")
            if abs(values[name]) > most * samples:
                raise ReadingsError(row, f"{name}: must be within {most:g} a sample (got {values[name]:g})")


def _judge_altimeter(row: int, values: dict[str, float]) -> None:
    _of_length(row, values, BEAM, _BEAM_LENGTH)
    _all_or_none(row, values, DOPPLER)


_JUDGES = {INITIAL: _judge_state, INERTIAL: _judge_state, IMU: _judge_imu, ALTIMETER: _judge_altimeter}


class _Order:
    """What only shows from row to row."""

    def __init__(self) -> None:
        self._time_s = math.nan
        self._first: dict[str, int] = {}  # of each kind its first row
        self._samples_tick = -1
        self._samples = 0

    def check(self, reading: Reading) -> None:
        kind = reading.sensor if reading.sensor in (INITIAL, IMU, INERTIAL) else ALTIMETER
        self._check_time(reading)
        if kind == ALTIMETER:
            if not self._first:
                raise ReadingsError(reading.row, "an altimeter before the first row of initial or inertial")
        else:
            self._check_inertial(reading, kind)
        if kind == IMU:
            self._check_samples(reading)
        self._first.setdefault(kind, reading.row)

    def _check_time(self, reading: Reading) -> None:
        gap_s = reading.time_s - self._time_s
        if gap_s < 0.0:
            raise ReadingsError(reading.row, f"time_s: {-gap_s:g} s before the row above")
        if gap_s > LONGEST_GAP_S:
            raise ReadingsError(reading.row, f"time_s: {gap_s:g} s after the row above; is it in seconds?")
        self._time_s = reading.time_s

    def _check_inertial(self, reading: Reading, kind: str) -> None:
        """Either increments from one initial state on, or ready-made velocities."""
        row, first = reading.row, self._first
        for other in (INITIAL, IMU) if kind == INERTIAL else (INERTIAL,):
            if other in first:
                raise ReadingsError(
                    row, f"{kind} does not go with {other} (row {first[other]}): one or the other"
                )
        if kind == INITIAL and INITIAL in first:
            raise ReadingsError(row, f"a second initial state; the first is in row {first[INITIAL]}")
        if kind in STATE and kind not in first and "altitude_m" not in reading.values:
            raise ReadingsError(row, f"altitude_m is empty in the first row of {kind}")

    def _check_samples(self, reading: Reading) -> None:
        if reading.tick != self._samples_tick:
            self._samples_tick, self._samples = reading.tick, 0
        self._samples += int(reading.values["samples"])
        if self._samples > MOST_SAMPLES:
            raise ReadingsError(
                reading.row, f"samples: {self._samples} in one tick of 10 ms, more than {MOST_SAMPLES}"
            )

    def finish(self) -> None:
        """The whole file has been seen."""
        if INERTIAL not in self._first:
            for kind in (INITIAL, IMU):
                if kind not in self._first:
                    raise ReadingsError(None, f"has no row of {kind}, and none of inertial either")
        if ALTIMETER not in self._first:
            raise ReadingsError(None, "has no row of an altimeter")
