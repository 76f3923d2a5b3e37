"""The cycle budget: what each rate group takes on an emulated board, and what memory is left.

`python -m host_tools.emulator.budget` lands a vehicle from low altitude on two emulated boards, counts the
cycles of every tick, and measures the heap on a board that does not fly. Emulated cycles repeat exactly, but
leave out flash-cache misses, bus contention and exception entry: a gauge for regressions, no promise.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from host_tools.emulator.body import EmulatedBody
from host_tools.emulator.budget_tables import NS_PER_CYCLE, show, write_readme
from host_tools.emulator.chip import ChipError
from host_tools.emulator.far_end import FarEnd
from host_tools.emulator.flying_board import FlyingBoard, FlyingBoardError
from host_tools.flash.board_files import BOARDS
from host_tools.flash.firmware import Firmware, FirmwareError, firmware
from host_tools.host_board.body import NAME
from host_tools.host_board.clock import Clock
from host_tools.host_board.release_sequence import ReleaseSequence
from host_tools.landing.atomic import publish
from host_tools.landing.loop import BoardFailure, fly
from host_tools.landing.record import FlightRecord
from host_tools.scenarios.library import load
from host_tools.scenarios.schema import Scenario
from plumbline.link import dictionary
from plumbline.link.port import PacketPort

ROOT = Path(__file__).resolve().parents[2]
JSON = ROOT / "build" / "budget.json"
RECORDED = Path(__file__).with_name("budget.json")
WORSE_BY = 0.05  # more than this against the recorded figures is a failure
BOARD_OF = {"navigation": "navigation_pico", "propulsion": "propulsion_pico"}
LARGER_IS_BETTER = ("heap_free_bytes", "largest_free_block_bytes")

# What runs on a board in place of the last line's `.run()`; `program` is the subsystem.
_MEASURE = """
import gc, time, micropython
gc.collect()
gc.disable()
group = program.rate_group
def ticks(count):
    micropython.heap_lock()  # as in run(), which does not come back
    for _ in range(count):
        group._next = time.ticks_us()
        group.poll()
    micropython.heap_unlock()
before = after = 0  # their places in the dictionary of globals are made now
ticks(100)
before = gc.mem_alloc()
ticks(1000)
after = gc.mem_alloc()
print("allocated", after - before, group.starved)
started = time.ticks_us()
gc.collect()
print("pause", time.ticks_diff(time.ticks_us(), started))
print("free", gc.mem_free())
micropython.mem_info()
print("plumbline measured ready")
"""


def low_descent(name: str = "resilience_nominal") -> Scenario:
    """The end of a built-in landing, from 600 m and 25 m/s with nearly empty tanks: 67 s, every sensor."""
    scenario = load(name)
    low = {"altitude_m": 600.0, "horizontal_speed_m_s": 25.0, "range_to_site_m": 500.0}
    return scenario.model_copy(
        update={
            "name": f"{name}-low",
            "start": scenario.start.model_copy(update=low),
            "terrain": scenario.terrain.model_copy(update={"rims": []}),
            "vehicle": scenario.vehicle.model_copy(update={"ignition_mass_kg": 450.0}),
        }
    )


def of_ticks(record: FlightRecord) -> list[dict[str, Any]]:
    """Cycles of every rate group of an emulated landing."""
    return [_row(BOARD_OF[name], f"{name} 100 Hz", tick_ns) for name, tick_ns in record.tick_ns.items()]


def _row(board: str, rate_group: str, tick_ns: list[int]) -> dict[str, Any]:
    cycles = sorted(ns // NS_PER_CYCLE for ns in tick_ns)
    return {
        "board": board,
        "rate_group": rate_group,
        "ticks": len(cycles),
        "median_cycles": round(statistics.median(cycles)),
        "p999_cycles": cycles[min(len(cycles) - 1, int(0.999 * len(cycles)))],
        "worst_cycles": cycles[-1],
    }


def of_memory(board: str, built: Firmware) -> dict[str, int]:
    """Bytes that 1,000 ticks allocate, and what the heap looks like when the program stands."""
    text = (BOARDS / board / "main.py").read_text(encoding="utf-8").rstrip()
    head, _, last = text.rpartition("\n")
    if not last.endswith(".run()"):
        raise FlyingBoardError(f"boards/{board}/main.py does not end with a call of run()")
    program = f"{head}\nprogram = {last.removesuffix('.run()')}\n{_MEASURE}"
    with FlyingBoard(board, built.uf2, {}, {"main.py": program.encode()}) as measured:
        words = [line.split() for line in measured.console.decode(errors="replace").splitlines()]
    said = {line[0]: line[1:] for line in words if len(line) > 1}
    largest = next(line[-1] for line in words if "max" in line and "free" in line)
    allocated, starved = map(int, said["allocated"])
    return {
        "allocated_bytes": allocated,
        "starved_ticks": starved,
        "heap_free_bytes": int(said["free"][0]),
        "largest_free_block_bytes": 16 * int(largest),
        "collector_pause_cycles": 125 * int(said["pause"][0]),
    }


def measure(built: Firmware, record: FlightRecord | None = None) -> list[dict[str, Any]]:
    """Rows of build/budget.json: one for each rate group, then one of memory for each board."""
    if record is None:
        record = fly(low_descent(), seed=1, board="emulated", uf2=built.uf2)
    if not record.landed:
        raise BoardFailure(f"the landing that was to be measured failed: {record.headline}")
    rows, memory = of_ticks(record), []
    for row in rows:
        found = of_memory(row["board"], built)
        row["allocated_bytes"] = found.pop("allocated_bytes")
        row["starved_ticks"] = found.pop("starved_ticks")
        sizes = {"flash_bytes": built.flash_bytes, "static_ram_bytes": built.static_ram_bytes}
        memory.append({"board": row["board"], "memory": {**found, **sizes}})
    return rows + memory + of_structure(built)


def of_structure(built: Firmware) -> list[dict[str, Any]]:
    """Ten seconds of the structure board, with touchdown and the ramp: its ticks, then its memory."""
    clock = Clock()
    end = FarEnd(clock)
    port = PacketPort(end, dictionary.SPACECRAFT)
    mode = port.outgoing(dictionary.STRUCTURE_MODE)
    mode.values[0] = dictionary.MODE_SURFACE
    sequence = None
    with EmulatedBody(clock, end, built.uf2) as main:
        for tick in range(1000):
            clock.now_us += 10_000
            if tick == 100:
                main.body.touch((True, True, True, True))
                port.send(mode)
            elif tick == 200:
                sequence = ReleaseSequence(port, "ramp")
            main.step()
            while (apid := port.poll()) >= 0:
                if sequence is not None:
                    sequence.take(apid, port.values)
    if sequence is None or sequence.state != "fired":
        raise BoardFailure("the structure board did not fire the ramp in the run that was to be measured")
    row = _row(NAME, "structure 100 Hz", main.tick_ns)
    found = of_memory(NAME, built)
    row |= {key: found.pop(key) for key in ("allocated_bytes", "starved_ticks")}
    sizes = {"flash_bytes": built.flash_bytes, "static_ram_bytes": built.static_ram_bytes}
    return [row, {"board": NAME, "memory": {**found, **sizes}}]


def figures(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Every number under one name, as in "navigation_pico worst_cycles"."""
    flat = {}
    for row in rows:
        for key, value in {**row, **row.get("memory", {})}.items():
            if isinstance(value, int) and key != "ticks":
                flat[f"{row['board']} {key}"] = value
    return flat


def worsened(now: list[dict[str, Any]], recorded: list[dict[str, Any]]) -> list[str]:
    """One line for each figure that is more than WORSE_BY worse than recorded, or gone."""
    complaints = []
    measured = figures(now)
    for name, was in figures(recorded).items():
        value = measured.get(name)
        if value is None:
            complaints.append(f"{name} is no longer measured (recorded: {was:,})")
            continue
        worse = (
            value < was * (1 - WORSE_BY) if name.endswith(LARGER_IS_BETTER) else value > was * (1 + WORSE_BY)
        )
        if worse:
            complaints.append(f"{name} is {value:,}, recorded {was:,}")
    return complaints


def main(arguments: list[str] | None = None) -> int:
    """The command; exit code 1 when a figure has worsened, 2 when it cannot be measured."""
    parser = argparse.ArgumentParser(prog="host_tools.emulator.budget", description=__doc__)
    parser.add_argument("--record", action="store_true", help="take these figures as the recorded ones")
    given = parser.parse_args(arguments)
    try:
        rows = measure(firmware())
    except (BoardFailure, ChipError, FirmwareError, FlyingBoardError) as error:
        print(error, file=sys.stderr)
        return 2
    show(rows)
    written = (json.dumps(rows, indent=1) + "\n").encode()
    publish(JSON.parent, {JSON.name: written})
    if given.record:
        publish(RECORDED.parent, {RECORDED.name: written})
        write_readme(rows)
        return 0
    complaints = worsened(rows, json.loads(RECORDED.read_text(encoding="utf-8")))
    for complaint in complaints:
        print(f"worse by more than {WORSE_BY:.0%}: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
