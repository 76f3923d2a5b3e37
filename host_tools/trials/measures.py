"""What one trial's votes say, each as a number that a question judges."""

import numpy as np
from numpy.typing import NDArray

from host_tools.trials.flight import Votes
from host_tools.trials.streams import Stream

TICK_S = 0.01
ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT = 1, 2, 3, 4
TIME_TO_ALERT_S = 1.0


def error_m(stream: Stream, votes: Votes) -> NDArray[np.float64]:
    """agl less the truth; nan before the first range."""
    return np.where(votes.acquired, votes.agl_m - stream.true_agl_m, np.nan)


def allowed_m(stream: Stream) -> NDArray[np.float64]:
    """An error that is none: 100 m, or 3 % of a greater height."""
    return np.maximum(100.0, 0.03 * np.abs(stream.true_agl_m))


def longest_s(wrong: NDArray[np.bool_]) -> float:
    """The longest time on end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], wrong.astype(np.int8), [0]))))
    return float((edges[1::2] - edges[::2]).max(initial=0) * TICK_S)


def wrong_s(stream: Stream, votes: Votes, from_s: float) -> float:
    """From a moment on, the longest time that agl was off by more than allowed, or not there."""
    error = error_m(stream, votes)
    wrong = ~(np.abs(error) <= allowed_m(stream))
    return longest_s(wrong[round(from_s / TICK_S) :])


def right_after_s(stream: Stream, votes: Votes, from_s: float) -> float:
    """From a moment on, the time until agl was right for 0.3 s on end; inf if it never was."""
    right = np.abs(error_m(stream, votes)) <= allowed_m(stream)
    begin = round(from_s / TICK_S)
    steady = np.convolve(right[begin:], np.ones(30))[29:-29] > 29.5
    return float(np.argmax(steady) * TICK_S) if steady.any() else np.inf


def kept_out_s(stream: Stream, votes: Votes) -> float:
    """The longest time that an altimeter without a fault spoke and was not believed."""
    longest = 0.0
    for index in range(len(stream.kinds)):
        if index in stream.faulty:
            continue
        believed = np.isin(votes.verdicts[:, index], (ACCEPTED, TERRAIN))
        speaks = np.convolve(votes.heard[:, index], np.ones(30))[: len(believed)] > 0
        longest = max(longest, longest_s(speaks & ~believed))
    return longest


def false_steps(stream: Stream, votes: Votes) -> int:
    """Steps of the ground that were taken and led away from the truth."""
    stepped = np.flatnonzero(np.diff(votes.steps)) + 1
    return int((np.abs(error_m(stream, votes)) > allowed_m(stream))[stepped].sum())


def put_out(stream: Stream, votes: Votes) -> bool:
    """Was an altimeter without a fault put out?"""
    healthy = [index for index in range(len(stream.kinds)) if index not in stream.faulty]
    return bool((votes.verdicts[:, healthy] == PUT_OUT).any())


def unprotected_s(stream: Stream, votes: Votes) -> float:
    """The longest time that the truth was outside the protection level while no flag was up."""
    error = error_m(stream, votes)
    outside = votes.acquired & ~(np.abs(error) <= votes.protection_m) & (votes.flags == 0)
    return longest_s(outside)
