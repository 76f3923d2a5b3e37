"""Batch flight: whole landings by the thousand, bit for bit those of `plumbline land` with the same seeds.

    rows = fly(load("resilience_nominal"), range(1, 1001))
    rows["landed"].mean(), rows["propellant_left_kg"].min()

The same kernels and the same world run in one compiled loop without drivers, lines and packets; Python
only draws the world of each seed. Tier: host.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.abreast import flight, noise
from host_tools.campaign.abreast.trouble import Answers
from host_tools.campaign.abreast.trouble import flies_abreast as flies_abreast
from host_tools.campaign.abreast.voters import minds
from host_tools.campaign.rows import ROW, flown
from host_tools.campaign.setting import Setting
from host_tools.comparators.registry import FLIGHT
from host_tools.scenarios.schema import Scenario
from host_tools.world.lanes import LANES, aligned
from host_tools.world.world import World

_NO_TRACE = np.zeros((0, 0), np.int32), np.zeros((0, 0))

Traces = tuple[NDArray[np.int32], NDArray[np.float64]]


def fly(
    scenario: Scenario,
    seeds: Sequence[int],
    threads: int = 1,
    progress: Callable[[int], Any] | None = None,
    voter: str = FLIGHT,
) -> NDArray[np.void]:
    """One row of ROW for each seed, in their order; rows depend neither on `threads` nor on each other.

    voter: one of comparators/registry.py, ours by default; KeyError for another one.
    progress(landings flown so far) is called now and then. While landings fly, the interpreter's
    lock is free. Raises ValueError, in one line, for a scenario that cannot be flown in batches.
    """
    rows = np.zeros(len(seeds), ROW)
    if not len(seeds):
        return rows
    setting = Setting.of(World(scenario, seeds[0]), voter)

    def group(first: int) -> int:
        some = list(seeds[first : first + LANES])
        rows[first : first + len(some)] = fly_worlds(
            [World(scenario, seed) for seed in some], [setting] * len(some), some
        )
        return first + len(some)

    with ThreadPoolExecutor(threads) as pool:
        for done in pool.map(group, range(0, len(seeds), LANES)):
            if progress is not None:
                progress(done)
    return rows


def prepare(scenario: Scenario) -> None:
    """Have everything compiled: a minute once for a state of the sources, then from the cache."""
    near = scenario.start.model_copy(
        update={"altitude_m": 3000.0, "horizontal_speed_m_s": 50.0, "range_to_site_m": 3000.0}
    )
    ground = scenario.terrain.model_copy(update={"rims": []})
    fly(scenario.model_copy(update={"start": near, "terrain": ground, "time_limit_s": 1.0}), [0])


def fly_worlds(
    worlds: Sequence[World],
    settings: Sequence[Setting],
    seeds: Sequence[int],
    traced: int = 0,
    trace: Traces = _NO_TRACE,
    cycles: NDArray[np.int64] | None = None,
    samples: NDArray[np.float64] | None = None,
) -> NDArray[np.void]:
    """The rows of up to LANES worlds, which fly abreast and are used up.

    The worlds may differ in all but what is `shared` by their settings. trace: (ticks, memory.SIZE) int32 and
    (ticks, TRUTH_SIZE) float64 of the landing `traced`, filled as far as they go. cycles: the
    processor's cycles for each of flight.PARTS are added to it. samples: (worlds, tenths of a second,
    flight.SAMPLE_SIZE) of all landings, filled as far as they go; nan stands for no range, and beyond.
    """
    spare = [settings[0]] * (LANES - len(worlds))
    rules = settings[0].rules
    room = flight.room(
        [each.ints for each in [*settings, *spare]],
        minds(rules.voter, seeds),
        profiled=cycles is not None,
        tenths=0 if samples is None else samples.shape[1],
    )
    sky = sky_of(worlds)
    answers = Answers(worlds, sky, room)
    flight.land(sky, room, rules, answers.trouble, len(worlds), traced, *trace)
    answers.check()
    if cycles is not None:
        cycles += room.cycles[: len(cycles)]
    if samples is not None:
        samples[...] = room.samples[: len(worlds)]
    rows = [
        flown(world, seed, sky.contact[lane], room.figures[lane])
        for lane, (world, seed) in enumerate(zip(worlds, seeds, strict=True))
    ]
    return np.array(rows, ROW)


def _padded(grid: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The ground with its last height again and again, as terrain.py has it beyond the grid."""
    return grid if len(grid) == length else np.pad(grid, (0, length - len(grid)), mode="edge")


def sky_of(worlds: Sequence[World]) -> flight.Sky:
    """The arrays of up to LANES worlds side by side; lanes that are left over hold the first world again."""
    padded = [*worlds, *[worlds[0]] * (LANES - len(worlds))]
    longest = max(len(world.terrain.grid) for world in worlds)

    def rows(of: Callable[[World], Any]) -> Any:
        return np.stack([of(world) for world in padded])

    def columns(of: Callable[[World], Any]) -> Any:
        return aligned(np.stack([of(world) for world in padded], axis=-1))

    return flight.Sky(
        truth=columns(lambda w: w.truth),
        frame=columns(lambda w: w.vehicle.frame),
        views=rows(lambda w: w.view),
        grid=np.stack([_padded(world.terrain.grid, longest) for world in padded]),
        rims=rows(lambda w: w.terrain.rims),
        triggers=rows(lambda w: w.terrain.triggers),
        relief=columns(lambda w: w.terrain.relief),
        table=columns(lambda w: w.vehicle.thrusters),
        errors=columns(lambda w: w.imu_errors),
        contact=rows(lambda w: w.contact),
        altimeters=rows(lambda w: w.altimeters),
        velocimeter=rows(lambda w: w.velocimeter),
        sensor_noise=columns(lambda w: noise.state_of(w.sensor_rng)),
        imu_noise=columns(lambda w: noise.state_of(w.noise_rng)),
    )
