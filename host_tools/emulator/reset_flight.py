"""Two emulated Picos in flight, one of which dies: how long until demands come again, and valves meanwhile.

    measured = fly_through_a_reset(uf2, scenario, hang_tick=600, ticks=700)

The navigation board's own main.py with one addition: in its first life it hangs in a given tick. With the
flight strap closed the watchdog resets it; what follows is the flight code alone. Times are the chips' own.
"""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.emulator.chip import Chip, ChipError, Slice
from host_tools.emulator.far_end import FarEnd
from host_tools.emulator.filesystem import image
from host_tools.emulator.flying_board import outputs_of
from host_tools.emulator.lander import ValvePins
from host_tools.flash.board_files import board_files
from host_tools.flash.flight_image import of_present_code
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import pin_table
from host_tools.host_board.surroundings import LINES, Surroundings
from host_tools.scenarios.parameters import flight_parameters, propulsion_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.link import dictionary
from plumbline.link.port import PacketPort

_HANG = b"""
program = Navigation(Board.from_files("navigation_pico"), Parameters.from_file("parameters.json"))
if program.reset_log.cause == 0:
    tick = program.rate_group._tick

    def hang():
        if program.rate_group.ticks == %d:
            while True:
                pass
        tick()

    program.rate_group._tick = hang
program.run()
"""
_BOOT_NS = 400_000_000  # of both boards with the flight image
_TICK_NS = 10_000_000
_TICK_US = 10_000
_BAUD = dict(LINES)
_PARTS = ("imu", "laser", "radar")
_LINK_BYTE_NS = -(-10 * 1_000_000_000 // _BAUD["link"])
_ARMED = 1  # of a demand's flags


@dataclass
class Measured:
    """A flight through one reset. Times in nanoseconds of the world; demands: armed ones, when complete."""

    resets_ns: list[int] = field(default_factory=list)
    demands_ns: list[int] = field(default_factory=list)
    edges: list[tuple[int, int, int]] = field(default_factory=list)  # ns, valve, level
    events: list[tuple[float, str, str, int]] = field(default_factory=list)  # s, board, event, argument

    @property
    def reset_to_demand_ms(self) -> float:
        """From the watchdog's bite to the first armed demand."""
        return (next(at for at in self.demands_ns if at > self.resets_ns[0]) - self.resets_ns[0]) / 1e6

    @property
    def last_demand_to_demand_ms(self) -> float:
        """From the last armed demand of the first life to the first one of the second."""
        return self.reset_to_demand_ms + (self.resets_ns[0] - self._last_ns) / 1e6

    @property
    def last_demand_to_valves_off_ms(self) -> float:
        """From the last armed demand of the first life until the last valve has closed."""
        closed = [at for at, _, level in self.edges if not level and at < self._back_ns]
        return (max(closed) - self._last_ns) / 1e6

    @property
    def valves_open_meanwhile(self) -> set[int]:
        """Valves that were open between 110 ms after the last demand and the next one."""
        levels = {valve: level for at, valve, level in self.edges if at <= self._last_ns + 110_000_000}
        still = {valve for valve, level in levels.items() if level}
        return still | {v for at, v, _ in self.edges if self._last_ns + 110_000_000 < at < self._back_ns}

    @property
    def _last_ns(self) -> int:
        return max(at for at in self.demands_ns if at < self.resets_ns[0])

    @property
    def _back_ns(self) -> int:
        return next(at for at in self.demands_ns if at > self.resets_ns[0])


class _Tap:
    """Listens to the link as propulsion does, byte by byte."""

    def __init__(self) -> None:
        self._port = PacketPort(self, dictionary.PROPULSION)
        self._byte: int | None = None

    def readinto(self, buffer: bytearray) -> int | None:
        """The byte, once."""
        if self._byte is None:
            return None
        buffer[0], self._byte = self._byte, None
        return 1

    def demand(self, byte: int) -> bool:
        """Whether an armed demand is complete with this byte."""
        self._byte = byte
        return self._port.poll() == dictionary.DEMAND.apid and bool(self._port.values[1] & _ARMED)


class _Board:
    """A chip on its lines; its time is the world's and what it took to boot."""

    def __init__(self, name: str, uf2: Path, lines: dict[str, int], files: dict[str, bytes]) -> None:
        pins = pin_table(name)
        self._outputs = {pins.gpio(signal): i for i, signal in enumerate(outputs_of(pins))}
        self._strap = pins.gpio("strap")
        with tempfile.TemporaryDirectory() as folder:
            flash = Path(folder) / "flash"
            flash.write_bytes(image(uf2, {**board_files(name, of_present_code(uf2)), **files}))
            self.chip = Chip(None, flash)
        for line, baudrate in lines.items():
            self.chip.attach_serial(line, pins.gpio(line + ".tx"), pins.gpio(line + ".rx"), baudrate)
        self.chip.watch(list(self._outputs))
        self.chip.run(_BOOT_NS, pins=[(0, self._strap, 1)])

    def run(self, until_ns: int, serial: dict[str, list[tuple[int, bytes]]]) -> Slice:
        """To a time of the world. Raises ChipError when the chip has stopped."""
        chunks = {line: [(at + _BOOT_NS, data) for at, data in chunk] for line, chunk in serial.items()}
        slice_ = self.chip.run(until_ns + _BOOT_NS, serial=chunks)
        if slice_.fault is not None:
            raise ChipError(f"the board has stopped: {slice_.fault.message}")
        return slice_

    def edges(self, slice_: Slice) -> list[tuple[int, int, int]]:
        """Of the valves: ns of the world, valve, level."""
        return [(at - _BOOT_NS, self._outputs[gpio], level) for at, gpio, level in slice_.edges]


def fly_through_a_reset(uf2: Path, scenario: Scenario, hang_tick: int, ticks: int, seed: int = 1) -> Measured:
    """Fly so many ticks; navigation hangs in its tick `hang_tick`. Raises ChipError, FirmwareError."""
    world = World(scenario, seed)
    clock = Clock()
    told = Measured()
    ends = {name: FarEnd(clock) for name in _BAUD if name != "link"}

    def hear(time_s: float, board: str, name: str, _severity: str, argument: int) -> None:
        told.events.append((time_s, board, name, argument))

    surroundings = Surroundings(world, ends, hear)
    files = {"parameters.json": json.dumps(flight_parameters(scenario.vehicle)).encode()}
    main = board_files("navigation_pico")["main.py"].rpartition(b"\nNavigation(")[0]
    files["main.py"] = main + _HANG % hang_tick
    lines = {name: _BAUD[name] for name in (*_PARTS, "link")} | {"bus": _BAUD["navigation_bus"]}
    navigation = _Board("navigation_pico", uf2, lines, files)
    with navigation.chip:
        lines = {"link": _BAUD["link"], "bus": _BAUD["propulsion_bus"]}
        vehicle = {"parameters.json": json.dumps(propulsion_parameters(scenario.vehicle)).encode()}
        propulsion = _Board("propulsion_pico", uf2, lines, vehicle)
        with propulsion.chip:
            surroundings.send_initial_state()
            valves, tap = ValvePins(VALVES), _Tap()
            for _ in range(ticks):
                valves.shares(world.now_us, SUBSTEP_US, world.open_shares)
                world.advance()
                clock.now_us = world.now_us
                surroundings.sample()
                until_ns = 1000 * world.now_us + _TICK_NS
                serial = {name: ends[name].take() for name in _PARTS}
                slice_ = navigation.run(until_ns, serial | {"bus": ends["navigation_bus"].take()})
                sent = {line: [(at - _BOOT_NS, b) for at, b in out] for line, out in slice_.serial.items()}
                for name in _PARTS:
                    ends[name].give(sent.get(name, []))
                ends["navigation_bus"].give(sent.get("bus", []))
                link = sent.get("link", [])
                told.demands_ns += [at for at, byte in link if tap.demand(byte)]
                told.resets_ns += [reset.at_ns - _BOOT_NS for reset in slice_.resets]
                carried = [(at - _LINK_BYTE_NS, bytes((byte,))) for at, byte in link]
                slice_ = propulsion.run(until_ns, {"link": carried, "bus": ends["propulsion_bus"].take()})
                ends["propulsion_bus"].give([(at - _BOOT_NS, b) for at, b in slice_.serial.get("bus", [])])
                edges = propulsion.edges(slice_)
                valves.add(edges)
                told.edges += edges
                surroundings.listen()
    return told
