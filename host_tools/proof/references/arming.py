"""Arm, then fire, one row at a time: each as its paragraph in subsystems/structure.md says it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
SAFE, ARMED, FIRING = range(3)
ACTUATORS = 4
DONE, OUT_OF_RANGE, WRONG_MODE, NO_CONTACT, BUSY, NOT_ARMED, EXPIRED, OTHER_ACTUATOR, WRONG_NONCE = range(9)


def _each(memory: Memory, one: Callable[..., int], *columns: NDArray[np.int64]) -> Answer:
    """`one(slots of a vector, the vector's values)` for every vector."""
    found = np.empty(memory.shape[-1], np.int64)
    for row in range(found.size):
        own = memory[..., row].tolist()
        found[row] = one(own, *(column[..., row].tolist() for column in columns))
        memory[..., row] = own
    return Answer(found)


def _reason(own: list[int], actuator: int, mode: int, vote: int) -> int:
    if actuator not in range(ACTUATORS):
        return OUT_OF_RANGE
    modes, needs_contact, _width = own[3 * actuator : 3 * actuator + 3]
    if mode not in [bit for bit in range(4) if modes // 2**bit % 2]:
        return WRONG_MODE
    return NO_CONTACT if needs_contact and vote == 0 else DONE


def refusal(releases: Memory, actuator: Column, mode: Column, vote: Column) -> Answer:
    """Known, in its mode, with the contact that it asks for."""
    return _each(releases, _reason, actuator, mode, vote)


def nonce_after(nonce: int, stir: int) -> int:
    """A linear map over the 16 bits of both, without 0 and without the old one."""
    x = (nonce ^ stir) % 2**16
    x = (x ^ x * 2**7) % 2**16
    x = (x ^ x // 2**9) % 2**16
    x = (x ^ x * 2**8) % 2**16
    if x == nonce:
        x ^= 1
    return x or (3 if nonce == 2 else 2)


def next_nonce(nonce: Column, stir: Column) -> Answer:
    """As `nonce_after`."""
    return Answer(np.array([nonce_after(*pair) for pair in zip(nonce.tolist(), stir.tolist(), strict=True)]))


def arm(
    arming: Memory, releases: Memory, actuator: Column, mode: Column, vote: Column, stir: Column
) -> Answer:
    """A new nonce for 5 s, unless something else is armed or anything fires."""

    def one(own: list[int], rules: list[int], which: int, mode: int, vote: int, stir: int) -> int:
        why = _reason(rules, which, mode, vote)
        if why:
            return why
        if own[s.ARM_STATE] == FIRING or (own[s.ARM_STATE] == ARMED and own[s.ARM_ACTUATOR] != which):
            return BUSY
        nonce = nonce_after(own[s.ARM_NONCE], stir)
        own[: s.ARM_PULSE_LEFT_US] = [ARMED, which, nonce, 500, 0]
        return DONE

    return _each(arming, one, releases, actuator, mode, vote, stir)


def fire(
    arming: Memory, releases: Memory, actuator: Column, nonce: Column, mode: Column, vote: Column
) -> Answer:
    """Whatever is armed is so no more; everything right, and its pulse begins."""

    def one(own: list[int], rules: list[int], which: int, nonce: int, mode: int, vote: int) -> int:
        if own[s.ARM_STATE] == FIRING:
            return BUSY
        if own[s.ARM_STATE] == SAFE:
            return EXPIRED if 0 < nonce == own[s.ARM_EXPIRED_NONCE] else NOT_ARMED
        own[s.ARM_STATE] = SAFE
        armed = own[s.ARM_ACTUATOR]
        why = OTHER_ACTUATOR if which != armed else WRONG_NONCE if nonce != own[s.ARM_NONCE] else DONE
        why = why or _reason(rules, which, mode, vote)
        if not why:
            own[s.ARM_STATE] = FIRING
            own[s.ARM_PULSE_LEFT_US], own[s.ARM_ASKED_US] = rules[3 * which + 2], 0
            own[s.ARM_FIRED] += (1 - own[s.ARM_FIRED] // 2**which % 2) * 2**which
        return why

    return _each(arming, one, releases, actuator, nonce, mode, vote)


def disarm(arming: Memory) -> Answer:
    """Safe, whatever it was."""
    was = arming[s.ARM_STATE].copy()
    arming[s.ARM_STATE] = SAFE
    return Answer(was)


def tick(arming: Memory) -> Answer:
    """Armed: one of 500 ticks has gone. Firing: ask for what is left, in pieces that overlap by 50 ms."""

    def one(own: list[int]) -> int:
        if own[s.ARM_STATE] == ARMED:
            own[s.ARM_LEFT_TICKS] = max(own[s.ARM_LEFT_TICKS] - 1, 0)
            if own[s.ARM_LEFT_TICKS]:
                return 0
            own[s.ARM_STATE], own[s.ARM_EXPIRED_NONCE] = SAFE, own[s.ARM_NONCE]
            return -1
        if own[s.ARM_STATE] == SAFE:
            return 0
        left, asked = own[s.ARM_PULSE_LEFT_US], own[s.ARM_ASKED_US]
        if not left:
            own[s.ARM_STATE] = SAFE
            return 0
        pulse = min(left, 100_000) if asked < left and asked <= 50_000 else 0
        own[s.ARM_PULSE_LEFT_US] = max(left - 10_000, 0)
        own[s.ARM_ASKED_US] = max((pulse or asked) - 10_000, 0)
        return pulse

    return _each(arming, one)
