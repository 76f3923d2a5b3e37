"""The result of a landing as files: landing.json, trace.csv and landing.png."""

import csv
import io
import json
import math
import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from host_tools.landing.atomic import publish
from host_tools.landing.record import TRACE_NUMBERS, TRACE_TEXTS, FlightRecord

_DECIMALS = 3  # millimetres, millimetres per second, thousandths
_WHOLE = ("navigation_overruns", "propulsion_overruns")


def write(record: FlightRecord, folder: Path) -> None:
    """Writes the three files into `folder`, whole or not at all. Raises OSError."""
    from host_tools.landing.picture import draw  # matplotlib takes a second to import

    publish(
        folder,
        {
            "landing.png": draw(record),
            "trace.csv": trace_csv(record).encode(),
            "landing.json": (json.dumps(summary(record), indent=2, allow_nan=False) + "\n").encode(),
        },
    )


def _number(value: float) -> float | None:
    """JSON has no nan: what was never measured is null."""
    return round(float(value), _DECIMALS) if math.isfinite(value) else None


def _numbers(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: _number(value) if isinstance(value, float) else value for key, value in fields.items()}


def summary(record: FlightRecord) -> dict[str, Any]:
    """What landing.json holds; units are in the names, null stands for what was never measured."""
    overruns = {board: int(record.trace[f"{board}_overruns"][-1]) for board in ("navigation", "propulsion")}
    false_ground = record.false_ground
    return {
        "scenario": record.scenario,
        "board": record.board,
        "seed": record.seed,
        "voter": record.voter,
        "altimeters": record.altimeters,
        "landed": record.landed,
        "outcome": record.headline,
        "touchdown": None if record.touchdown is None else _numbers(asdict(record.touchdown)),
        "propellant_left_kg": _number(record.propellant_left_kg),
        "propellant_left_fraction": _number(record.propellant_left_fraction),
        "max_agl_error_m": _number(record.max_agl_error_m),
        "max_altitude_error_m": _number(record.max_altitude_error_m),
        "estimate_at_zero": None if false_ground is None else _numbers(false_ground._asdict()),
        "rims": [_numbers(rim._asdict()) for rim in record.rims],
        "requirement": _numbers(asdict(record.requirement)),
        "moments": [
            {
                "name": moment.name,
                "time_s": _number(moment.time_s),
                "altitude_m": _number(record.at("true_altitude_m", moment.time_s)),
                "agl_m": _number(record.at("true_agl_m", moment.time_s)),
                "downrange_m": _number(record.at("downrange_m", moment.time_s)),
            }
            for moment in record.moments
        ],
        "events": [_numbers(event._asdict()) for event in record.events],
        "overruns": overruns,
        "tick_us": {
            board: {"median": statistics.median(ns) / 1000.0, "worst": max(ns) / 1000.0}
            for board, ns in record.tick_ns.items()
        },
        "kernels": record.kernels,
        "ticks": record.ticks,
        "flight_s": _number(record.flight_s),
        "wall_s": _number(record.wall_s),
    }


def trace_columns(record: FlightRecord) -> list[str]:
    """The columns of trace.csv, in their order."""
    altimeters = [f"{name}_{what}" for name in record.altimeters for what in ("range_m", "verdict")]
    return [*TRACE_NUMBERS, *TRACE_TEXTS, *altimeters]


def trace_csv(record: FlightRecord) -> str:
    """The trace as text; an empty cell stands for no reading."""
    columns = trace_columns(record)
    rows = zip(*(_cells(name, record.trace[name]) for name in columns), strict=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _cells(name: str, column: np.ndarray) -> list[str]:
    if column.dtype.kind not in "fiu":
        return [str(value) for value in column.tolist()]
    if name in _WHOLE:
        return [str(int(value)) for value in column.tolist()]
    return [f"{value:.{_DECIMALS}f}" if math.isfinite(value) else "" for value in column.tolist()]
