"""altitude.py: every tick exactly, from memories of every stage in which decisions are close."""

from typing import Any

from host_tools.proof.harness.check import Check
from host_tools.proof.references import altitude
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import at_the_gate, check, reaches
from plumbline.kernels import altitude as kernels

ROOM = Room(kernels, altitude)


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("step", tune=at_the_gate),
    _check("put_away"),
    _check("advance"),
    _check("publish", tune=reaches, guard=(0, 1)),
]
