"""Takes up a descent from its checkpoint: refused, or moved on over the time in which nobody looked.

Imported after a reset only. The gap is known: a mark of every tick says when the watchdog was fed last, it
bites 100 ms after that, and the chip's clock begins at the reset. Meanwhile propulsion goes on with the last
demand for 100 ms and closes its valves; with them closed the flight is a free fall, turning as it did.
"""

from array import array

from micropython import const
from plumbline.kernels import altitude, slots, state, thrust
from plumbline.link import dictionary
from plumbline.services import modes
from plumbline.services.health import WATCHDOG_MS
from plumbline.services.reset_log import WATCHDOG
from plumbline.services.transitions import ROWS, TABLE, next_mode

LONGEST_GAP_MS = const(2000)  # from the checkpoint to its resumption: what a descent survives for certain

SPOILED = const(1)  # why a resumption is refused: the copies or the marks are not whole
TOO_OLD = const(2)
TOO_MANY_RESETS = const(3)  # and the table says safe: nothing burns yet

_TICK_MS = const(10)
_DEMAND_TICKS = const(9)  # for which propulsion goes on with the last demand
_STEP_TICKS = const(10)  # the longest step of state.py
_SAMPLES_A_TICK = const(5)
_TENTH = const(10)
_TICK_MASK = const(0x1FFFFFFF)

_CONTACT = const(5)
_CONDITIONS = {
    2: modes.PHASE_BRAKING,
    3: modes.PHASE_APPROACH,
    4: modes.PHASE_TERMINAL,
    5: modes.PHASE_CONTACT,
    6: modes.PHASE_LANDED,
    7: modes.PHASE_ABORT,
    8: modes.PHASE_ORBIT,
}


def look(navigation, checkpoint, mission_ms, reset_log, uptime_ms):
    """After a reset: resume what `checkpoint` has found, or say why not."""
    events = navigation.events
    if checkpoint.is_spoiled:
        events.emit(dictionary.RESUME_REFUSED, 0, SPOILED)
        return
    away_ms = WATCHDOG_MS if reset_log.cause == WATCHDOG else 0
    unseen_ms = (checkpoint.alive_tick - checkpoint.tick) * _TICK_MS + away_ms
    if not 0 <= unseen_ms + uptime_ms() <= LONGEST_GAP_MS:
        events.emit(dictionary.RESUME_REFUSED, 0, TOO_OLD)
        return
    if mode_after(checkpoint.phase, reset_log.safe) == modes.SAFE:
        events.emit(dictionary.RESUME_REFUSED, 0, TOO_MANY_RESETS)
        return
    checkpoint.load()
    _enter(navigation, checkpoint.phase)
    _hear_nothing(navigation)
    ticks = (unseen_ms + uptime_ms()) // _TICK_MS
    pushed = min(ticks, checkpoint.alive_tick - checkpoint.tick + _DEMAND_TICKS)
    catch_up(navigation, ticks, max(pushed, 0))
    mission_ms[0] += ticks * _TICK_MS
    navigation.time.go_on_from(mission_ms[0])
    tick = (checkpoint.tick + ticks) & _TICK_MASK
    navigation.rate_group.ticks = tick
    navigation.rate_group.wait_us = 0  # nothing burns until the first tick
    checkpoint.save(tick)  # at once: the next reset may come before the first tick
    checkpoint.mark(tick, checkpoint.phase)
    events.emit(dictionary.RESUMED, tick, ticks * _TICK_MS)
    events.emit(dictionary.RESUME_GAP, tick, away_ms + uptime_ms())


def mode_after(phase, too_many_resets):
    """The mode in which a board begins that could resume that phase, by the supervisor's table."""
    conditions = modes.READY | modes.INITIALISED
    if phase in _CONDITIONS:
        conditions |= modes.RESUMABLE | _CONDITIONS[phase]
    if too_many_resets:
        conditions |= modes.TOO_MANY_RESETS
    return next_mode(TABLE, ROWS, modes.BOOT, conditions)


def _enter(navigation, phase):
    """The phase that was said last, where the checkpoint is from before it."""
    guidance = navigation.guidance
    if guidance[slots.GUI_PHASE] != phase:
        guidance[slots.GUI_PHASE] = phase
        guidance[slots.GUI_PHASE_STEPS] = 0
    navigation.said(phase)


def _hear_nothing(navigation):
    """What the inertial units have sent until now belongs to the gap; their counts began anew."""
    memory = navigation.state
    pair = navigation.pair
    imu = navigation.imu
    imu.skip()
    memory[slots.STA_SILENT_TICKS] = 0
    if pair is None:
        memory[slots.STA_LOST] = imu.readings[slots.IMU_LOST]
        memory[slots.STA_FAULTS] = imu.readings[slots.IMU_FAULTS]
        return
    pair.second.skip()
    pair.begin_anew()


def catch_up(navigation, ticks, pushed):
    """Estimate, vote and mass move on by so many ticks, in the first of which the engines go on.

    The estimate's doubt grows as in a silence of the inertial unit, the altimeters' ages as in theirs.
    """
    estimate, memory, guidance = navigation.estimate, navigation.state, navigation.guidance
    on_ground = guidance[slots.GUI_PHASE] == _CONTACT
    increments = array("i", [0] * slots.IMU_SIZE)
    increments[slots.IMU_LOST] = memory[slots.STA_LOST]
    increments[slots.IMU_FAULTS] = memory[slots.STA_FAULTS]
    done = 0
    while done < ticks:
        step = min(_STEP_TICKS, (pushed if done < pushed else ticks) - done)
        increments[slots.IMU_SAMPLES] = _SAMPLES_A_TICK * step
        for axis in range(3):
            # one LSB of an angle in 2 ms is 4.161 urad/s; one of 2^-16 mm/s is 8 / 125 of a velocity's
            rate = estimate[slots.EST_RATE_X_URAD_S + axis]
            increments[slots.IMU_ANGLE_X + axis] = rate * 1000 // 4161 * _SAMPLES_A_TICK * step
            kick = memory[slots.STA_CALM_X + axis] if done < pushed or on_ground else 0
            increments[slots.IMU_VELOCITY_X + axis] = kick * step * 8 // 125
        state.hide(estimate, step)
        state.step(estimate, memory, increments)
        age = estimate[slots.EST_VELOCITY_AGE_TICKS] + step - 1
        estimate[slots.EST_VELOCITY_AGE_TICKS] = min(age, 100000)
        climb = estimate[slots.EST_CLIMB_MM]
        for i in range(step):
            estimate[slots.EST_CLIMB_MM] = climb * (i + 1) // step - climb * i // step
            altitude.advance(navigation.vote, estimate)
        done += step
    for _ in range(pushed // _TENTH):
        thrust.burn_mass(guidance, navigation.parameters.values)
