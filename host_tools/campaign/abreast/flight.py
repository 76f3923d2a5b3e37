"""Whole landings in one compiled loop, eight abreast: boards and world, as in host_board/lander.py.

The world moves all landings at once (world/lanes.py); then each one's kernels run. A landing that has
ended is carried along until the last one has.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numba.core import cgutils
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.campaign.abreast import kernels, memory, noise, trouble, voters, wiring
from host_tools.campaign.abreast.kernels import inner
from host_tools.campaign.abreast.wholes import (
    bits_of,
    both,
    column_of,
    everybody,
    fetch,
    keep,
    lanes_of,
    some,
)
from host_tools.host_board import outlets
from host_tools.host_board.isolation import BRANCHES
from host_tools.host_board.surroundings import PROPULSION_PHASE_US
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world import tick as world_tick
from host_tools.world.compiled import without_references
from host_tools.world.ending import OPEN, TIME_OUT, after_contact
from host_tools.world.lanes import ALL_LANES, LANES, aligned, board_of, emitted, own_box, own_list, own_table
from plumbline.kernels import slots as s

_NAMES = ("altitude", "attitude", "guidance", "modulation", "radar", "ranging", "state", "thrust")
altitude, attitude, guidance, modulation, radar, ranging, state, thrust = map(kernels.load_spread, _NAMES)
valve_motion, valve_health = map(kernels.load_spread, ("valve_motion", "valve_health"))

# when in a tenth of a second the navigation board does what it does at 10 Hz (navigation.py)
_TENTH = 10
_REQUEST_TICK = 0
_GUIDANCE_TICK = 9
_WATCH_TICK = 2  # the propulsion board looks at its valves (propulsion.py)
_SHUT_LOOKS = 20  # for so many it has not been armed: then all branches are isolated (valve_watch.py)
_ALL_BRANCHES = 255
_BRANCH_OF = np.array([next(b for b, some in enumerate(BRANCHES) if v in some) for v in range(dyn.VALVES)])
_ARMED = 1
_UNIT_Q14 = 16384.0

# parts of a tick, as a profile tells them apart
PARTS = ("noise", "valves", "world", "strapdown", "sensors", "navigation", "propulsion", "notes")
_NOISE, _VALVES, _WORLD, _STRAPDOWN, _SENSORS, _NAVIGATION, _PROPULSION, _NOTES = range(len(PARTS))

# what belongs to all landings, with the shapes that it has
_truth, _frame, _relief = board_of(dyn.TRUTH_SIZE), board_of(dyn.FRAME_SIZE), board_of(2)
_table, _errors = board_of(dyn.VALVES, dyn.THRUSTER_SIZE), board_of(sens.IMU_ROWS, 6)
_shares, _six = board_of(dyn.SUBSTEPS, dyn.VALVES), board_of(dyn.SUBSTEPS, 6)
_pulses, _work = board_of(outlets.ROWS, dyn.VALVES), board_of(dyn.WORK_SIZE)

# figures of one landing
ENDING, TICKS, WORST_AGL_ERROR_M, WORST_ALTITUDE_ERROR_M, BLIND_TICKS, PROPELLANT_KG = range(6)
# of valves: when anything was first said of them, when some were put out, which, and what is weak
VALVES_TOLD_S, VALVES_OUT_S, VALVES_OUT, VALVES_WEAK = range(6, 10)
FIGURES = 10

# what is written down of each landing at 10 Hz, when there is room for it; speeds are components
TRUE_ALTITUDE_M, TRUE_AGL_M, ALTITUDE_M, AGL_M, SPEED_UP, SPEED_DOWNRANGE, SPEED_CROSSRANGE = range(7)
LEFT_KG, PHASE, FLAGS, RIMS_PASSED = range(7, 11)
SAMPLE_SIZE = 11
_SAMPLE_TICK = 9  # as landing/notebook.py, which counts from 1


class Sky(NamedTuple):
    """The worlds of LANES landings, and what they draw from; lanes first or last as `tick.advance` says."""

    truth: NDArray[np.float64]
    frame: NDArray[np.float64]
    views: NDArray[np.float64]
    grid: NDArray[np.float64]
    rims: NDArray[np.float64]
    triggers: NDArray[np.float64]
    relief: NDArray[np.float64]
    table: NDArray[np.float64]
    errors: NDArray[np.float64]
    contact: NDArray[np.float64]
    altimeters: NDArray[np.float64]
    velocimeter: NDArray[np.float64]
    sensor_noise: NDArray[np.uint64]
    imu_noise: NDArray[np.uint64]


class Room(NamedTuple):
    """Working memory."""

    ints: NDArray[np.int32]  # (memory.SIZE, LANES)
    shares: NDArray[np.float64]
    counts: NDArray[np.int64]
    ideal: NDArray[np.float64]  # of length 0: there is no second inertial unit
    normals: NDArray[np.float64]
    bits: NDArray[np.uint64]
    work: NDArray[np.float64]
    touching: NDArray[np.bool_]
    low: NDArray[np.bool_]
    wanted: NDArray[np.int64]
    pulses: NDArray[np.int64]
    lines: NDArray[np.int64]
    replies: NDArray[np.int64]
    beams: NDArray[np.int64]
    legs: NDArray[np.int32]
    figures: NDArray[np.float64]  # (LANES, FIGURES)
    samples: NDArray[np.float64]  # (LANES, tenths of a second, SAMPLE_SIZE); of length 0: not wanted
    minds: NDArray[np.float64]  # what a comparator remembers, see voters.py
    isolated: NDArray[np.int64]  # branches, a bit each
    disarmed: NDArray[np.int64]  # looks at the valves since propulsion was armed
    cycles: NDArray[np.int64]  # the processor's, for each of PARTS, and when the last one ended; or empty


def room(
    ints: Sequence[NDArray[np.int32]], minds: NDArray[np.float64], profiled: bool = False, tenths: int = 0
) -> Room:
    """Room for LANES landings that start with these memories, and for so many samples of each."""

    def nothing(*shape: int, kind: type = np.float64) -> NDArray[Any]:
        return aligned(np.zeros(shape, kind))

    figures = nothing(LANES, FIGURES)
    figures[:, [VALVES_TOLD_S, VALVES_OUT_S]] = math.nan
    return Room(
        ints=aligned(np.stack(ints, axis=-1)),
        shares=nothing(dyn.SUBSTEPS, dyn.VALVES, LANES),
        counts=nothing(dyn.SUBSTEPS, 6, LANES, kind=np.int64),
        ideal=np.zeros((0, 6, LANES)),
        normals=nothing(dyn.SUBSTEPS, 6, LANES),
        bits=nothing(LANES, kind=np.uint64),
        work=nothing(dyn.WORK_SIZE, LANES),
        touching=nothing(LANES, dyn.LEGS, kind=np.bool_),
        low=nothing(LANES, kind=np.bool_),
        wanted=nothing(LANES, kind=np.int64),
        pulses=nothing(outlets.ROWS, dyn.VALVES, LANES, kind=np.int64),
        lines=nothing(LANES, sens.ALTIMETERS, wiring.LINE_SIZE, kind=np.int64),
        replies=nothing(LANES, sens.ALTIMETERS, wiring.ROOM, wiring.REPLY_SIZE, kind=np.int64),
        beams=nothing(LANES, 2, kind=np.int64),
        legs=nothing(1, LANES, kind=np.int32),
        figures=figures,
        samples=np.full((LANES, tenths, SAMPLE_SIZE), math.nan),
        minds=minds,
        isolated=nothing(LANES, kind=np.int64),
        disarmed=np.full(LANES, _SHUT_LOOKS + 1),  # it has never been armed
        cycles=np.zeros(len(PARTS) + 1 if profiled else 0, np.int64),
    )


class Rules(NamedTuple):
    """What all landings of a scenario share."""

    order: NDArray[np.int64]  # LASER and RADAR as navigation has them
    fitted: NDArray[np.bool_]
    latency_us: NDArray[np.int64]
    delay_ms: int
    limits: tuple[float, float, float]
    last_tick: int
    voter: int  # of voters.py


@emitted
def _clock(_context: Any) -> Any:
    """The processor's cycle counter."""

    def generate(_context: Any, builder: Any, _sig: Any, _args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.readcyclecounter"), [])

    return types.int64(), generate


@inner
def charge(cycles, part):
    """What has passed since the last charge goes to this part; nothing unless a profile is wanted."""
    if cycles.shape[0] > 0:
        now = _clock()
        cycles[part] += now - cycles[-1]
        cycles[-1] = now


@inner
def _reading(read, sky, faults, kind, now_us, cosine, sine, lane):
    """(status, range in mm) of an altimeter for that beam."""
    drawn, parts = sky.sensor_noise, own_table(sky.altimeters, lane)
    reach_m = parts[kind, sens.A_REACH_M]
    if faults.speaks[lane, kind] & trouble.WEAKENED:
        reach_m = trouble.reach_m(faults, kind, now_us, lane)
    draws = noise.uniform(drawn, lane), noise.normal(drawn, lane), noise.uniform(drawn, lane)
    return read(
        own_list(sky.views, lane), sky.frame[dyn.F_FOOT_DOWN_M, lane], cosine / _UNIT_Q14, sine / _UNIT_Q14,
        own_list(sky.grid, lane), own_table(sky.rims, lane), sky.relief[world_tick.HIGHEST_M, lane],
        parts, kind, reach_m, draws,
    )  # fmt: skip


@inner
def measure_laser(sky, room, faults, now_us, lane):
    """The laser's measurement for the request that has come in the last tick, onto the desk."""
    cosine, sine = room.beams[lane, 0], room.beams[lane, 1]
    status, range_mm = _reading(sens.laser_reading, sky, faults, sens.LASER, now_us, cosine, sine, lane)
    faults.desk[lane, trouble.STATUS] = status
    faults.desk[lane, trouble.RANGE_MM] = range_mm


@inner
def measure_radar(sky, room, rules, faults, now_us, lane):
    """The radar's, with range and velocity."""
    view, part, drawn = own_list(sky.views, lane), own_list(sky.velocimeter, lane), sky.sensor_noise
    cosine, sine = room.beams[lane, 0], room.beams[lane, 1]
    status, range_mm = 0, 0
    if rules.fitted[sens.RADAR]:
        status, range_mm = _reading(sens.radar_reading, sky, faults, sens.RADAR, now_us, cosine, sine, lane)
    seen = sens.velocity_in_reach(view, part) and noise.uniform(drawn, lane) >= part[sens.V_DROPOUT]
    seen = seen and sens.velocity_beams_point_down(view, cosine / _UNIT_Q14, sine / _UNIT_Q14, part)
    if seen:
        status |= sens.VELOCITY_VALID
    faults.desk[lane, trouble.STATUS] = status
    faults.desk[lane, trouble.RANGE_MM] = range_mm
    for axis in range(3):
        speed = sens.measured_mm_s(view, part, axis, noise.normal(drawn, lane)) if seen else 0
        faults.desk[lane, trouble.SPEED_X + axis] = speed


@inner
def say(room, rules, faults, kind, now_us, lane):
    """An altimeter's reply, of what lies on the desk; whoever has a say in it is asked."""
    desk = faults.desk
    latency_us = rules.latency_us[kind]
    if faults.speaks[lane, kind] & trouble.SPOILS:
        trouble.spoil_reading(faults, kind, now_us, lane)
        latency_us += desk[lane, trouble.EXTRA_US]
    lines, replies = own_table(room.lines, lane), own_box(room.replies, lane)
    cosine, sine = room.beams[lane, 0], room.beams[lane, 1]
    status, range_mm = desk[lane, trouble.STATUS], desk[lane, trouble.RANGE_MM]
    index = wiring.send(lines, replies, kind, now_us, latency_us, status, range_mm, cosine, sine)
    if kind == sens.RADAR:
        for axis in range(3):
            replies[kind, index, wiring.SPEED_X + axis] = desk[lane, trouble.SPEED_X + axis]


@inner
def answer(sky, room, rules, faults, now_us, lane):
    """The altimeters' turn, when a request has come in the last tick."""
    if rules.fitted[sens.LASER]:
        measure_laser(sky, room, faults, now_us, lane)
        say(room, rules, faults, sens.LASER, now_us, lane)
    if rules.fitted[sens.RADAR] or sky.velocimeter[lane, sens.V_REACH_M] > -math.inf:
        measure_radar(sky, room, rules, faults, now_us, lane)
        say(room, rules, faults, sens.RADAR, now_us, lane)


@inner
def feel(room, faults, now_us, landings):
    """The inertial unit's datagrams into every landing's estimate: what Navigation.tick does first."""
    ints, every = room.ints, ALL_LANES
    troubled = 0
    if faults.ask[0] != 0:
        for lane in range(landings):
            troubled |= faults.unit[lane]
            if room.wanted[lane] != world_tick.OVER:
                trouble.spoil_counts(faults, now_us, lane)
    if troubled or not wiring.take_all_counts(room.counts, ints):
        for lane in range(LANES):
            imu = memory.imu(ints, lane)
            if faults.unit[lane] & (trouble.SILENT | trouble.OVERLOADED):
                wiring.take_no_counts(imu, trouble.datagrams_of_no_use(faults, lane))
            else:
                wiring.take_counts(room.counts, imu, lane)
    state.step(everybody(), memory.estimate(ints, every), memory.state(ints, every), memory.imu(ints, every))


@inner
def hear(room, now_us, landings):
    """Altimeters' replies that have come; returns the lanes that have heard the radar, a bit for each."""
    ints, heard = room.ints, 0
    for lane in range(landings):
        if room.wanted[lane] == world_tick.OVER:
            continue
        lines, replies = own_table(room.lines, lane), own_box(room.replies, lane)
        wiring.arrived(lines, replies, sens.LASER, now_us, memory.laser(ints, lane))
        if wiring.arrived(lines, replies, sens.RADAR, now_us, memory.radar(ints, lane)) > 0:
            heard |= 1 << lane
    return heard


@inner
def count_legs(room, landings):
    """How many legs navigation takes to touch, of each landing."""
    for lane in range(landings):
        legs = wiring.contacts(own_list(room.touching, lane), memory.contact_ticks(room.ints, lane))
        room.legs[0, lane] = legs


@inner
def navigate(room, rules, count, now_us, landings):
    """The rest of Navigation.tick, after the parts have spoken, of all landings.

    Those that have ended fly on with the others; nobody looks at them any more.
    """
    ints, every = room.ints, ALL_LANES
    estimate, vote = memory.estimate(ints, every), memory.vote(ints, every)
    guided, demand = memory.guidance(ints, every), memory.demand(ints, every)
    heard = hear(room, now_us, landings)
    if heard != 0:
        radar.correct_velocity(lanes_of(heard), estimate, memory.radar(ints, every), rules.delay_ms)
    for i in range(rules.order.shape[0]):
        reading = memory.laser(ints, every) if rules.order[i] == sens.LASER else memory.radar(ints, every)
        ranging.ingest(everybody(), vote, estimate, reading, i, memory.fit(ints, every))
    if rules.voter == voters.OURS:
        altitude.step(everybody(), vote, estimate)
    else:
        voters.step(rules.voter, ints, room.minds, room.wanted, landings)
    thrust.accumulate(everybody(), guided, estimate)
    count_legs(room, landings)
    if count % _TENTH == _GUIDANCE_TICK:
        legs = fetch(column_of(room.legs, 0), 0)
        guidance.step(everybody(), guided, estimate, memory.params(ints, every), legs)
    attitude.step(everybody(), memory.attitude(ints, every), demand, estimate, guided)
    keep(everybody(), demand, s.DEM_TICK, count & 0xFFFF)
    if count % _TENTH == _REQUEST_TICK:
        for lane in range(landings):
            room.beams[lane, 0], room.beams[lane, 1] = wiring.beam(memory.estimate(ints, lane))


@inner
def watch(room, count, now_us):
    """What the valves have done so far, and once a tenth of a second what is to be thought of it."""
    ints, every = room.ints, ALL_LANES
    taken, motion, health = memory.taken(ints, every), memory.motion(ints, every), memory.health(ints, every)
    valve_motion.step(everybody(), motion, taken)
    if count % _TENTH != _WATCH_TICK:
        return
    armed = fetch(taken, s.DEM_FLAGS) & _ARMED == 1
    if some(armed):
        turning = memory.turning(ints, every)
        valve_motion.take_mass(armed, motion, taken, turning)
        valve_health.step(armed, health, motion, taken, turning)
    keep(everybody(), memory.modulation(ints, every), s.MOD_OUT, fetch(health, s.HEA_OUT))
    for lane in range(LANES):
        if room.wanted[lane] != world_tick.OVER:
            isolate(room, now_us, lane)


@inner
def isolate(room, now_us, lane):
    """What is told of a landing's valves, and the branches that are isolated from now on."""
    figures, found = room.figures, memory.health(room.ints, lane)
    if memory.taken(room.ints, lane)[s.DEM_FLAGS] & _ARMED == 1:
        room.disarmed[lane] = 0
    elif room.disarmed[lane] < _SHUT_LOOKS:
        room.disarmed[lane] += 1
    room.isolated[lane] = found[s.HEA_ISOLATED]
    if room.disarmed[lane] == _SHUT_LOOKS:
        room.isolated[lane] = _ALL_BRANCHES
    figures[lane, VALVES_OUT] = found[s.HEA_OUT]
    figures[lane, VALVES_WEAK] = found[s.HEA_WEAK]
    if found[s.HEA_OUT] != 0 and math.isnan(figures[lane, VALVES_OUT_S]):
        figures[lane, VALVES_OUT_S] = now_us * 1e-6
    if found[s.HEA_OUT] | found[s.HEA_WEAK] != 0 and math.isnan(figures[lane, VALVES_TOLD_S]):
        figures[lane, VALVES_TOLD_S] = now_us * 1e-6


@inner
def hold_valves(room, faults, landings):
    """Before a tick of the world: what is stuck, what leaks, and what is isolated."""
    for lane in range(landings):
        if room.wanted[lane] == world_tick.OVER:
            continue
        trouble.hold_valves(faults, room.shares, lane)
        if room.isolated[lane]:
            for valve in range(dyn.VALVES):
                if room.isolated[lane] >> _BRANCH_OF[valve] & 1:
                    room.shares[:, valve, lane] = 0.0


@inner
def propel(room, count, now_us):
    """Propulsion.tick, after the demand has come, of all landings."""
    ints, every = room.ints, ALL_LANES
    taken, pulses_us = memory.taken(ints, every), memory.pulses_us(ints, every)
    was_armed = fetch(taken, s.DEM_FLAGS) & _ARMED
    wiring.hand_over(memory.demand(ints, every), taken)
    watch(room, count, now_us)
    begun = bits_of(modulation.step(everybody(), memory.modulation(ints, every), pulses_us, taken))
    valve_motion.begin(everybody(), memory.motion(ints, every), pulses_us)
    at_us = now_us + PROPULSION_PHASE_US
    disarmed = was_armed > fetch(taken, s.DEM_FLAGS) & _ARMED
    if some(disarmed):
        for lane in range(LANES):
            if some(both(disarmed, lanes_of(1 << lane))):
                outlets.close_valves(room.pulses, at_us, lane)
    for valve in range(dyn.VALVES):
        if begun >> valve & 1:
            for lane in range(LANES):
                width_us = memory.pulses_us(ints, lane)[valve]
                if width_us > 0:
                    outlets.open_valve(room.pulses, valve, at_us, width_us, lane)


@inner
def take_notes(sky, room, lane):
    """The largest errors so far, and for how long nothing was seen; as landing/notebook.py."""
    ints, figures = room.ints, room.figures
    estimate = memory.estimate(ints, lane)
    error = abs(estimate[s.EST_ALTITUDE_MM] * 1e-3 - dyn.altitude_of(sky.truth, sky.frame, lane))
    figures[lane, WORST_ALTITUDE_ERROR_M] = max(figures[lane, WORST_ALTITUDE_ERROR_M], error)
    if not memory.vote(ints, lane)[s.VOT_ACQUIRED]:
        return
    if room.wanted[lane] == world_tick.NOTHING:
        dyn.look_down(
            sky.truth,
            sky.frame,
            own_list(sky.grid, lane),
            own_table(sky.rims, lane),
            own_list(sky.views, lane),
            lane,
        )
    error = abs(estimate[s.EST_AGL_MM] * 1e-3 - sky.views[lane, dyn.AGL_M])
    figures[lane, WORST_AGL_ERROR_M] = max(figures[lane, WORST_AGL_ERROR_M], error)
    voters = memory.vote(ints, lane)[s.VOT_VOTERS]
    figures[lane, BLIND_TICKS] += voters == 0 and sky.contact[lane, 0] == 0.0


@inner
def ended(sky, room, rules, count, now_us, lane):
    """Whether a landing has ended with this tick; then its figures are complete."""
    ending = OPEN
    if sky.contact[lane, 0] > 0.0:
        phase = memory.guidance(room.ints, lane)[s.GUI_PHASE]
        ending = after_contact(
            own_list(sky.contact, lane), own_list(sky.views, lane), now_us, phase, rules.limits
        )
    if ending == OPEN and count + 1 == rules.last_tick:
        ending = TIME_OUT
    if ending == OPEN:
        return False
    figures = room.figures
    figures[lane, ENDING] = ending
    figures[lane, TICKS] = count + 1
    figures[lane, PROPELLANT_KG] = sky.truth[dyn.MASS, lane] - sky.frame[dyn.F_EMPTY_KG, lane]
    if not memory.vote(room.ints, lane)[s.VOT_ACQUIRED]:
        figures[lane, WORST_AGL_ERROR_M] = math.nan
    return True


@inner
def _sample(sky, room, tenth, lane):
    """A row of the samples, as landing/notebook.py has them."""
    row, view = room.samples, sky.views
    estimate, vote = memory.estimate(room.ints, lane), memory.vote(room.ints, lane)
    row[lane, tenth, TRUE_ALTITUDE_M] = view[lane, dyn.ALTITUDE_M]
    row[lane, tenth, TRUE_AGL_M] = view[lane, dyn.AGL_M]
    row[lane, tenth, ALTITUDE_M] = estimate[s.EST_ALTITUDE_MM] * 1e-3
    if vote[s.VOT_ACQUIRED]:
        row[lane, tenth, AGL_M] = estimate[s.EST_AGL_MM] * 1e-3
    row[lane, tenth, SPEED_UP] = view[lane, dyn.SPEED_UP]
    row[lane, tenth, SPEED_DOWNRANGE] = view[lane, dyn.SPEED_DOWNRANGE]
    row[lane, tenth, SPEED_CROSSRANGE] = view[lane, dyn.SPEED_CROSSRANGE]
    row[lane, tenth, LEFT_KG] = sky.truth[dyn.MASS, lane] - sky.frame[dyn.F_EMPTY_KG, lane]
    row[lane, tenth, PHASE] = memory.guidance(room.ints, lane)[s.GUI_PHASE]
    row[lane, tenth, FLAGS] = vote[s.VOT_FLAGS]
    rims, passed = own_table(sky.rims, lane), 0
    for i in range(rims.shape[0]):
        passed += view[lane, dyn.DOWNRANGE_M] >= rims[i, 0]
    row[lane, tenth, RIMS_PASSED] = passed


@inner
def _write_down(sky, room, count, lane, trace_ints, trace_truth):
    for k in range(trace_ints.shape[1]):
        trace_ints[count, k] = room.ints[k, lane]
    for k in range(trace_truth.shape[1]):
        trace_truth[count, k] = sky.truth[k, lane]


@inner
def _move_on(sky, room, now_us):
    """The world's tick, of all landings."""
    world_tick.advance(
        _truth(sky.truth), _frame(sky.frame), sky.views, sky.grid, sky.rims, sky.triggers,
        _relief(sky.relief), _table(sky.table), _shares(room.shares), now_us, room.touching,
        _errors(sky.errors), _six(room.normals), _six(room.counts), room.ideal, sky.contact,
        _work(room.work), room.low, room.wanted, ALL_LANES,
    )  # fmt: skip


@inner
def want(room, faults, landings, everything):
    """What each landing needs to see of this tick; only those that have not ended."""
    for lane in range(landings):
        if room.wanted[lane] == world_tick.OVER:
            continue
        room.wanted[lane] = world_tick.NOTHING
        if everything or trouble.watches(faults, lane):
            room.wanted[lane] = world_tick.ALL
        elif memory.vote(room.ints, lane)[s.VOT_ACQUIRED]:
            room.wanted[lane] = world_tick.DOWN


@inner
def fail(sky, room, faults, now_us, landings):
    """Before a tick: what is due begins and ends to fail."""
    if faults.ask[0] == 0:
        return
    for lane in range(landings):
        if room.wanted[lane] != world_tick.OVER:
            trouble.begin_and_end(faults, sky.views, now_us, lane)


@inner
def sense(sky, room, rules, faults, now_us, landings, asked):
    """After a tick of the world: the legs' switches, and the altimeters when they were asked."""
    for lane in range(landings):
        if room.wanted[lane] != world_tick.OVER:
            trouble.close_switches(faults, room.touching, lane)
            if asked:
                answer(sky, room, rules, faults, now_us, lane)


@without_references(nogil=True, cache=True)
def land(sky, room, rules, faults, landings, traced, trace_ints, trace_truth):
    """Flies the first so many landings of the sky to their ends; room.figures tells of them.

    faults: a trouble.Trouble.
    trace_ints, trace_truth: a row for each tick that they have room for, of the landing `traced`.
    """
    cycles = room.cycles
    for lane in range(LANES):
        room.wanted[lane] = world_tick.NOTHING if lane < landings else world_tick.OVER
    if cycles.shape[0] > 0:
        cycles[-1] = _clock()
    flying, now_us = landings, 0
    for count in range(rules.last_tick):
        asked = count % _TENTH == _REQUEST_TICK + 1
        sampled = room.samples.shape[1] > 0 and count % _TENTH == _SAMPLE_TICK
        fail(sky, room, faults, now_us, landings)
        want(room, faults, landings, asked or sampled)
        charge(cycles, _NOTES)
        noise.fill(sky.imu_noise, room.normals, room.bits)
        charge(cycles, _NOISE)
        outlets.open_shares(_pulses(room.pulses), now_us, dyn.SUBSTEP_US, _shares(room.shares), ALL_LANES)
        hold_valves(room, faults, landings)
        charge(cycles, _VALVES)
        _move_on(sky, room, now_us)
        charge(cycles, _WORLD)
        now_us += dyn.TICK_US
        feel(room, faults, now_us, landings)
        charge(cycles, _STRAPDOWN)
        sense(sky, room, rules, faults, now_us, landings, asked)
        charge(cycles, _SENSORS)
        navigate(room, rules, count, now_us, landings)
        charge(cycles, _NAVIGATION)
        propel(room, count, now_us)
        charge(cycles, _PROPULSION)
        for lane in range(landings):
            if room.wanted[lane] == world_tick.OVER:
                continue
            take_notes(sky, room, lane)
            if sampled:
                _sample(sky, room, count // _TENTH, lane)
            if lane == traced and count < trace_ints.shape[0]:
                _write_down(sky, room, count, lane, trace_ints, trace_truth)
            if ended(sky, room, rules, count, now_us, lane):
                room.wanted[lane] = world_tick.OVER
                flying -= 1
        if flying == 0:
            break
