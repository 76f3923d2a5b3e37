"""Boards agree on the time: what a packet's delay, a drifting clock and a new start do to the offset."""

import random
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest

from host_tools.ground import packets
from host_tools.ground.codec import Received
from host_tools.ground.frames import FrameReader, frame
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import Lander
from host_tools.host_board.power import PowerBoard
from host_tools.host_board.rover import MicroRover
from host_tools.host_board.structure import MainBody
from host_tools.host_board.wires import SerialLine
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
from plumbline.services import board_time
from plumbline.services.board_time import BoardTime

WRAP_MS = 2**29


class Ticks:
    """A clock that wraps as a board's, and runs fast by so many parts in a million."""

    def __init__(self, start_us: int = 0, fast_ppm: int = 0) -> None:
        self.elapsed_us = 0
        self._start_us = start_us
        self._fast_ppm = fast_ppm

    def ticks_us(self) -> int:
        return (self._start_us + self.elapsed_us + self.elapsed_us * self._fast_ppm // 10**6) % 2**30

    @staticmethod
    def ticks_diff(later: int, earlier: int) -> int:
        return (later - earlier + 2**29) % 2**30 - 2**29


def test_the_wrap_of_the_clock_leaves_no_gap():
    ticks = Ticks(start_us=2**30 - 5_000_000)
    time = BoardTime(ticks)
    for second in range(1, 3_000):
        ticks.elapsed_us = second * 1_000_000 + 999
        assert time.now_ms() == second * 1_000


def test_no_millisecond_is_lost_however_often_one_asks():
    ticks = Ticks()
    time = BoardTime(ticks)
    for step in range(1, 5_000):
        ticks.elapsed_us = step * 333
        assert time.now_ms() == step * 333 // 1_000


def heard(ahead_ms: int, seconds: int, fast_ppm: int = 0) -> tuple[Ticks, BoardTime]:
    """A board whose sender is ahead, after so many packets that are up to 20 ms under way."""
    ticks = Ticks(fast_ppm=fast_ppm)
    time = BoardTime(ticks)
    delays = random.Random(1)
    for second in range(1, seconds + 1):
        ticks.elapsed_us = second * 1_000_000 + 1_000 * delays.randint(0, 20)
        time.take((second * 1_000 + ahead_ms) % WRAP_MS)
    return ticks, time


@pytest.mark.parametrize("ahead_ms", [0, 12_345, -12_345, WRAP_MS - 1, WRAP_MS // 2 - 10])
def test_the_offset_is_that_of_the_quickest_packet(ahead_ms):
    ticks, time = heard(ahead_ms, seconds=300)
    ticks.elapsed_us = 301_000_000
    off_ms = (time.common_ms() - 301_000 - ahead_ms + WRAP_MS // 2) % WRAP_MS - WRAP_MS // 2
    assert -5 <= off_ms <= 0  # within 10 s a packet comes within 2 ms, and by then it has sunk by 3


@pytest.mark.parametrize("fast_ppm", [-200, -100, 100, 200])
def test_a_clock_that_drifts_is_followed(fast_ppm):
    # 200 ppm over 2,000 s are 400 ms
    ticks, time = heard(5_000, seconds=2_000, fast_ppm=fast_ppm)
    ticks.elapsed_us = 2_001_000_000
    assert abs(time.common_ms() - 2_001_000 - 5_000) <= 10


# by (share that is lost, silence in s): for clocks that are slow, equal and fast; the table of services.md
WORST_MS = {
    (0.0, 0): ((-8, 0), (-8, 0), (-8, 1)),
    (0.0, 120): ((-27, 0), (-12, 0), (-6, 24)),
    (0.5, 0): ((-11, 0), (-9, 0), (-8, 2)),
    (0.5, 120): ((-26, 0), (-12, 0), (-5, 24)),
    (0.9, 0): ((-20, 0), (-12, 0), (-8, 11)),
    (0.9, 120): ((-41, 0), (-12, 0), (-7, 36)),
}


@pytest.mark.parametrize("fast_ppm", [-200, 0, 200])
@pytest.mark.parametrize("lost", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("gap_s", [0, 120])
def test_with_packets_lost_the_error_is_a_delay_and_the_drift_of_the_silence(fast_ppm, lost, gap_s):
    # A packet is up to 12 ms under way, so the time may be as late. In a silence of q seconds the clocks part
    # by 0.2 ms * q, either way. The offset sinks by a whole 1 ms each 4 s, and times are whole ones: 2 ms.
    noise = random.Random(3)
    ticks = Ticks(fast_ppm=fast_ppm)
    time = BoardTime(ticks)
    heard_s, jumps, least_ms, most_ms = [0], 0, 0, 0
    for second in range(1, 3_000):
        is_lost = second % 600 < gap_s or noise.random() < lost
        if second == 1 or not is_lost:
            ticks.elapsed_us = second * 1_000_000 + 1_000 * noise.randint(0, 12)
            jumps += time.take(second * 1_000 + 777_000)
            heard_s.append(second)
        ticks.elapsed_us = second * 1_000_000 + 500_000
        off_ms = time.common_ms() - (second * 1_000 + 777_500)
        least_ms, most_ms = min(least_ms, off_ms), max(most_ms, off_ms)
        silence_s = max(b - a for a, b in pairwise([*heard_s[-40:], second + 1]))
        assert -(12 + silence_s / 5 + 2) <= off_ms <= silence_s / 5 + 2
    assert jumps == 1  # the first one: no drift is taken for a jump
    assert (least_ms, most_ms) == WORST_MS[lost, gap_s][fast_ppm // 200 + 1]


@pytest.mark.parametrize("fast_ppm", [-200, 200])
def test_clocks_that_part_in_a_long_silence_have_not_jumped(fast_ppm):
    ticks, time = heard(5_000, seconds=100, fast_ppm=fast_ppm)
    ticks.elapsed_us = 500_000_000  # 400 s: they are 80 ms apart
    assert not time.take(505_000)
    assert abs(time.common_ms() - 505_000) <= 2


def test_a_sender_that_starts_anew_is_followed_at_once_and_said():
    ticks, time = heard(5_000, seconds=100)
    ticks.elapsed_us = 101_000_000
    assert not time.take(106_000)
    ticks.elapsed_us = 102_000_000
    assert time.take(700)
    assert time.common_ms() == 700
    ticks.elapsed_us = 103_000_000
    assert not time.take(1_700)


def test_before_the_first_packet_the_time_is_the_boards_own():
    ticks = Ticks()
    time = BoardTime(ticks)
    ticks.elapsed_us = 4_000_000
    assert time.common_ms() == time.now_ms() == 4_000
    assert time.take(4_000)  # the first one is said, whatever it is


def test_navigation_sends_its_time_once_a_second_and_propulsion_keeps_the_offset():
    scenario = load("resilience_nominal")
    events: list[tuple[str, str, int]] = []
    lander = Lander(
        World(scenario, seed=3),
        flight_parameters(scenario.vehicle),
        on_event=lambda _s, board, name, _severity, argument: events.append((board, name, argument)),
    )
    for _ in range(320):
        lander.step()
    state = lander.propulsion.time.state
    assert state[board_time.HEARD] == 4  # sent in ticks 5, 105, 205 and 305
    assert abs(lander.propulsion.time.common_ms() - lander.navigation.time.now_ms()) <= 10
    assert [event[:2] for event in events if event[1] == "time_taken"] == [("propulsion", "time_taken")]


class Drifting(Clock):
    """A board's clock that runs fast by so many parts in a million."""

    def __init__(self, fast_ppm: int) -> None:
        super().__init__()
        self._fast_ppm = fast_ppm

    def ticks_us(self) -> int:
        return (self.now_us + self.now_us * self._fast_ppm // 10**6) & (2**30 - 1)


Status = type[packets.PowerStatus] | type[packets.StructureStatus] | type[packets.RoverStatus]


@pytest.mark.parametrize(("kind", "fast_ppm"), [("power", 100), ("structure", -100), ("rover", 100)])
def test_telemetry_and_events_carry_navigation_s_time(kind, fast_ppm):
    clock = Drifting(fast_ppm)
    line = SerialLine(clock, 460_800)
    boards: dict[str, Callable[[], tuple[Callable[[], None], Status, int]]] = {
        "power": lambda: (PowerBoard(clock, line.b).step, packets.PowerStatus, 0x1377),
        "structure": lambda: (MainBody(clock, line.b).step, packets.StructureStatus, 0x1477),
        "rover": lambda: (MicroRover(clock, line.b).step, packets.RoverStatus, 0x1577),
    }
    step, status, unknown = boards[kind]()
    reader, noise = FrameReader(), random.Random(7)
    header = bytes.fromhex(f"{unknown:04x} c000 0004") + b"\1"
    command = frame(header + zlib.crc32(header).to_bytes(4, "big"))
    stamped: list[tuple[type, int]] = []
    told = []
    for tick in range(1, 6_001):
        clock.now_us += 10_000
        now_ms = clock.now_us // 1_000 + 4_321_000  # navigation's
        if tick % 100 == 0 and noise.random() < 0.7:  # three in ten are lost
            line.a.write(frame(packets.Time(now_ms).encode()))
        if tick % 500 == 0:
            line.a.write(command)
        step()
        for item in reader.feed(line.a.read()):
            assert isinstance(item, Received)
            if isinstance(item.packet, packets.Event | status):
                if isinstance(item.packet, packets.Event) and item.packet.id == packets.EventId.TIME_TAKEN:
                    told.append(item.packet.argument)
                if told:
                    stamped.append((type(item.packet), abs(item.packet.time_ms - now_ms)))
    assert len(told) == 1
    assert {packet for packet, _ in stamped} == {packets.Event, status}
    # its delay to the board and the packet's to us, 20 ms at most; drift between two packets that are heard
    assert max(off_ms for _, off_ms in stamped) <= 25


def test_the_hosts_clock_is_one_of_those():
    clock = Clock()
    time = BoardTime(clock)
    clock.now_us += 1_234_567
    assert time.now_ms() == 1_234
