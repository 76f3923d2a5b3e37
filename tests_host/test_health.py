"""The watchdog and its feeder; why a board was reset, who was missing, and when it had better stay safe."""

import pytest

from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.wires import SerialLine
from plumbline.link import dictionary
from plumbline.services import reset_log
from plumbline.services.health import MOST_TASKS, Health, missing_task
from plumbline.services.reset_log import ASKED, POWER, PROGRAM_ENDED, REASON, TASKS, WATCHDOG, ResetLog
from plumbline.services.reset_report import report


class Watchdog:
    """Counts how often it is fed."""

    def __init__(self):
        self.fed = 0

    def feed(self):
        self.fed += 1


class Events:
    def __init__(self):
        self.said = []

    def emit(self, event, tick, argument=0):
        self.said.append((event, argument))


def armed(*deadlines):
    kept, watchdog = [0] * 4, Watchdog()
    health = Health(deadlines, kept)
    health.arm(watchdog)
    return health, watchdog, kept


def test_the_watchdog_is_fed_once_a_tick_when_all_have_checked_in():
    health, watchdog, _ = armed(1, 1)
    for _ in range(50):
        health.check_in(0)
        health.check_in(1)
        health.oversee()
    assert watchdog.fed == 50


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_it_is_not_fed_when_one_is_missing_and_the_word_says_who(missing):
    health, watchdog, kept = armed(1, 1, 1)
    for task in (task for task in range(3) if task != missing):
        health.check_in(task)
    health.oversee()  # the first tick that it misses: its age is 1, the deadline
    fed = watchdog.fed
    for _ in range(5):
        for task in (task for task in range(3) if task != missing):
            health.check_in(task)
        health.oversee()
    assert watchdog.fed == fed == 1
    assert health.late == 1 << missing
    assert missing_task(kept[REASON], kept[TASKS], 3) == missing


def test_a_slow_task_may_take_as_long_as_its_deadline():
    health, watchdog, kept = armed(1, 20)
    for tick in range(100):
        health.check_in(0)
        if tick % 20 == 0:
            health.check_in(1)
        health.oversee()
    assert watchdog.fed == 100
    for _ in range(2):
        health.check_in(0)
        health.oversee()
    # it checked in at tick 80; at 100 its age is 21
    assert watchdog.fed == 100
    assert missing_task(kept[REASON], kept[TASKS], 2) == 1
    health.check_in(0)  # the reset may come between a check-in and the end of the tick
    assert missing_task(kept[REASON], kept[TASKS], 2) == 1


def test_a_task_that_comes_back_before_the_watchdog_bites_is_forgiven():
    health, watchdog, kept = armed(1)
    health.oversee()
    health.oversee()
    assert watchdog.fed == 1
    health.check_in(0)
    health.oversee()
    assert (watchdog.fed, health.late) == (2, 0)
    assert missing_task(kept[REASON], kept[TASKS], 1) == 0  # nobody is called late any more: a hang, if any
    assert kept[REASON] == 0


def test_a_program_that_hangs_names_the_task_behind_the_last_that_came():
    health, _, kept = armed(1, 1, 20)
    for task in range(3):
        health.check_in(task)
    health.oversee()
    assert missing_task(kept[REASON], kept[TASKS], 3) == 0  # it hangs before the first
    health.check_in(0)
    assert missing_task(kept[REASON], kept[TASKS], 3) == 1


def test_a_word_that_nobody_has_written_names_nobody():
    for reason, came in ((0, -1), (0, 3), (0, 255), (0x3FFFFFFF, 7), (0x2A5C3401, -1)):
        assert missing_task(reason, came, 3) == -1


def test_more_tasks_than_the_word_has_room_for_are_refused():
    Health([1] * MOST_TASKS, [0] * 4)
    for count in (0, MOST_TASKS + 1):
        with pytest.raises(ValueError, match="one to twelve"):
            Health([1] * count, [0] * 4)


def lives(*durations_s, kept=None):
    """A board's logs: power-on, then a watchdog's reset after each of these times."""
    kept = [0] * 4 if kept is None else kept
    logs = [ResetLog(kept, POWER)]
    for duration_s in durations_s:
        for _ in range(duration_s):
            logs[-1].second()
        logs.append(ResetLog(kept, WATCHDOG))
    return logs


def test_power_on_is_no_reset_and_boots_are_counted_from_it():
    logs = lives(5, 5, 5)
    assert [log.boots for log in logs] == [1, 2, 3, 4]
    assert [log.resets for log in logs] == [0, 1, 2, 3]
    assert [log.cause for log in logs] == [POWER, WATCHDOG, WATCHDOG, WATCHDOG]


def test_three_resets_within_a_minute_are_too_many():
    # resets 30 s and 60 s after the first one
    assert [log.safe for log in lives(500, 30, 30)] == [False, False, False, True]
    assert [log.safe for log in lives(500, 30, 31)] == [False] * 4
    # a window that slides: the first of four is long ago, the last three are not
    assert [log.safe for log in lives(0, 55, 10, 10)] == [False, False, False, False, True]


def test_two_resets_soon_after_power_on_are_not_three():
    assert not any(log.safe for log in lives(0, 0))
    assert lives(0, 0, 0)[-1].safe


def test_a_long_life_is_not_taken_for_a_short_one():
    # ten bits of seconds hold 1023; the count stays there
    assert lives(900, 1, 1030, 1)[-1].resets == 2
    assert lives(5000, 2048, 3000)[-1].resets == 1


def test_power_off_forgets():
    kept = [0] * 4
    lives(1, 1, 1, kept=kept)
    log = ResetLog(kept, POWER)
    assert (log.boots, log.resets, log.safe) == (1, 0, False)


@pytest.mark.parametrize("bit", range(30))
@pytest.mark.parametrize("word", [1, 2])
def test_a_flipped_bit_in_the_count_is_noticed_and_the_count_begins_anew(word, bit):
    kept = [0] * 4
    lives(20, 20, kept=kept)
    kept[word] ^= 1 << bit
    log = ResetLog(kept, WATCHDOG)
    assert (log.cause, log.boots, log.safe, log.tasks) == (WATCHDOG, 1, False, -1)


def test_the_reason_that_a_program_leaves_is_found_once():
    kept = [0] * 4
    ResetLog(kept, POWER).leave_reason(PROGRAM_ENDED)
    assert ResetLog(kept, ASKED).cause == PROGRAM_ENDED
    assert ResetLog(kept, ASKED).cause == ASKED
    ResetLog(kept, POWER).leave_reason(PROGRAM_ENDED)
    assert ResetLog(kept, WATCHDOG).cause == WATCHDOG  # it got no further than to leaving the reason


def test_every_word_stays_within_thirty_bits():
    kept = [0] * 4
    for log in lives(*[1023] * 4, kept=kept):
        log.leave_reason(PROGRAM_ENDED)
        assert max(kept) < 2**30
    health = Health([1] * MOST_TASKS, kept)
    for task in range(MOST_TASKS):
        health.check_in(task)
        assert max(kept) < 2**30
    for _ in range(3):
        health.oversee()
        assert max(kept) < 2**30


def said_after(kept, cause):
    events = Events()
    report(ResetLog(kept, cause), events, 2)
    return events.said


def test_a_reset_is_reported_once_with_its_cause_and_who_was_missing():
    kept = [0] * 4
    assert said_after(kept, POWER) == []
    health = Health((1, 1), kept)
    health.check_in(0)
    assert said_after(kept, WATCHDOG) == [(dictionary.RESTARTED, WATCHDOG), (dictionary.TASK_MISSED, 1)]
    assert said_after(kept, ASKED) == [(dictionary.RESTARTED, ASKED)]
    assert said_after(kept, WATCHDOG)[-1] == (dictionary.SAFE_MODE, reset_log.SAFE_RESETS)


def missing(board):
    kept = board.health._kept
    return missing_task(kept[REASON], kept[TASKS], 3)


def propulsion():
    clock = Clock()
    lines = {"link": SerialLine(clock, 460_800).b, "bus": SerialLine(clock, 460_800).a}
    return clock, propulsion_board(clock, lines, Outlets(15))


def run(clock, board, ticks):
    for _ in range(ticks):
        clock.now_us += 10_000
        board.rate_group.poll()


def test_the_propulsion_board_feeds_its_watchdog_in_every_tick():
    clock, board = propulsion()
    watchdog = Watchdog()
    board.health.arm(watchdog)
    run(clock, board, 300)
    assert watchdog.fed == board.rate_group.ticks == 300
    assert board.reset_log._life_s == 3


def test_a_propulsion_tick_that_ends_early_starves_the_watchdog(monkeypatch):
    clock, board = propulsion()
    watchdog = Watchdog()
    board.health.arm(watchdog)
    run(clock, board, 30)

    def hungry():
        raise MemoryError

    monkeypatch.setattr(board, "_drive_valves", hungry)
    run(clock, board, 20)
    assert watchdog.fed == 30
    # demand has checked in, the valves have not
    assert missing(board) == 1


def test_a_status_that_is_not_sent_starves_the_watchdog_within_a_fifth_of_a_second(monkeypatch):
    clock, board = propulsion()
    watchdog = Watchdog()
    board.health.arm(watchdog)
    run(clock, board, 26)  # tick 25 sent the last one
    fed = watchdog.fed
    monkeypatch.setattr(
        board.health, "check_in", lambda task: task == 2 or Health.check_in(board.health, task)
    )
    run(clock, board, 40)
    assert watchdog.fed - fed == 19  # with tick 25 itself 20 ticks, its deadline
    assert missing(board) == 2
