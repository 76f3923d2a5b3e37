"""What one trial's votes say, each as a number that a question judges.

Nobody is asked for what no reading could tell: times count from when physics lets a sound altimeter see the
ground below, and, where one speaks against another, from when it shows which of them is wrong.
"""

import numpy as np
from numpy.typing import NDArray

from host_tools.trials.flight import Votes
from host_tools.trials.readings import HELD_TICKS, READ_EVERY_TICKS
from host_tools.trials.streams import LASER, Plan, Stream

TICK_S = 0.01
ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT = 1, 2, 3, 4
GOOD_READINGS = 10
CREEPING = ("drift", "delayed")  # faults that neither jump nor repeat themselves, as slopes do not
STANDING = ("bias", "wrong")  # faults that show by the jump with which they begin
_STEADY_TICKS = 30
_BASELINE_TICKS = 200
_SIGMA_SHARE = {LASER: 0.002}  # of the height; others are radars
RADAR_SIGMA_SHARE = 0.01

Mask = NDArray[np.bool_]


def error_m(stream: Stream, votes: Votes) -> NDArray[np.float64]:
    """(n,) agl less the truth; nan before the first range."""
    return np.where(votes.acquired, votes.agl_m - stream.true_agl_m, np.nan)


def wrong(stream: Stream, votes: Votes) -> Mask:
    """(n,) agl is off by more than an error that is none, or not there."""
    return ~(np.abs(error_m(stream, votes)) <= stream.allowed_m)


def longest_s(bad: Mask, counts: Mask) -> float:
    """Over all stretches of `bad` (less than 0.3 s of relief does not end one) the most time in `counts`."""
    longest = 0.0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], bad.astype(np.int8), [0]))))
    begins, ends = edges[::2], edges[1::2]
    apart = np.flatnonzero(begins[1:] - ends[:-1] >= _STEADY_TICKS) + 1
    for group_begins, group_ends in zip(np.split(begins, apart), np.split(ends, apart), strict=True):
        if len(group_begins):
            stretch = slice(group_begins[0], group_ends[-1])
            longest = max(longest, float((bad[stretch] & counts[stretch]).sum() * TICK_S))
    return longest


def after(stream: Stream, from_s: float) -> Mask:
    """(n,) from that moment on."""
    return np.asarray(stream.seconds >= from_s)


def told(stream: Stream) -> Mask:
    """(n,) some sound altimeter has said of late where the ground is."""
    return np.asarray(stream.tells.any(axis=1))


def speaks(votes: Votes) -> Mask:
    """(n, altimeters) a valid reading came within 0.3 s, sound or not."""
    count = np.cumsum(np.pad(votes.heard, ((HELD_TICKS, 0), (0, 0))), axis=0)
    return count[HELD_TICKS:] > count[:-HELD_TICKS]


def clear(stream: Stream, votes: Votes, plan: Plan) -> Mask:
    """(n,) what is heard leaves no doubt about the ground.

    Two tell it; or one does and nobody speaks against it; or one does and the other's fault shows. A rim
    that one of two sees while the other one's beam still sees its edge sounds as a fault of the first.
    """
    telling = stream.tells.sum(axis=1)
    against = (speaks(votes) & ~stream.tells).any(axis=1)
    is_clear = (telling >= 2) | ((telling == 1) & ~against)
    if plan.faults:
        at_fault = (speaks(votes) & ~stream.sound).any(axis=1)
        honest = ~(speaks(votes) & stream.sound & ~stream.tells).any(axis=1)
        is_clear |= (telling == 1) & at_fault & honest & shows(stream, plan)
    return is_clear


def shows(stream: Stream, plan: Plan) -> Mask:
    """(n,) the faults can be told from the ground by whoever has heard a sound altimeter beside them.

    Ground moves all levels alike. One that jumps, repeats or scatters alone is at fault. One that stands off
    from the beginning has not moved: it never shows. One that creeps is found by having moved more than the
    ground did: twice that, and the noise of both over ten readings, since both have been heard.
    """
    shown = np.ones(len(stream.true_agl_m), np.bool_)
    for index, fault in plan.faults:
        if fault.kind in STANDING and (fault.time_s or 0.0) <= 0.0:
            shown[:] = False
        if fault.kind in CREEPING and not fault.reported:
            noise_m = 2.0 * (_sigma_m(stream, index) + RADAR_SIGMA_SHARE * np.abs(stream.true_agl_m))
            sound = [other for other in range(len(stream.kinds)) if all(other != i for i, _ in plan.faults)]
            beside = sound or [other for other in range(len(stream.kinds)) if other != index]
            # since when each can be compared with it: what it did before, ground may have done
            since = [max(_first_heard(stream, index), _first_heard(stream, other)) for other in beside]
            ticks = np.arange(len(shown))
            shown &= ticks >= min(since, default=0)
            for other, from_tick in zip(beside, since, strict=True):
                ground_m = np.abs(_moved_m(stream, other, from_tick))
                moved = np.abs(_moved_m(stream, index, from_tick)) > 2.0 * ground_m + noise_m
                shown &= moved | (ticks < from_tick)
    return shown


def _sigma_m(stream: Stream, index: int) -> NDArray[np.float64]:
    return _SIGMA_SHARE.get(stream.kinds[index], RADAR_SIGMA_SHARE) * np.abs(stream.true_agl_m)


def _first_heard(stream: Stream, index: int) -> int:
    """The tick of an altimeter's first reading; 0 when there is none."""
    return int(np.argmax(np.isfinite(stream.seen_level_m[:, index])))


def _moved_m(stream: Stream, index: int, from_tick: int) -> NDArray[np.float64]:
    """(n,) how far the median of an altimeter's last ten levels is from where it stood before the fault.

    from_tick: since when there is another one to compare it with. What it did before, ground may have done.
    """
    level_m = stream.seen_level_m[::READ_EVERY_TICKS, index]
    begins = max(0, round((stream.fault_begins_s - 0.1) / TICK_S) // READ_EVERY_TICKS)
    if not np.isfinite(level_m).any():
        return np.zeros(len(stream.true_agl_m))
    first = -(-from_tick // READ_EVERY_TICKS)
    begins = max(begins, first + 5)
    stood_m = np.nanmean(level_m[max(first, begins - _BASELINE_TICKS // READ_EVERY_TICKS) : begins])
    padded = np.concatenate(
        (np.full(GOOD_READINGS - 1, stood_m), np.where(np.isfinite(level_m), level_m, stood_m))
    )
    windows = np.lib.stride_tricks.sliding_window_view(padded, GOOD_READINGS)
    moved_m = np.repeat(np.median(windows, axis=1) - stood_m, READ_EVERY_TICKS)
    return moved_m[: len(stream.true_agl_m)]


def believed(votes: Votes) -> Mask:
    """(n, altimeters)"""
    return np.isin(votes.verdicts, (ACCEPTED, TERRAIN))


def kept_out_s(stream: Stream, votes: Votes, plan: Plan) -> float:
    """The longest time that an altimeter said where the ground is, was clearly right and was not believed."""
    counts = stream.tells & stream.sound & speaks(votes) & clear(stream, votes, plan)[:, np.newaxis]
    out = ~believed(votes)
    return max(longest_s(out[:, index], counts[:, index]) for index in range(len(stream.kinds)))


def false_steps(stream: Stream, votes: Votes, counts: Mask) -> int:
    """Steps of the ground that were taken, in `counts`, and led away from the truth."""
    off_m = np.abs(error_m(stream, votes))
    stepped = np.flatnonzero(np.diff(votes.steps)) + 1
    led_away = (off_m > stream.allowed_m)[stepped] & (off_m[stepped] > off_m[stepped - 1])
    return int((led_away & counts[stepped]).sum())


def put_out(stream: Stream, votes: Votes) -> bool:
    """Was an altimeter without a fault put out?"""
    return bool(((votes.verdicts == PUT_OUT) & stream.sound).any())


def unprotected_s(stream: Stream, votes: Votes, counts: Mask) -> float:
    """The longest time, in `counts`, that the truth was outside the protection level and no flag was up."""
    error = error_m(stream, votes)
    outside = votes.acquired & ~(np.abs(error) <= votes.protection_m) & (votes.flags == 0)
    return longest_s(outside, counts)


def back_late_s(stream: Stream, votes: Votes, which: int, from_s: float) -> float | None:
    """How long after its tenth good reading an altimeter was believed and agl right, for 0.3 s on end.

    None when the trial ends before that could be asked; inf when it did not come to be. Negative: before.
    """
    begin = round(from_s / TICK_S)
    good = begin + np.flatnonzero((votes.heard & stream.tells & stream.sound)[begin:, which])
    if len(good) < GOOD_READINGS or good[GOOD_READINGS - 1] + 130 >= len(stream.true_agl_m):
        return None
    usable = (believed(votes)[:, which] & ~wrong(stream, votes))[begin:]
    steady = np.convolve(usable, np.ones(_STEADY_TICKS), "valid") > _STEADY_TICKS - 0.5
    if not steady.any():
        return np.inf
    return float((begin + int(np.argmax(steady)) - good[GOOD_READINGS - 1]) * TICK_S)
