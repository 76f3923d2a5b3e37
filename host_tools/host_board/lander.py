"""A lander on the host: navigation and propulsion boards, their parts and the spacecraft's bus.

The boards run the files in firmware/ unchanged. `step()` is one tick of 10 ms: the world moves,
the parts speak, navigation runs 2 ms and propulsion 8 ms after the sample, as two boards would
whose clocks do not agree.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
import machine
from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.doppler_radar import SimulatedDopplerRadar
from host_tools.host_board.parts.laser_altimeter import SimulatedLaserAltimeter
from host_tools.host_board.parts.stim300 import SimulatedStim300
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.wires import Harness, SerialLine, Wire
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.world import World
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.ports.simulated import Board
from plumbline.services.pins import PinTable
from plumbline.subsystems.navigation import LEGS, Navigation
from plumbline.subsystems.parameters import Parameters
from plumbline.subsystems.propulsion import Propulsion

BOARDS = Path(__file__).resolve().parents[2] / "boards"
LINES = (
    ("imu", 921_600),
    ("laser", 115_200),
    ("radar", 115_200),
    ("link", 460_800),
    ("navigation_bus", 460_800),
    ("propulsion_bus", 460_800),
)
NAVIGATION_PHASE_US = 2_000
PROPULSION_PHASE_US = 8_000  # after navigation at its slowest, and the link
_Q14 = 16384.0


def _pins(board: str) -> PinTable:
    return PinTable((BOARDS / board / "pins.csv").read_text(encoding="utf-8").splitlines())


class Lander:
    """Two boards and their parts around one world.

    on_event(time_s, board, name, severity, argument) is called for each event that reaches
    the spacecraft's side of the bus.
    """

    def __init__(
        self,
        world: World,
        parameters: dict[str, Any],
        vote: Callable[..., int] | None = None,
        on_event: Callable[[float, str, str, str, int], None] | None = None,
    ) -> None:
        self.world = world
        self.clock = Clock()
        self.outlets = Outlets(VALVES)
        self._on_event = on_event
        self.lines = line = {name: SerialLine(self.clock, baud) for name, baud in LINES}
        vehicle = world.scenario.vehicle
        latency_us = {part.kind: round(part.latency_s * 1e6) for part in vehicle.altimeters}
        radar_latency_s = vehicle.velocimeter.latency_s if vehicle.velocimeter else 0.05
        self.imu = SimulatedStim300(line["imu"].b)
        self.laser = SimulatedLaserAltimeter(line["laser"].b, self._laser, latency_us.get("laser", 20_000))
        self.radar = SimulatedDopplerRadar(
            line["radar"].b, self._radar, latency_us.get("radar", round(radar_latency_s * 1e6))
        )
        self._kinds = {part.kind for part in vehicle.altimeters}
        self._has_radar = "radar" in self._kinds or vehicle.velocimeter is not None
        pins = _pins("navigation_pico")
        self._legs = [Wire() for _ in range(LEGS)]
        harness = Harness(
            clock=self.clock,
            serial={
                "imu": line["imu"].a, "laser": line["laser"].a, "radar": line["radar"].a,
                "link": line["link"].a, "bus": line["navigation_bus"].a,
            },
            wires={
                pins.gpio("tick"): Wire(),
                **{pins.gpio(f"leg.{i + 1}"): wire for i, wire in enumerate(self._legs)},
            },
        )  # fmt: skip
        with machine.current_board(harness):
            board = Board("navigation_pico", pins, harness)
            options = {} if vote is None else {"vote": vote}
            self.navigation = Navigation(board, Parameters(parameters), **options)
        pins = _pins("propulsion_pico")
        harness = Harness(
            clock=self.clock,
            valves=self.outlets,
            serial={"link": line["link"].b, "bus": line["propulsion_bus"].a},
            wires={pins.gpio("tick"): Wire()},
        )
        with machine.current_board(harness):
            self.propulsion = Propulsion(Board("propulsion_pico", pins, harness))
        self._spacecraft = (
            ("navigation", PacketPort(line["navigation_bus"].b, dictionary.SPACECRAFT)),
            ("propulsion", PacketPort(line["propulsion_bus"].b, dictionary.SPACECRAFT)),
        )
        self._event_names = {number: name for number, name, _ in dictionary.EVENTS}
        self._send_initial_state()

    def _send_initial_state(self) -> None:
        """What orbit determination and the star tracker believe, as a command over the bus."""
        world, start = self.world, self.world.scenario.start
        port = self._spacecraft[0][1]
        packet = port.outgoing(dictionary.INITIAL_STATE)
        values = [
            round(world.believed_altitude_m * 1e3), round(world.believed_downrange_m * 1e3), 0,
            round(start.vertical_speed_m_s * 256e3), round(start.horizontal_speed_m_s * 256e3), 0,
            *(min(2**29 - 1, max(1 - 2**29, round(q * 2**29))) for q in world.believed_attitude),
            round(world.scenario.vehicle.ignition_mass_kg * 1e3),
        ]  # fmt: skip
        for i, value in enumerate(values):
            packet.values[i] = value
        port.send(packet)

    def _laser(self, _now_us: int, cos_q14: int, sin_q14: int) -> tuple[int, int]:
        return self.world.laser(cos_q14 / _Q14, sin_q14 / _Q14)

    def _radar(self, _now_us: int, cos_q14: int, sin_q14: int) -> tuple[int, int, int, int, int]:
        return self.world.radar(cos_q14 / _Q14, sin_q14 / _Q14)

    def step(self) -> None:
        """One tick of 10 ms."""
        world, clock = self.world, self.clock
        self.outlets.shares(world.now_us, SUBSTEP_US, world.open_shares)
        world.advance()
        now_us = world.now_us
        clock.now_us = now_us
        for wire, touching in zip(self._legs, world.touching, strict=True):
            wire.level = int(touching)
        self.imu.emit(world.counts)
        if "laser" in self._kinds:
            self.laser.advance(now_us)
        if self._has_radar:
            self.radar.advance(now_us)
        clock.now_us = now_us + NAVIGATION_PHASE_US
        self.navigation.rate_group.poll()
        clock.now_us = now_us + PROPULSION_PHASE_US
        self.propulsion.rate_group.poll()
        self._listen(now_us)

    def _listen(self, now_us: int) -> None:
        """The spacecraft's side of the bus: events are passed on."""
        for board, port in self._spacecraft:
            apid = port.poll()
            while apid >= 0:
                if apid & 0xFF == dictionary.EVENT.function and self._on_event is not None:
                    number, severity, _, argument = port.values[:4]
                    name = self._event_names[number]
                    self._on_event(now_us * 1e-6, board, name, dictionary.SEVERITIES[severity][1], argument)
                apid = port.poll()
