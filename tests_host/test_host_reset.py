"""A board of the host that is reset: away for its time, back with what outlives a reset, deaf meanwhile."""

from types import SimpleNamespace

import pytest

from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import Lander
from host_tools.host_board.reset import READY_US, WATCHDOG_US, ResettableBoard
from host_tools.host_board.wires import SerialLine
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG


class Bench:
    """A board whose program counts its lives in a kept word."""

    def __init__(self, ready_us=190_000):
        self.clock = Clock()
        self.line = SerialLine(self.clock, 460_800)
        self.causes = []
        self.ticks = []
        self.died_us = []
        self.board = ResettableBoard(
            self.clock, self.boot, [self.line.a], ready_us, lambda: self.died_us.append(self.clock.now_us)
        )

    def boot(self, memory):
        self.causes.append(memory.cause)
        memory.kept[0] += 1
        memory.block[0] += 1
        return SimpleNamespace(rate_group=SimpleNamespace(poll=self.tick))

    def tick(self):
        self.ticks.append(self.clock.now_us)
        return True

    def run(self, ticks):
        for _ in range(ticks):
            self.clock.now_us += 10_000
            self.board.poll()


def test_a_board_is_away_for_its_time_and_comes_back_with_what_it_kept():
    bench = Bench(ready_us=190_000)
    bench.run(5)
    bench.board.reset(WATCHDOG)
    assert bench.board.is_away
    bench.run(25)
    # reset at 50 ms, back at 240
    assert bench.ticks == [*range(10_000, 60_000, 10_000), *range(240_000, 310_000, 10_000)]
    assert bench.causes == [POWER, WATCHDOG]
    assert bench.board.memory.kept[0] == bench.board.memory.block[0] == 2
    assert bench.board.resets == 1


def test_power_on_leaves_nothing_but_the_flash():
    bench = Bench()
    flash = bench.board.memory.flash
    bench.board.reset(POWER)
    bench.run(20)
    assert bench.causes == [POWER, POWER]
    assert bench.board.memory.kept[0] == bench.board.memory.block[0] == 1
    assert bench.board.memory.flash is flash


def test_a_program_that_hangs_is_reset_by_the_watchdog():
    bench = Bench()
    bench.run(1)
    bench.board.hang()
    bench.run(9)
    assert bench.board.hangs
    assert bench.died_us == []
    bench.run(1)
    assert bench.died_us == [10_000 + WATCHDOG_US]
    assert not bench.board.hangs


def test_what_comes_while_a_board_is_away_is_lost():
    bench = Bench()
    bench.line.b.write(b"before")
    bench.run(1)
    bench.board.reset()
    bench.line.b.write(b"meanwhile")
    bench.run(19)
    assert bench.line.a.read() == b""


def test_a_board_that_is_away_can_only_lose_its_power():
    bench = Bench(ready_us=100_000)
    bench.board.reset()
    bench.run(5)
    bench.board.reset()
    bench.board.hang()
    assert bench.board.resets == 1
    bench.board.reset(POWER)
    bench.run(9)
    assert bench.board.is_away
    bench.run(1)
    assert not bench.board.is_away
    assert bench.board.resets == 2


@pytest.mark.parametrize("kind", ["reset", "hang"])
def test_when_propulsion_dies_no_valve_is_open_100_ms_later_and_it_comes_back(kind):
    scenario = load("resilience_nominal")
    low = {"altitude_m": 3000.0, "horizontal_speed_m_s": 50.0, "range_to_site_m": 3000.0}
    near = scenario.model_copy(update={"start": scenario.start.model_copy(update=low)})
    lander = Lander(World(near, 1), flight_parameters(scenario.vehicle))
    while not lander.world.open_shares[:, 0].any():
        lander.step()
    getattr(lander.boards["propulsion"], kind)()
    died_us = lander.world.now_us
    open_at = []
    for _ in range(60):
        lander.step()
        if lander.world.open_shares.any():
            open_at.append(lander.world.now_us - died_us)
    # a pulse may last 100 ms at most; then nothing until the board is back, of a hang 80 ms later
    back_us = READY_US["propulsion"] + (WATCHDOG_US if kind == "hang" else 0)
    assert not [at for at in open_at if 110_000 < at < back_us]
    assert [at for at in open_at if at >= back_us]
    assert lander.propulsion.reset_log.cause == {"reset": ASKED, "hang": WATCHDOG}[kind]
