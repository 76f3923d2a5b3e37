"""Every check there is: which vectors, which reference and which bound belong to which kernel."""

from collections.abc import Iterator

from host_tools.proof.harness.check import Check


def all_checks() -> list[Check]:
    """The checks of all rooms, in the order of the table."""
    return list(_rooms())


def _rooms() -> Iterator[Check]:
    from host_tools.proof.suites import (
        abort,
        altitude,
        arm_supply,
        arming,
        attitude,
        braking,
        contact,
        descent,
        dispute,
        feed,
        fixed,
        following,
        guidance,
        heartbeat,
        heater,
        integrity,
        levels,
        limits,
        modulation,
        pair,
        power,
        radar,
        ranging,
        rover,
        slope,
        state,
        thermistor,
        thrust,
        touchdown,
        valves,
        verdicts,
    )

    sensing = (state, radar, pair, ranging, altitude, verdicts, dispute, levels, following, integrity)
    guiding = (guidance, thrust, braking, descent, slope, touchdown, abort)
    body = (thermistor, heater, contact, arming)
    electrical = (heartbeat, power, arm_supply)
    for room in (
        fixed,
        *sensing,
        *guiding,
        attitude,
        modulation,
        valves,
        feed,
        *body,
        *electrical,
        limits,
        rover,
    ):
        yield from room.CHECKS
