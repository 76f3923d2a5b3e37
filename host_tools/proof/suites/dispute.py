"""dispute.py: who may take agl away, exactly, from disputes that are nearly even."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import dispute
from host_tools.proof.references.altimeters import EXCESS, HEARD, LEVEL, QUICK, SIGMA, SLOW, TICKS, WARY
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import BASES, LEVELS, LIMITS_MM, at_their_counts, check, items, replace
from plumbline.kernels import dispute as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, dispute)


def _half_way(noise: Noise, found: dict[str, Words]) -> None:
    """The one that takes agl stood about half way; speeds and times about where creeping begins."""
    vote = found["vote"]
    _creeping(noise, found)
    base = s.VOT_FIRST + s.VOT_STRIDE * np.clip(vote[s.VOT_ASKED] - 1, 0, 3)
    at = np.arange(base.size)
    level = vote[base + LEVEL, at].astype(np.int64)
    apart = vote[s.VOT_GROUND_MM] - level
    went = np.abs(apart // 2) + noise.choice(LIMITS_MM, at.size)
    slow = np.clip(level + went * noise.choice((-1, 1), at.size), *LEVELS)
    vote[base + SLOW, at] = np.where(noise.random.random(at.size) < 0.5, slow, vote[base + SLOW, at])


def _creeping(noise: Noise, found: dict[str, Words]) -> None:
    """Nobody votes, over slow ground, often."""
    n = found["voters"].size
    at_their_counts(noise, found)
    replace(noise, found["voters"], np.zeros(n, np.int32), 0.6)
    replace(noise, found["vote"][s.VOT_AGE_TICKS], noise.choice((19, 20, 21, 22, 5000), n), 0.6)
    replace(noise, found["vote"][s.VOT_GROUND_SPEED_MM_S], noise.choice((0, 19_999, 20_000, 20_001), n), 0.6)


def _around_the_ground(noise: Noise, found: dict[str, Words]) -> None:
    """The others' levels on agl's ground or on this one's, or beside them."""
    at_their_counts(noise, found)
    vote, own = found["vote"], items(found, LEVEL)
    for base in BASES:
        level = np.where(noise.random.random(own.size) < 0.5, own, vote[s.VOT_GROUND_MM])
        level = level + noise.choice((-1, 0, 1), own.size)
        others = np.where(found["base"] == base, vote[base + LEVEL], np.clip(level, *LEVELS))
        replace(noise, vote[base + LEVEL], others, 0.3)


def _leaning(noise: Noise, found: dict[str, Words]) -> None:
    """Where the others stood about half way between agl's ground and this one's level, or a sigma off."""
    _around_the_ground(noise, found)
    vote, own = found["vote"], items(found, LEVEL).astype(np.int64)
    ground = vote[s.VOT_GROUND_MM].astype(np.int64)
    for base in BASES:
        share = noise.choice((0, 1, 2, 3), own.size)
        stood = ground + (own - ground) * share // 3 + noise.choice((-2, -1, 0, 1, 2), own.size)
        at_sigma = (
            ground + vote[base + SIGMA] * noise.choice((-1, 1), own.size) + noise.choice((0, 1), own.size)
        )
        stood = np.where(noise.random.random(own.size) < 0.7, stood, at_sigma)
        replace(noise, vote[base + QUICK], np.clip(stood, *LEVELS).astype(np.int32), 0.6)
        heard = (vote[s.VOT_TICK] - noise.choice((98, 99, 100, 101), own.size)) % TICKS
        replace(noise, vote[base + HEARD], heard.astype(np.int32), 0.3)


def _wide_and_narrow(noise: Noise, found: dict[str, Words]) -> None:
    """The others' sigma about twice this one's."""
    at_their_counts(noise, found)
    own = items(found, SIGMA).astype(np.int64)
    for base in BASES:
        wide = np.clip(2 * own + noise.choice((-1, 0, 1), own.size), 0, 20_200_000)
        others = np.where(found["base"] == base, found["vote"][base + SIGMA], wide)
        replace(noise, found["vote"][base + SIGMA], others.astype(np.int32), 0.7)


def _scattering(noise: Noise, found: dict[str, Words]) -> None:
    """The others' excess about at what makes them loud."""
    at_their_counts(noise, found)
    quiet = 4 * (items(found, SIGMA) + items(found, EXCESS)) + 5000
    for base in BASES:
        excess = np.clip(quiet + noise.choice(LIMITS_MM, quiet.size), 0, 1_000_000)
        others = np.where(found["base"] == base, found["vote"][base + EXCESS], excess)
        replace(noise, found["vote"][base + EXCESS], others, 0.5)


def _kilometres_away(noise: Noise, found: dict[str, Words]) -> None:
    """One near the datum, the other about as far from it as makes it unlikely."""
    at_their_counts(noise, found)
    vote, n = found["vote"], found["base"].size
    base, rival = found["base"], found.get("rival", noise.choice(BASES, n))
    datum = vote[s.VOT_ODOMETER_MM].astype(np.int64) - found["estimate"][s.EST_ALTITUDE_MM]
    ours = noise.word(-30_000_000, 30_000_000, n)
    theirs = 4 * (np.abs(ours) + 1_000_000 + noise.choice((-1, 0, 1, 2, 3_000_000), n))
    theirs = theirs + noise.choice((0, 1, 3), n)
    rows, at = noise.random.random(n) < 0.5, np.arange(n)
    for who, away in ((rival, theirs * noise.choice((-1, 1), n)), (base, ours)):
        level = np.clip(datum + away, *LEVELS)
        vote[who + LEVEL, at] = np.where(rows, level, vote[who + LEVEL, at])


def _strayed(noise: Noise, found: dict[str, Words]) -> None:
    """Half of them have never been elsewhere."""
    _leaning(noise, found)
    vote = found["vote"]
    for base in BASES:
        replace(noise, vote[base + WARY], np.zeros(vote.shape[1], np.int32), 0.5)


def _about_an_edge(noise: Noise, found: dict[str, Words]) -> None:
    """agl's ground falls away about as steeply as behind an edge; narrow beams below wide ones."""
    _kilometres_away(noise, found)
    _falling(noise, found["vote"])
    _narrower(noise, found)


def _falling(noise: Noise, vote: Words) -> None:
    """A ground rate about where it is an edge's, after readings in a row on one side."""
    n = vote.shape[1]
    speed = vote[s.VOT_GROUND_SPEED_MM_S].astype(np.int64)
    steep = speed // 8 + speed // 16 + 1000 + noise.choice((-2, -1, 0, 0, 1), n)
    replace(noise, vote[s.VOT_GROUND_RATE_MM_S], np.clip(steep, -750_000, 750_000), 0.6)
    replace(noise, vote[s.VOT_LAG], noise.choice((2, 3, 3, 3), n), 0.7)


def _about_an_edge_alone(noise: Noise, found: dict[str, Words]) -> None:
    """The same, where nobody is asked for."""
    _falling(noise, found["vote"])


def _narrower(noise: Noise, found: dict[str, Words]) -> None:
    """This one's sigma about the others', its level a little lower."""
    own = items(found, SIGMA)
    for base in BASES:
        others = np.where(found["base"] == base, own, own + noise.choice((-1, 0, 1, 5_000), own.size))
        replace(noise, found["vote"][base + SIGMA], np.clip(others, 0, 20_200_000), 0.5)


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("challenge", tune=at_their_counts),
    _check("take", tune=_half_way),
    _check("has_crept", tune=_creeping, base=BASES),
    _check("out_for", tune=at_their_counts, base=BASES),
    _check("is_ground", tune=at_their_counts, base=BASES),
    _check("standing_with", tune=_leaning, base=BASES),
    _check("gives_way", tune=at_their_counts, base=BASES, beside=BASES),
    _check("is_nearer", tune=_leaning, base=BASES, other=BASES),
    _check("is_floor", tune=_wide_and_narrow, base=BASES),
    _check("is_constant", tune=_strayed, base=BASES),
    _check("are_loud", tune=_scattering, base=BASES),
    _check("is_confirmed", tune=_around_the_ground, base=BASES),
    _check("is_righter", tune=_about_an_edge, base=BASES),
    _check("falls_away", tune=_about_an_edge_alone),
    _check("is_likelier", tune=_kilometres_away, base=BASES, rival=BASES),
]
