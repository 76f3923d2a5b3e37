"""How warm tanks and structure are: lumped nodes that lose heat to the cold and to each other's frame.

Every number of DEFAULT is assumed. C dT/dt = heater - loss (T - surroundings) - link (T - frame), where the
last node is the frame; one step of Euler's method for each advance.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """capacity in J/K; loss to the surroundings and link to the frame in W/K; heater in W."""

    name: str
    celsius: float
    capacity_j_k: float
    loss_w_k: float
    link_w_k: float
    heater_w: float


DEFAULT = (
    Node("fuel", 15.0, 90e3, 0.10, 0.05, 40.0),
    Node("oxidiser", 15.0, 120e3, 0.10, 0.05, 40.0),
    Node("structure", -5.0, 60e3, 0.25, 0.0, 60.0),
)


class Thermal:
    """Temperatures by `celsius[index]`, in the order of the nodes; `surroundings` may change at any time."""

    def __init__(self, nodes: Sequence[Node] = DEFAULT, surroundings: float = -120.0) -> None:
        self.nodes = tuple(nodes)
        self.surroundings = surroundings
        self.celsius = [node.celsius for node in nodes]

    def advance(self, seconds: float, shares: Sequence[float]) -> None:
        """shares: of that time for which each node's heater was on."""
        now = list(self.celsius)
        frame = now[-1]
        into_frame = 0.0
        for index, node in enumerate(self.nodes):
            to_frame = node.link_w_k * (now[index] - frame)
            into_frame += to_frame
            watts = (
                node.heater_w * shares[index] - node.loss_w_k * (now[index] - self.surroundings) - to_frame
            )
            self.celsius[index] += watts * seconds / node.capacity_j_k
        self.celsius[-1] += into_frame * seconds / self.nodes[-1].capacity_j_k
