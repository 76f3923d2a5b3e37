"""Plays a story to its end, or to the step that does not come, and writes down what was true meanwhile.

    told = play(load_script("resilience_to_regolith"), seed=1)

The descent's record is that of `plumbline land`; the surface has a trace of its own, twice a second.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from host_tools.landing.loop import BoardFailure
from host_tools.landing.notebook import Notebook
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.story.player import TICKS_S, Player, Told
from host_tools.story.script import Script
from host_tools.story.spacecraft import Spacecraft
from host_tools.world.world import World

Progress = Callable[[float, str], Any]
VOTER = "plumbline"


def play(
    script: Script,
    seed: int = 1,
    late: bool = False,
    progress: Progress | None = None,
    uf2: Path | None = None,
) -> Told:
    """progress(simulated seconds, the last step's title) is called once a simulated second.

    uf2: firmware of the three Picos, which are emulated then; without it every board is the host's. Raises
    BoardFailure when an emulated board cannot be had, has stopped, or differs from the host board.
    """
    began = time.perf_counter()
    with begun(script, seed, late, uf2) as player:
        while not player.is_over:
            player.step()
            if progress is not None and player.ticks % TICKS_S == 0:
                marks = player.craft.ground.marks
                progress(player.ticks / TICKS_S, marks[-1].title if marks else "")
        return player.told(script, seed, late, time.perf_counter() - began)


@contextmanager
def begun(script: Script, seed: int, late: bool, uf2: Path | None = None) -> Iterator[Player]:
    """A story at its beginning, to be stepped by whoever wants more than its end."""
    world = World(scenario_of(script, late), seed)
    with _spacecraft(world, script, seed, uf2) as craft:
        yield Player(craft, Notebook(world, VOTER, seed))


@contextmanager
def _spacecraft(world: World, script: Script, seed: int, uf2: Path | None) -> Iterator[Spacecraft]:
    """Errors of emulated boards become BoardFailure."""
    parameters = flight_parameters(world.scenario.vehicle)
    if uf2 is None:
        yield Spacecraft(world, parameters, script, seed)
        return
    from host_tools.emulator.lander import ERRORS
    from host_tools.flash.firmware import FirmwareError

    try:
        with Spacecraft(world, parameters, script, seed, uf2) as craft:
            yield craft
    except (FirmwareError, ValueError, *ERRORS) as error:
        raise BoardFailure(str(error)) from error


def scenario_of(script: Script, late: bool) -> Scenario:
    """The descent of the story."""
    scenario = load(script.descent)
    if not late:
        return scenario
    start = script.late.model_dump(exclude={"ignition_mass_kg"})
    late_scenario = scenario.model_copy(update={"start": scenario.start.model_copy(update=start)})
    if script.late.ignition_mass_kg is None:
        return late_scenario
    lighter = scenario.vehicle.model_copy(update={"ignition_mass_kg": script.late.ignition_mass_kg})
    return late_scenario.model_copy(update={"vehicle": lighter})
