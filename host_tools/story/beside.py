"""A story on emulated boards beside the same story on the host tier.

State by state each chip's ticks are held against the host board on the chip's own bytes (emulator/shadow.py):
that is exact. The two stories as wholes are not: a chip's valves open when its tick has been computed, half a
millisecond to two later than the host board's, and what a chip says reaches the others up to a tick later.
So descents part by centimetres, steps by fractions of a second; what is told has to be the same.
"""

from collections import Counter
from typing import Any

from host_tools.story.player import Told

_NOT_HEARD = ("boot", "time_taken")  # a chip boots before the bus is there; whose clock leads is chance


def beside(told: Told, host: Told) -> dict[str, Any]:
    """Figures: the steps' times beside the host tier's, and events that only one of the two has told."""
    at_s = {mark.name: mark.time_s for mark in host.marks}
    apart_s = [abs(mark.time_s - at_s[mark.name]) for mark in told.marks if mark.name in at_s]
    here, there = _told_by(told), _told_by(host)
    return {
        "host_tier_complete": host.complete,
        "host_tier_simulated_s": host.figures["simulated_s"],
        "host_tier_touchdown_sinking_m_s": host.figures["touchdown_sinking_m_s"],
        "steps_apart_from_host_tier_at_most_s": round(max(apart_s, default=0.0), 2),
        "events_of_both": (here & there).total(),
        "events_not_on_host_tier": dict(here - there),
        "events_only_on_host_tier": dict(there - here),
    }


def _told_by(told: Told) -> Counter[str]:
    """How often each board has told each event, arguments and times apart."""
    return Counter(f"{event.board}.{event.name}" for event in told.events if event.name not in _NOT_HEARD)
