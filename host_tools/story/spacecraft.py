"""The lander with all of its boards on one bus, and the rover that it carries: navigation, propulsion, power,
structure, rover. Tier: host, or host with the three Picos emulated.

    with Spacecraft(World(scenario, 1), parameters, script, seed=1) as craft:
        craft.step()                10 ms

What belongs together is wired together: propulsion's heartbeat to power, power's arm supply to the valves,
its switches to range finders, umbilical and transmitter; structure's actuator to the rover's hold.
"""

from pathlib import Path
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.clock import Clock
from host_tools.host_board.power import PowerBoard
from host_tools.host_board.reset import ResettableBoard
from host_tools.host_board.rover import MicroRover
from host_tools.host_board.shared_bus import SharedBus
from host_tools.host_board.surroundings import (
    NAVIGATION_PHASE_US,
    PROPULSION_PHASE_US,
    Surroundings,
    initial_state,
)
from host_tools.host_board.wires import CountedWire
from host_tools.story.disturbance import BABBLER, Noise
from host_tools.story.ground import Ground
from host_tools.story.picos import PICOS, HostPicos
from host_tools.story.script import FLYING as BOARDS
from host_tools.story.script import Script
from host_tools.world.electrical import Electrical
from host_tools.world.rover import RoverWorld
from host_tools.world.world import World

BUS_BAUD = 460_800
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


def _picos(
    clock: Clock,
    ends: dict[str, Any],
    parameters: dict[str, Any],
    heartbeat: CountedWire,
    world: World,
    uf2: Path | None,
) -> Any:
    if uf2 is None:
        return HostPicos(clock, ends, parameters, heartbeat)
    from host_tools.story.emulated import EmulatedPicos

    return EmulatedPicos(clock, ends, parameters, heartbeat, world, uf2)


class Spacecraft:
    """Five boards, their worlds, and the ground at the other end of the bus. A context manager.

    uf2: firmware with which the three Picos are emulated chips; without it all boards are the host's.
    """

    def __init__(
        self,
        world: World,
        parameters: dict[str, Any],
        script: Script,
        seed: int,
        uf2: Path | None = None,
    ) -> None:
        self.world = world
        self.clock = clock = Clock()
        self.bus = SharedBus(clock, BUS_BAUD, (*BOARDS, "ground", BABBLER), PICOS if uf2 is not None else ())
        heartbeat = CountedWire(clock)
        ends = self.bus.ends
        self.power = PowerBoard(
            clock,
            ends["power"],
            heartbeat,
            Electrical(sun_elevation_deg=script.sun_elevation_deg),
            is_shared=True,
        )
        rover_world = RoverWorld.drawn_from(seed, script.rover, sun_elevation_deg=script.sun_elevation_deg)
        self.rover = MicroRover(clock, ends["rover"], rover_world, is_shared=True)
        self.picos = _picos(clock, ends, parameters, heartbeat, world, uf2)
        self.parts = _Parts(world, self.picos.far_ends)
        self.ground = Ground(
            ends["ground"],
            script,
            initial_state(world),
            lambda: world.now_us,
            lambda: self.is_on("transmitter"),
        )
        is_disturbed = script.bus.bit_error_rate or script.bus.babble_bytes
        self.noise = Noise(self.bus, script.bus, seed, lambda: world.now_us) if is_disturbed else None
        self.unsupplied_ticks = 0  # in which a valve was commanded open that had no supply

    def __enter__(self) -> "Spacecraft":
        return self

    def __exit__(self, *_: object) -> None:
        self.picos.close()

    @property
    def navigation(self) -> Any:
        """Navigation's arrays."""
        return self.picos.navigation

    @property
    def propulsion(self) -> Any:
        """Propulsion's arrays."""
        return self.picos.propulsion

    @property
    def tiers(self) -> dict[str, str]:
        """The tier of each board."""
        return {name: self.picos.tier if name in PICOS else "host" for name in BOARDS}

    @property
    def _esp32s(self) -> dict[str, Any]:
        return {"power": self.power.power, "rover": self.rover.rover}

    @property
    def chips(self) -> dict[str, ResettableBoard[Any]]:
        """The boards that can be reset, by name: those of the host tier."""
        return {**self.picos.chips, "power": self.power.chip, "rover": self.rover.chip}

    def figures(self) -> dict[str, dict[str, int]]:
        """What each board counts, by name and board."""
        figures = self.picos.figures()
        for name, program in self._esp32s.items():
            figures["ticks"][name] = program.rate_group.ticks
            figures["overruns"][name] = program.rate_group.overruns
            figures["rejected_frames"][name] = program.bus.rejected
        return figures

    def is_on(self, load: str) -> bool:
        """Whether power has switched this load on."""
        return bool(self.power.load_wires[f"load.{load}"].level)

    def step(self) -> None:
        """One tick of 10 ms: the worlds, then each board at its place in the tick, then the ground."""
        world, clock = self.world, self.clock
        self.picos.shares(world.now_us, world.open_shares)
        if not self.power.arm_is_on and world.open_shares.any():
            world.open_shares[:] = 0.0
            self.unsupplied_ticks += 1
        world.advance()
        clock.now_us = now_us = world.now_us
        body = self.picos.structure.body
        body.touch([bool(touching) for touching in world.touching])
        self.parts.supply(self.is_on("sensors"))
        self.parts.sample()
        self.rover.world.umbilical_w = UMBILICAL_W if self.is_on("rover") else 0.0
        if self.noise is not None:
            self.noise.tick()
        clock.now_us = now_us + POWER_PHASE_US
        self.power.step()
        clock.now_us = now_us + NAVIGATION_PHASE_US
        self.picos.run_navigation(world.touching)
        clock.now_us = now_us + STRUCTURE_PHASE_US
        self.picos.run_structure()
        clock.now_us = now_us + ROVER_PHASE_US
        if self.rover.world.held and "rover" in body.done_us:
            self.rover.release()
        self.rover.step()
        clock.now_us = now_us + PROPULSION_PHASE_US
        self.picos.run_propulsion()
        self.ground.tick()
