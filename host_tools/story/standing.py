"""What a restarted board is told again: the last word on each load, on the arm supply, on the mode."""

import host_tools.host_board  # noqa: F401  makes the firmware importable
from plumbline.link import dictionary as d
from plumbline.link.packet import PacketType

AGAIN_AFTER_S = 0.2  # by then the power board knows its battery, without which it switches nothing on
_KEYS = {d.LOAD_SWITCH.name: ("load",), d.ARM_SUPPLY.name: (), d.STRUCTURE_MODE.name: ()}


class Standing:
    """Orders that last, as they were sent."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, ...], tuple[PacketType, dict[str, int], float]] = {}

    def note(self, packet: PacketType, values: tuple[int, ...], now_s: float) -> None:
        """A command that is sent."""
        if packet.name not in _KEYS:
            return
        fields = {name: value for (name, _), value in zip(packet.fields, values, strict=True)}
        key = (packet.name, *(str(fields[name]) for name in _KEYS[packet.name]))
        self._orders[key] = (packet, fields, now_s)

    def of(self, board: int, now_s: float) -> list[tuple[PacketType, list[int]]]:
        """What this board has to be told now; times are what is left of them."""
        told = []
        for packet, fields, since_s in self._orders.values():
            if packet.board != board:
                continue
            left = dict(fields)
            if left.get("on", 0):  # what was switched off is switched off again: it may not have been heard
                left["seconds"] -= int(now_s - since_s)
                if left["seconds"] <= 0:
                    continue
            told.append((packet, list(left.values())))
        return told
