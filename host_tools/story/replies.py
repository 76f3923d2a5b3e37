"""How the ground knows that a command has arrived: by an event, or by telemetry that has what was ordered.

A reply counts when it came after the command was first sent. What tells by telemetry alone is a command that
may come twice without harm. A refusal is a reply as well, where repeating would not change it.
"""

from collections.abc import Callable, Mapping

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.story.heard import Heard
from plumbline.link import dictionary as d
from plumbline.link.packet import PacketType

Fields = Mapping[str, int]
Reply = Callable[[Fields, Heard, float], bool]
_COAST = 1  # of the guidance's phases
_SUPPLY_ON = 1  # of POWER_STATUS.arm_state


def is_answered(packet: PacketType, fields: Fields, heard: Heard, since_s: float) -> bool:
    """Whether this command, first sent at `since_s`, has had its reply; one that has none needs none."""
    reply = _REPLIES.get(packet.name)
    return reply is None or reply(fields, heard, since_s)


def has_reply(packet: PacketType) -> bool:
    """Whether there is a reply to wait for."""
    return packet.name in _REPLIES


def _load(fields: Fields, heard: Heard, since_s: float) -> bool:
    load = fields["load"]
    if any(heard.said(f"power.{name}", load, since_s) for name in ("load_on", "load_off", "power_too_low")):
        return True
    if fields["on"]:
        return False  # it may have been on before, for another time
    loads = heard.value("power_status.loads", since_s)
    return loads is not None and not loads >> load & 1


def _supply(fields: Fields, heard: Heard, since_s: float) -> bool:
    if any(heard.said(f"power.{name}", None, since_s) for name in ("arm_on", "arm_off")):
        return True
    state = heard.value("power_status.arm_state", since_s)
    return state == _SUPPLY_ON if fields["on"] else state == 0


def _mode(fields: Fields, heard: Heard, since_s: float) -> bool:
    return heard.value("structure_status.mode", since_s) == fields["mode"]


def _armed(fields: Fields, heard: Heard, since_s: float) -> bool:
    return heard.value("structure_armed.actuator", since_s) == fields["actuator"]


def _fired(fields: Fields, heard: Heard, since_s: float) -> bool:
    if heard.said("structure.structure_refused", None, since_s):
        return True  # the nonce is used up: what leads here has to be sent anew
    if heard.said("structure.actuator_fired", fields["actuator"], since_s):
        return True
    fired = heard.value("structure_status.fired", since_s)
    return fired is not None and bool(fired >> fields["actuator"] & 1)


def _initialised(_: Fields, heard: Heard, since_s: float) -> bool:
    if heard.said("navigation.initialised", None, since_s):
        return True
    return (heard.value("navigation_state.phase", since_s) or 0) >= _COAST


def _vehicle_mode(fields: Fields, heard: Heard, since_s: float) -> bool:
    asked = fields["mode"]
    refused = [e.argument >> 4 for e in heard.events if e.name == "mode_refused" and e.time_s > since_s]
    return asked in refused or heard.value("navigation_state.mode", since_s) == asked


def _of_rover(packet: PacketType) -> Reply:
    def is_taken(_: Fields, heard: Heard, since_s: float) -> bool:
        if heard.said("rover.rover_taken", packet.function, since_s):
            return True
        refused = [e.argument >> 8 for e in heard.events if e.name == "rover_refused" and e.time_s > since_s]
        return packet.function in refused

    return is_taken


_REPLIES: dict[str, Reply] = {
    d.LOAD_SWITCH.name: _load,
    d.ARM_SUPPLY.name: _supply,
    d.STRUCTURE_MODE.name: _mode,
    d.STRUCTURE_ARM.name: _armed,
    d.STRUCTURE_FIRE.name: _fired,
    d.INITIAL_STATE.name: _initialised,
    d.NAVIGATION_MODE.name: _vehicle_mode,
    **{
        packet.name: _of_rover(packet)
        for packet in (d.ROVER_DEPLOY, d.ROVER_DRIVE, d.ROVER_TURN, d.ROVER_SCOOP)
    },
}
