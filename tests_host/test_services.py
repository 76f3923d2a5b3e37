"""Rate groups and events: what happens when, and what is said of it."""

from host_tools.host_board.clock import FIRST_TICKS_US, TICKS_PERIOD_US, Clock
from host_tools.host_board.wires import SerialLine
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.events import EventLog
from plumbline.services.rate_group import RateGroup

PERIOD_US = 10_000


def no_mark(level):
    """For a rate group whose pin nobody looks at."""


def test_the_mark_is_high_while_a_tick_runs():
    clock, said = Clock(), []
    group = RateGroup(clock, PERIOD_US, lambda: said.append("tick"), said.append)
    clock.now_us = PERIOD_US
    assert group.poll()
    assert said == [1, "tick", 0]


def test_a_tick_runs_once_for_each_period_and_not_before():
    clock, ran = Clock(), []
    group = RateGroup(clock, PERIOD_US, lambda: ran.append(clock.now_us), no_mark)
    for now_us in range(0, 35_000, 1_000):
        clock.now_us = now_us
        group.poll()
    assert ran == [10_000, 20_000, 30_000]
    assert (group.ticks, group.overruns) == (3, 0)


def test_the_wrap_of_the_ticks_passes_unseen():
    clock = Clock()
    assert FIRST_TICKS_US + 5_000_000 == TICKS_PERIOD_US  # the wrap comes 5 s after the start
    group = RateGroup(clock, PERIOD_US, lambda: None, no_mark)
    for now_us in range(0, 10_000_001, PERIOD_US):
        clock.now_us = now_us
        group.poll()
    # 10 s at 100 Hz, across the wrap
    assert (group.ticks, group.overruns) == (1000, 0)


def test_a_tick_that_takes_35_ms_is_counted_as_three_overruns_and_not_made_up_in_a_burst():
    clock, ran = Clock(), []

    def slow():
        ran.append(clock.now_us)
        if len(ran) == 2:
            clock.now_us += 35_000

    group = RateGroup(clock, PERIOD_US, slow, no_mark)
    while clock.now_us <= 100_000:
        group.poll()
        clock.now_us += 100
    # started at 20.0 ms, ended at 55: the ticks of 30, 40 and 50 are lost, the next is that of 60
    assert group.overruns == 3
    assert [round(us, -3) for us in ran] == [10_000, 20_000, 60_000, 70_000, 80_000, 90_000, 100_000]


def test_a_stall_shorter_than_a_period_loses_nothing():
    clock, ran = Clock(), []

    def slow():
        ran.append(clock.now_us)
        clock.now_us += 9_900

    group = RateGroup(clock, PERIOD_US, slow, no_mark)
    while clock.now_us < 1_000_000:
        group.poll()
        clock.now_us += 50
    assert group.overruns == 0
    assert len(ran) == 99  # at 10, 20 .. 990 ms


def test_an_event_reaches_the_spacecraft_with_its_severity_tick_and_argument():
    clock = Clock()
    line = SerialLine(clock, 460_800)
    log = EventLog(PacketPort(line.a, dictionary.NAVIGATION))
    ground = PacketPort(line.b, dictionary.SPACECRAFT)
    log.emit(dictionary.TERRAIN_STEP, 70_000, -3001)
    clock.now_us += 10_000
    assert ground.poll() & 0xFF == dictionary.EVENT.function
    # the tick is sent in 16 bits: 70,000 - 65,536
    assert list(ground.values[:4]) == [dictionary.TERRAIN_STEP, dictionary.ACTIVITY, 4464, -3001]
    assert ground.poll() == -1
    assert log.counts[dictionary.ACTIVITY] == 1
    assert sum(log.counts) == 1


def test_a_tick_that_wants_memory_is_ended_and_counted_and_the_next_one_runs():
    clock, ran = Clock(), []

    def hungry():
        ran.append(clock.now_us)
        if len(ran) == 2:
            raise MemoryError

    group = RateGroup(clock, PERIOD_US, hungry, no_mark)
    for now_us in range(PERIOD_US, 5 * PERIOD_US, PERIOD_US):
        clock.now_us = now_us
        group.poll()
    assert ran == [10_000, 20_000, 30_000, 40_000]
    assert (group.ticks, group.starved, group.overruns) == (4, 1, 0)
