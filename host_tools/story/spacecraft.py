"""The lander with all of its boards on one bus, and the rover that it carries: navigation, propulsion, power,
structure, rover. Tier: host.

    craft = Spacecraft(World(scenario, 1), parameters, script, seed=1)
    craft.step()                    10 ms

What belongs together is wired together: propulsion's heartbeat to power, power's arm supply to the valves,
its switches to range finders, umbilical and transmitter; structure's actuator to the rover's hold.
"""

from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.clock import Clock
from host_tools.host_board.isolation import IsolationValves
from host_tools.host_board.lander import navigation_board, propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.power import PowerBoard
from host_tools.host_board.rover import MicroRover
from host_tools.host_board.shared_bus import SharedBus
from host_tools.host_board.structure import MainBody
from host_tools.host_board.surroundings import (
    LINES,
    NAVIGATION_PHASE_US,
    PROPULSION_PHASE_US,
    Surroundings,
    initial_state,
)
from host_tools.host_board.wires import CountedWire, SerialLine, Wire
from host_tools.scenarios.parameters import turning as turning_of
from host_tools.story.ground import Ground
from host_tools.story.script import Script
from host_tools.world.dynamics import SUBSTEP_US, VALVES
from host_tools.world.electrical import Electrical
from host_tools.world.rover import RoverWorld
from host_tools.world.world import World
from plumbline.subsystems.navigation import LEGS

BUS_BAUD = 460_800
BOARDS = ("navigation", "propulsion", "power", "structure", "rover")
POWER_PHASE_US, STRUCTURE_PHASE_US, ROVER_PHASE_US = 1_000, 4_000, 6_000
UMBILICAL_W = 10.0


class _Parts(Surroundings):
    """The parts around a world; range finders and radar measure only while they have their supply."""

    def __init__(self, world: World, ends: dict[str, Any]) -> None:
        super().__init__(world, ends)
        self._fitted = self._has_laser, self._has_radar

    def supply(self, is_on: bool) -> None:
        """Whether the switched load `sensors` is on."""
        self._has_laser, self._has_radar = (fitted and is_on for fitted in self._fitted)


class Spacecraft:
    """Five boards, their worlds, and the ground at the other end of the bus."""

    def __init__(self, world: World, parameters: dict[str, Any], script: Script, seed: int) -> None:
        self.world = world
        self.clock = clock = Clock()
        self.bus = SharedBus(clock, BUS_BAUD, (*BOARDS, "ground"))
        self.outlets = Outlets(VALVES)
        line = {name: SerialLine(clock, baud) for name, baud in LINES}
        # the spacecraft's ends of navigation's and propulsion's own lines lead nowhere: there is one bus
        self.parts = _Parts(world, {name: line[name].b for name in line if name != "link"})
        self._legs = [Wire() for _ in range(LEGS)]
        heartbeat = CountedWire(clock)
        ends = self.bus.ends
        self.power = PowerBoard(
            clock, ends["power"], heartbeat, Electrical(sun_elevation_deg=script.sun_elevation_deg)
        )
        serial = {name: line[name].a for name in ("imu", "laser", "radar", "link")}
        self.navigation = navigation_board(
            clock, serial | {"bus": ends["navigation"]}, self._legs, parameters
        )
        serial = {"link": line["link"].b, "bus": ends["propulsion"]}
        self.propulsion = propulsion_board(
            clock,
            serial,
            self.outlets,
            heartbeat,
            IsolationValves(world.isolated),
            turning_of(world.scenario.vehicle),
        )
        self.body = MainBody(clock, ends["structure"])
        self.rover = MicroRover(
            clock, ends["rover"], RoverWorld.drawn_from(seed, sun_elevation_deg=script.sun_elevation_deg)
        )
        self.ground = Ground(
            ends["ground"],
            script,
            initial_state(world),
            lambda: world.now_us,
            lambda: self.is_on("transmitter"),
        )
        for program in self.programs.values():
            program.bus.is_shared = True
        self.unsupplied_ticks = 0  # in which a valve was commanded open that had no supply

    @property
    def programs(self) -> dict[str, Any]:
        """Each board's program by name."""
        return {
            "navigation": self.navigation,
            "propulsion": self.propulsion,
            "power": self.power.power,
            "structure": self.body.structure,
            "rover": self.rover.rover,
        }

    def is_on(self, load: str) -> bool:
        """Whether power has switched this load on."""
        return bool(self.power.load_wires[f"load.{load}"].level)

    def step(self) -> None:
        """One tick of 10 ms: the worlds, then each board at its place in the tick, then the ground."""
        world, clock = self.world, self.clock
        self.outlets.shares(world.now_us, SUBSTEP_US, world.open_shares)
        if not self.power.arm_is_on and world.open_shares.any():
            world.open_shares[:] = 0.0
            self.unsupplied_ticks += 1
        world.advance()
        clock.now_us = now_us = world.now_us
        for wire, touching in zip(self._legs, world.touching, strict=True):
            wire.level = int(touching)
        self.body.body.touch([bool(touching) for touching in world.touching])
        self.parts.supply(self.is_on("sensors"))
        self.parts.sample()
        self.rover.world.umbilical_w = UMBILICAL_W if self.is_on("rover") else 0.0
        clock.now_us = now_us + POWER_PHASE_US
        self.power.step()
        clock.now_us = now_us + NAVIGATION_PHASE_US
        self.navigation.rate_group.poll()
        clock.now_us = now_us + STRUCTURE_PHASE_US
        self.body.step()
        clock.now_us = now_us + ROVER_PHASE_US
        if self.rover.world.held and "rover" in self.body.body.done_us:
            self.rover.release()
        self.rover.step()
        clock.now_us = now_us + PROPULSION_PHASE_US
        self.propulsion.rate_group.poll()
        self.ground.tick()
