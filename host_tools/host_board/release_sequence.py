"""What an operator does to release something: arm it, take the nonce from the answer, fire with it.

release = ReleaseSequence(port, "rover")        # a PacketPort of the spacecraft
for every packet that comes: release.take(apid, port.values)
"""

from collections.abc import Sequence

import host_tools.host_board  # noqa: F401  makes the firmware importable
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.subsystems.structure_parameters import ACTUATORS


class ReleaseSequence:
    """`state` is "arming", "firing", "fired" or "refused"; begins by sending STRUCTURE_ARM."""

    def __init__(self, port: PacketPort, actuator: str) -> None:
        self.state = "arming"
        self.why = 0  # argument of the refusal
        self._port = port
        self._actuator = ACTUATORS.index(actuator)
        arm = port.outgoing(dictionary.STRUCTURE_ARM)
        arm.values[0] = self._actuator
        port.send(arm)

    def take(self, apid: int, values: Sequence[int]) -> None:
        """A packet from the bus."""
        if apid == dictionary.STRUCTURE_ARMED.apid and self.state == "arming":
            if values[0] == self._actuator:
                fire = self._port.outgoing(dictionary.STRUCTURE_FIRE)
                fire.values[0], fire.values[1] = self._actuator, values[1]
                self._port.send(fire)
                self.state = "firing"
        elif apid == dictionary.STRUCTURE << 8 | dictionary.EVENT.function:
            self._event(values[0], values[3])

    def _event(self, event: int, argument: int) -> None:
        if self.state not in ("arming", "firing"):
            return
        if event == dictionary.STRUCTURE_REFUSED:
            self.state, self.why = "refused", argument
        elif event == dictionary.ACTUATOR_FIRED and argument == self._actuator:
            self.state = "fired"
