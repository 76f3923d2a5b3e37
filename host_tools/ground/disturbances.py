"""What a bad line and bad neighbours do to frames, each as a case: frames in, an account of every one out."""

from collections.abc import Callable

import numpy as np

from host_tools.ground.line import BITS_PER_BYTE, Bits
from host_tools.ground.traffic import Generator, Line, Sent, Tally, on_the_line, tally
from plumbline.link import dictionary
from plumbline.link.packet import OutgoingPacket

Disturb = Callable[[Line, Generator], Bits]
Case = Callable[[Sent, Generator], Tally]

BIT_ERROR_RATES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
_BURST_EVERY_FRAMES = 20
_LONGEST_BURST_BITS = 64 * BITS_PER_BYTE
_LONGEST_BABBLE_BYTES = 60
_CUT_SHARE = 0.1


def flipped(line: Line, rate: float, noise: Generator) -> Bits:
    """Every bit on the wire is wrong with this probability."""
    levels = line.levels.copy()
    hits = noise.integers(levels.size, size=noise.binomial(levels.size, rate))
    levels[hits] ^= 1
    return levels


def bursts(line: Line, noise: Generator) -> Bits:
    """Now and then up to 64 bytes of random levels."""
    return _windows(line, noise, lambda old: noise.integers(2, size=old.size, dtype=np.uint8))


def collisions(line: Line, noise: Generator) -> Bits:
    """A babbling node drives the line low beside the sender: 0 wins, its bits are not aligned with ours."""
    return _windows(line, noise, lambda old: old & noise.integers(2, size=old.size, dtype=np.uint8))


def stuck_low(line: Line, noise: Generator) -> Bits:
    """A node holds the line low for up to 64 bytes: a break."""
    return _windows(line, noise, np.zeros_like)


def _windows(line: Line, noise: Generator, change: Callable[[Bits], Bits]) -> Bits:
    levels = line.levels.copy()
    count = max(1, len(line.begins) // _BURST_EVERY_FRAMES)
    for begin in noise.integers(levels.size, size=count):
        window = slice(int(begin), int(begin + noise.integers(1, _LONGEST_BURST_BITS)))
        levels[window] = change(levels[window])
    return levels


def cut(given: Sent, noise: Generator, *, is_end: bool) -> Line:
    """A tenth of the frames lose their end, or bytes in their middle, as when a buffer overruns."""
    is_cut = noise.random(len(given.frames)) < _CUT_SHARE
    frames = list(given.frames)
    for i in np.flatnonzero(is_cut):
        frame = frames[i]
        keep = int(noise.integers(len(frame)))
        resume = len(frame) if is_end else int(noise.integers(keep, len(frame), endpoint=True))
        frames[i] = frame[:keep] + frame[resume:]
        is_cut[i] = len(frames[i]) != len(frame)
    return on_the_line(frames, is_cut=is_cut)


def merged(given: Sent) -> Line:
    """Neighbours share one delimiter."""
    frames = [*(frame[:-1] for frame in given.frames[:-1]), given.frames[-1]]
    return on_the_line(frames)


def babble(noise: Generator) -> Callable[[int], bytes]:
    """A node that talks garbage in every pause: random bytes, delimiters among them."""
    return lambda _i: noise.bytes(int(noise.integers(_LONGEST_BABBLE_BYTES)))


def strangers(noise: Generator) -> Callable[[int], bytes]:
    """A node that floods the line with good frames which are not for this board."""
    elsewhere = OutgoingPacket(dictionary.INITIAL_STATE, dictionary.SPACECRAFT)
    own = OutgoingPacket(dictionary.PROPULSION_STATUS, dictionary.PROPULSION)
    return lambda _i: bytes((elsewhere if noise.random() < 0.5 else own).encode()) * 2


def _disturbed(disturb: Disturb, largest_read: int = 512) -> Case:
    """Frames without a pause between them, and levels that are not what was sent."""

    def run(given: Sent, noise: Generator) -> Tally:
        line = on_the_line(given.frames)
        return tally(given, line, disturb(line, noise), noise, largest_read)

    return run


def _undisturbed(make: Callable[[Sent, Generator], Line]) -> Case:
    """A line on which something else is than the frames alone."""

    def run(given: Sent, noise: Generator) -> Tally:
        line = make(given, noise)
        return tally(given, line, line.levels, noise)

    return run


def _bit_errors(rate: float) -> Case:
    return _disturbed(lambda line, noise: flipped(line, rate, noise))


FLOOD = "node floods, frames for others"  # good frames all of them: its rejections are no damage
CASES: dict[str, Case] = {
    **{f"bit errors {rate:.0e}": _bit_errors(rate) for rate in BIT_ERROR_RATES},
    "bursts of up to 64 bytes": _disturbed(bursts),
    "line held low, up to 64 bytes": _disturbed(stuck_low),
    "babbling node, collisions": _disturbed(collisions),
    "babbling node, garbage between": _undisturbed(
        lambda given, noise: on_the_line(given.frames, babble(noise))
    ),
    FLOOD: _undisturbed(lambda given, noise: on_the_line(given.frames, strangers(noise))),
    "frames cut short": _undisturbed(lambda given, noise: cut(given, noise, is_end=True)),
    "bytes lost": _undisturbed(lambda given, noise: cut(given, noise, is_end=False)),
    "merged: one delimiter between": _undisturbed(lambda given, _noise: merged(given)),
    "split: read byte by byte": _disturbed(lambda line, _noise: line.levels, largest_read=1),
}
