"""What a lander's boards are plugged into: the parts in the world, and the spacecraft on the bus.

The same parts serve every kind of board. Each speaks at its end of a serial line; who is at the
other end, a host board or an emulated chip, they cannot tell.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.parts.doppler_radar import SimulatedDopplerRadar
from host_tools.host_board.parts.laser_altimeter import SimulatedLaserAltimeter
from host_tools.host_board.parts.stim300 import OVERLOAD, SimulatedStim300
from host_tools.host_board.wires import PartEnd
from host_tools.world.world import World
from plumbline.link import dictionary
from plumbline.link.port import PacketPort

LINES = (  # name, baud rate; `link` runs between the boards, the others to a part or to the spacecraft
    ("imu", 921_600),
    ("imu_2", 921_600),
    ("laser", 115_200),
    ("radar", 115_200),
    ("link", 460_800),
    ("navigation_bus", 460_800),
    ("propulsion_bus", 460_800),
)
BUSES = ("navigation", "propulsion")
# When in a tick of the world the boards' ticks begin. Navigation: when the inertial unit's
# five datagrams are there (1.52 ms). Propulsion: after navigation at its slowest (5 ms), and the link.
NAVIGATION_PHASE_US = 2_000
PROPULSION_PHASE_US = 8_000
_Q14 = 16384.0

OnEvent = Callable[[float, str, str, str, int], None]


def initial_state(world: World) -> list[int]:
    """The fields of INITIAL_STATE for this world, as it is believed to be."""
    start = world.scenario.start
    return [
        round(world.believed_altitude_m * 1e3), round(world.believed_downrange_m * 1e3), 0,
        round(start.vertical_speed_m_s * 256e3), round(start.horizontal_speed_m_s * 256e3), 0,
        *(min(2**29 - 1, max(1 - 2**29, round(q * 2**29))) for q in world.believed_attitude),
        round(world.scenario.vehicle.told.ignition_mass_kg * 1e3),
    ]  # fmt: skip


class Surroundings:
    """Parts and spacecraft around one world.

    ends: the far end of each board's line, by the names of LINES without `link`.
    on_event(time_s, board, name, severity, argument) is called for each event that reaches
    the spacecraft's side of the bus.
    """

    def __init__(self, world: World, ends: Mapping[str, PartEnd], on_event: OnEvent | None = None) -> None:
        self.world = world
        self._on_event = on_event
        vehicle = world.scenario.vehicle
        latency_us = {part.kind: round(part.latency_s * 1e6) for part in vehicle.altimeters}
        radar_latency_s = vehicle.velocimeter.latency_s if vehicle.velocimeter else 0.05
        self.imu = SimulatedStim300(ends["imu"])
        self.imu_2 = SimulatedStim300(ends["imu_2"])
        self._laser_latency_us = latency_us.get("laser", 20_000)
        self._radar_latency_us = latency_us.get("radar", round(radar_latency_s * 1e6))
        self.laser = SimulatedLaserAltimeter(ends["laser"], self._laser, self._laser_latency_us)
        self.radar = SimulatedDopplerRadar(ends["radar"], self._radar, self._radar_latency_us)
        self._has_laser = "laser" in latency_us
        self._has_radar = "radar" in latency_us or vehicle.velocimeter is not None
        self.spacecraft = [
            (board, PacketPort(ends[board + "_bus"], dictionary.SPACECRAFT)) for board in BUSES
        ]
        self._event_names = {number: name for number, name, _ in dictionary.EVENTS}

    def send_initial_state(self) -> None:
        """What orbit determination and the star tracker believe, as a command over the bus."""
        port = self.spacecraft[0][1]
        packet = port.outgoing(dictionary.INITIAL_STATE)
        for i, value in enumerate(initial_state(self.world)):
            packet.values[i] = value
        port.send(packet)

    def _laser(self, _now_us: int, cos_q14: int, sin_q14: int) -> tuple[int, int]:
        return self.world.laser(cos_q14 / _Q14, sin_q14 / _Q14)

    def _radar(self, _now_us: int, cos_q14: int, sin_q14: int) -> tuple[int, int, int, int, int]:
        return self.world.radar(cos_q14 / _Q14, sin_q14 / _Q14)

    def sample(self) -> None:
        """The parts' turn after the world has advanced: they measure, and answer what has come by now."""
        now_us = self.world.now_us
        self._sample_inertial("imu", self.imu, self.world.counts)
        if self.world.second is not None:
            self._sample_inertial("imu_2", self.imu_2, self.world.second.counts)
        if self.world.faults is not None:
            self.laser.latency_us = self._laser_latency_us + self.world.extra_latency_us("laser")
            self.radar.latency_us = self._radar_latency_us + self.world.extra_latency_us("radar")
        if self._has_laser:
            self.laser.advance(now_us)
        if self._has_radar:
            self.radar.advance(now_us)

    def _sample_inertial(self, name: str, unit: SimulatedStim300, counts: NDArray[np.int64]) -> None:
        """An inertial unit's turn, whatever it suffers from."""
        faults = self.world.faults
        if faults is not None:
            unit.gyro_status = OVERLOAD if name in faults.overloaded else 0
            if name in faults.silent:
                unit.counter = 0  # it begins anew after a reset
                return
        unit.emit(counts)

    def listen(self) -> None:
        """The spacecraft's side of the bus: events are passed on."""
        for board, port in self.spacecraft:
            apid = port.poll()
            while apid >= 0:
                if apid & 0xFF == dictionary.EVENT.function and self._on_event is not None:
                    number, severity, _, argument = port.values[:4]
                    name = self._event_names[number]
                    said = dictionary.SEVERITIES[severity][1]
                    self._on_event(self.world.now_us * 1e-6, board, name, said, argument)
                apid = port.poll()
