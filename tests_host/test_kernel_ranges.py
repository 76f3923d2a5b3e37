"""No integer in a kernel leaves 31 bits, whatever a sensor says and whatever state has come of it.

Every kernel function runs over integers that check each operation (checked_int.py); sensor slots
take all of 31 bits, state slots the range that the kernels themselves hold them in.
"""

import math
import random
from array import array
from types import SimpleNamespace

import pytest
from checked_int import LARGEST, SMALLEST, Small, checked_copies, memory32, plain_copies

from host_tools.proof import declared
from plumbline.kernels import (
    abort,
    altitude,
    attitude,
    braking,
    descent,
    dispute,
    fixed,
    following,
    guidance,
    integrity,
    levels,
    modulation,
    radar,
    ranging,
    slots,
    state,
    thrust,
    touchdown,
    verdicts,
)

# each after those that it calls
MODULES = (
    *(fixed, state, radar, ranging, integrity, levels, verdicts, dispute, following, altitude),
    *(thrust, touchdown, descent, braking, abort, guidance, attitude, modulation),
)


def named(copies: list) -> SimpleNamespace:
    """The modules' copies by the modules' names."""
    names = (module.__name__.rpartition(".")[2] for module in MODULES)
    return SimpleNamespace(**dict(zip(names, copies, strict=True)))


CHECKED = named(checked_copies(*MODULES))
FIXED, STATE, ATTITUDE, MODULATION = CHECKED.fixed, CHECKED.state, CHECKED.attitude, CHECKED.modulation
RADAR = CHECKED.radar
SPEED_Q8 = 512_000_000  # state.py holds speeds there: 2,000 m/s
HEIGHT_MM = 200_000_000  # altitude.py holds heights there


def hard(noise: random.Random, low: int, high: int) -> int:
    """A number of a range, with many extremes."""
    pick = noise.randrange(4)
    if pick == 0:
        return noise.choice((low, high))
    if pick == 1:
        return max(low, min(high, noise.choice((-1, 0, 1, 1000, -1000))))
    if pick == 2:
        return max(low, min(high, noise.choice((-1, 1)) * 2 ** noise.randrange(30)))
    return noise.randint(low, high)


def word(noise: random.Random) -> int:
    return hard(noise, SMALLEST, LARGEST)


def sensor(noise: random.Random, size: int):
    """Any 31 bits anywhere."""
    return memory32(word(noise) for _ in range(size))


def any_reading(noise: random.Random, status: int | None = None):
    """An altimeter's slots: any 31 bits, but for an age of 16 bits, as drivers/sensor_frame.py reads it."""
    reading = sensor(noise, slots.ALT_SIZE)
    reading[slots.ALT_AGE_MS] = hard(noise, 0, 65_535)
    if status is not None:
        reading[slots.ALT_STATUS] = status
    return reading


def attitude_of(noise: random.Random) -> list[int]:
    """A unit quaternion, some of them along the axes."""
    parts = noise.choice(
        ([1, 0, 0, 0], [0, 0, 0, -1], [1, 0, 0, -1], [1, 1, 1, 1], [noise.gauss(0, 1) for _ in range(4)])
    )
    length = math.sqrt(sum(part * part for part in parts))
    return [max(-(2**29) + 1, min(2**29 - 1, round(part / length * 2**29))) for part in parts]


def any_estimate(noise: random.Random):
    """Everything that navigation can come to believe."""
    estimate = memory32([0] * slots.EST_SIZE)
    estimate[slots.EST_ALTITUDE_MM] = hard(noise, -10_000_000, 110_000_000)
    estimate[slots.EST_AGL_MM] = hard(noise, -HEIGHT_MM, HEIGHT_MM)
    estimate[slots.EST_DOWNRANGE_MM] = hard(noise, -1_000_000_000, 1_000_000_000)
    estimate[slots.EST_CROSSRANGE_MM] = hard(noise, -HEIGHT_MM, HEIGHT_MM)
    for axis in range(3):
        estimate[slots.EST_VELOCITY_UP_Q8 + axis] = hard(noise, -SPEED_Q8, SPEED_Q8)
        estimate[slots.EST_RATE_X_URAD_S + axis] = hard(noise, -17_000_000, 17_000_000)
        # add_kick holds a step's kick to 500,000,000 of 2^-16 mm/s
        estimate[slots.EST_STEP_UP_Q8 + axis] = hard(noise, -1_953_126, 1_953_126)
    for part, value in enumerate(attitude_of(noise)):
        estimate[slots.EST_Q0 + part] = value
    STATE.rotation_matrix(estimate)
    estimate[slots.EST_FORCE_X_MM_S2] = hard(noise, -1_000_000, 1_000_000)
    estimate[slots.EST_CLIMB_MM] = hard(noise, -200_000, 200_000)
    estimate[slots.EST_VELOCITY_AGE_TICKS] = hard(noise, 0, 100_000)
    estimate[slots.EST_AGL_VALID] = noise.randrange(2)
    return estimate


def fits():
    """A laser and a radar as the profiles have them, then two of the worst that a profile may hold."""
    return memory32(
        [
            *(100, 33, 1200, 6, 15_000_000),
            *(300, 164, 1200, 6, 15_000_000),
            *(100_000, 1638, 10_000, 500, 200_000_000),
            *(0, 0, -10_000, 0, 0),
        ]
    )


def any_params(noise: random.Random):
    full = noise.choice((1_600_000, 400_001, 10_000_000))
    return memory32(
        [
            full,
            noise.choice((400_000, full)),
            noise.choice((3138, 1000, 4500)),
            hard(noise, 0, 30_000_000),
            hard(noise, 0, 200_000),
            hard(noise, 0, 2_000_000),
            hard(noise, -50_000_000, 0),  # a gate lies within 50 km of its site
            noise.choice((4_500_000, 1_000, 100_000_000)),
            hard(noise, 0, 16_384),
            hard(noise, 0, 100_000_000),
        ]
    )


def any_guidance(noise: random.Random):
    memory = memory32([0] * slots.GUI_SIZE)
    memory[slots.GUI_PHASE] = noise.randrange(9)
    memory[slots.GUI_MASS_G] = hard(noise, 0, LARGEST)  # a command gives it
    memory[slots.GUI_MASS_REST_MG] = hard(noise, 0, 999)
    memory[slots.GUI_FULL_MM_S2] = hard(noise, 0, 30_518)
    memory[slots.GUI_SCALE_Q14] = hard(noise, 14_746, 18_022)
    memory[slots.GUI_FORCE_SUM] = hard(noise, -10_000_000, 10_000_000)
    memory[slots.GUI_FORCE_MEAN_Q4] = hard(noise, -16_000_000, 16_000_000)
    memory[slots.GUI_EXPECTED_MEAN_Q4] = hard(noise, 0, 16_000_000)
    memory[slots.GUI_EXPECTED_MM_S2] = hard(noise, 0, 30_518)
    for slot in (slots.GUI_FORCE_UP, slots.GUI_FORCE_DOWNRANGE, slots.GUI_FORCE_CROSSRANGE):
        memory[slot] = hard(noise, -40_000, 40_000)
    for slot in range(slots.GUI_DIRECTION_UP_Q14, slots.GUI_DIRECTION_CROSSRANGE_Q14 + 1):
        memory[slot] = hard(noise, -16_384, 16_384)
    memory[slots.GUI_THROTTLE_Q14] = hard(noise, 0, 16_384)
    memory[slots.GUI_MAIN_ON] = noise.randrange(2)
    memory[slots.GUI_TIME_TO_GO_Q6] = hard(noise, 0, 500_000)
    memory[slots.GUI_PHASE_STEPS] = hard(noise, 0, 1_000_000)
    return memory


def quiet_estimate(noise: random.Random):
    """Somewhere on an orbit, thrust axis against the flight."""
    estimate = memory32([0] * slots.EST_SIZE)
    estimate[slots.EST_ALTITUDE_MM] = 14_000_000 + noise.randrange(1000)
    estimate[slots.EST_DOWNRANGE_MM] = -300_000_000
    estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = 400_000_000
    STATE.normalise(estimate, 379_625_062, 0, 0, -379_625_062)  # -90 degrees about crossrange
    STATE.rotation_matrix(estimate)
    return estimate


def fly_a_tick(room, flight, imu, reading, params) -> None:
    """The navigation board's tick, then the propulsion board's."""
    estimate, memory, vote, guidance_memory, control_memory, demand, modulation_memory, pulses = flight
    room.state.step(estimate, memory, imu)
    room.radar.correct_velocity(estimate, reading, 6)
    down = array("i", reading)
    down[slots.ALT_BEAM_COS_Q14] = estimate[slots.EST_R00] >> 15
    down[slots.ALT_BEAM_SIN_Q14] = estimate[slots.EST_R00 + 1] >> 15
    fit = array("i", map(int, fits()))
    for index in range(2):
        room.ranging.ingest(vote, estimate, down, index, fit)
    room.altitude.step(vote, estimate)
    room.thrust.accumulate(guidance_memory, estimate)
    if imu[slots.IMU_LOST] % 2:
        room.guidance.step(guidance_memory, estimate, params, 0)
    room.attitude.step(control_memory, demand, estimate, guidance_memory)
    room.modulation.step(modulation_memory, pulses, demand)


# --- the check itself ------------------------------------------------------------------


def test_the_copies_check_literals_constants_and_locals():
    with pytest.raises(AssertionError, match="leaves 31 bits"):
        FIXED.mul_q14(2**30 - 1, 2**15)
    with pytest.raises(AssertionError, match="leaves 31 bits"):
        STATE.travel(memory32([LARGEST] * slots.EST_SIZE), memory32([LARGEST] * slots.STA_SIZE), 0, 1)
    assert isinstance(FIXED.divide(7, 2, 3), Small)
    assert FIXED.divide(7, 2, 3) == fixed.divide(7, 2, 3)


def test_every_kernel_function_has_a_checked_copy():
    for module, copy in zip(MODULES, vars(CHECKED).values(), strict=True):
        own = {name for name, value in vars(module).items() if callable(value) and not name.startswith("_")}
        assert {name for name in own if getattr(module, name).__module__ == module.__name__} == set(
            vars(copy)
        )


def test_compiled_plain_and_checked_kernels_give_the_same_bits():
    noise = random.Random(11)
    rooms = tuple(map(named, (list(MODULES), plain_copies(*MODULES), checked_copies(*MODULES))))
    sizes = (
        slots.STA_SIZE,
        slots.VOT_SIZE,
        slots.GUI_SIZE,
        slots.ATT_SIZE,
        slots.DEM_SIZE,
        slots.MOD_SIZE,
        15,
    )
    estimate, params = quiet_estimate(noise), array("i", map(int, any_params(noise)))
    flights = [(array("i", map(int, estimate)), *(array("i", [0] * size) for size in sizes)) for _ in rooms]
    for _estimate, _state, vote, memory, *_ in flights:
        vote[slots.VOT_FITTED], memory[slots.GUI_PHASE], memory[slots.GUI_MASS_G] = 2, 1, 800_000
    for tick in range(60):
        imu = array(
            "i", [5, *(noise.randint(-3000, 3000) for _ in range(3)), 70_000, 300, -500, 0, 0, tick // 9]
        )
        reading = array("i", [tick, 9, 14_000_000 - 700 * tick, 5, 16_384, 0, -500, -1_600_000, 90, 0])
        for room, flight in zip(rooms, flights, strict=True):
            fly_a_tick(room, flight, imu, reading, params)
        assert flights[0] == flights[1] == flights[2]
    assert any(flights[0][-1]) or any(flights[0][-2])


# --- fixed -------------------------------------------------------------------------------


def test_arithmetic_stays_within_31_bits_over_its_domains():
    noise = random.Random(1)
    big = 2**29
    for _ in range(2000):
        x = hard(noise, 1 - big, big - 1)
        FIXED.mul_q14(x, hard(noise, -(2**14), 2**14))
        FIXED.mul_q29(x, hard(noise, -big, big))
        FIXED.magnitude(word(noise), word(noise), word(noise))
        FIXED.isqrt(word(noise))
    for _ in range(300):
        FIXED.divide(hard(noise, 0, LARGEST), hard(noise, 1, big - 1), noise.randrange(30))
        FIXED.divide_signed(
            hard(noise, 1 - 2**30, LARGEST), hard(noise, SMALLEST, big - 1), noise.randrange(30)
        )


# --- state -------------------------------------------------------------------------------


def any_state(noise: random.Random):
    memory = memory32([0] * slots.STA_SIZE)
    memory[slots.STA_LOST] = hard(noise, 0, 2**29 - 1)
    for slot in range(slots.STA_REST_UP, slots.STA_REST_CROSSRANGE + 1):
        memory[slot] = hard(noise, 0, 255)
    for slot in range(slots.STA_REST_ALTITUDE, slots.STA_REST_CROSSRANGE_WAY + 1):
        memory[slot] = hard(noise, 0, 127_999)
    for slot in (slots.STA_REST_TURN_DOWNRANGE, slots.STA_REST_TURN_CROSSRANGE):
        memory[slot] = hard(noise, 0, 4095)
    memory[slots.STA_REST_SHORT] = hard(noise, 0, 255)
    return memory


def any_imu(noise: random.Random):
    """Any increments; counts as the driver promises them: samples of one poll, sums below 2^29."""
    imu = sensor(noise, slots.IMU_SIZE)
    imu[slots.IMU_SAMPLES] = noise.choice((5, 5, 4, 6, 1, 0, 37, 50, word(noise)))
    for count in (slots.IMU_FAULTS, slots.IMU_REJECTED, slots.IMU_LOST):
        imu[count] = hard(noise, 0, 2**29 - 1)
    return imu


def test_the_inertial_step_stays_within_31_bits_from_any_state():
    noise = random.Random(2)
    for _ in range(250):
        STATE.step(any_estimate(noise), any_state(noise), any_imu(noise))


def test_the_inertial_step_stays_within_31_bits_in_a_long_run_of_nonsense():
    noise = random.Random(3)
    estimate, memory = any_estimate(noise), memory32([0] * slots.STA_SIZE)
    for _ in range(300):
        STATE.step(estimate, memory, any_imu(noise))
        reading = any_reading(noise, 8 | 1)
        RADAR.correct_velocity(estimate, reading, 6)


def test_a_velocity_correction_stays_within_31_bits_whatever_the_radar_says():
    noise = random.Random(4)
    for _ in range(500):
        reading = any_reading(noise, 8)
        RADAR.correct_velocity(any_estimate(noise), reading, noise.choice((0, 6, 500)))


# --- altitude ----------------------------------------------------------------------------


def any_vote(noise: random.Random):
    """Every slot anywhere in its declared range, but for a few levels that altimeters share."""
    ranges = [slot.range for slot in declared.arrays()["vote"].slots]
    vote = memory32(hard(noise, each.low, each.high) for each in ranges)
    level = hard(noise, -400_000_000, 400_000_000)
    for index in range(4):
        base = slots.VOT_FIRST + index * slots.VOT_STRIDE
        if noise.randrange(2):
            vote[base] = level
        if noise.randrange(2):  # heard a moment ago
            vote[base + 1] = max(0, vote[slots.VOT_TICK] - noise.randrange(10))
    return vote


def outside_of_its_range(vote, estimate) -> list[str]:
    """Slots that hold what slots.py says they never do."""
    arrays = declared.arrays()
    pairs = [
        *zip(arrays["vote"].slots, vote, strict=True),
        *zip(arrays["estimate"].slots, estimate, strict=True),
    ]
    return [f"{slot.name} is {value}" for slot, value in pairs if value not in slot.range]


def hear(vote, estimate, noise: random.Random) -> None:
    """A reading of each altimeter, of anything."""
    for index in range(vote[slots.VOT_FITTED]):
        reading = any_reading(noise, noise.choice((1, 9, 3, word(noise))))
        reading[slots.ALT_COUNT] = hard(noise, 0, 2**29 - 1)  # the driver's own
        if noise.randrange(2):  # a beam straight down, so that many readings pass
            reading[slots.ALT_AGE_MS] = 0
            reading[slots.ALT_BEAM_COS_Q14] = estimate[slots.EST_R00] >> 15
            reading[slots.ALT_BEAM_SIN_Q14] = estimate[slots.EST_R00 + 1] >> 15
        CHECKED.ranging.ingest(vote, estimate, reading, index, fits())


def test_the_vote_stays_within_31_bits_and_its_slots_ranges_from_any_memory_and_any_reading():
    noise = random.Random(5)
    for _ in range(400):
        vote, estimate = any_vote(noise), any_estimate(noise)
        for _tick in range(3):  # of any stage, and what comes after it
            hear(vote, estimate, noise)
            voters = CHECKED.altitude.step(vote, estimate)
            assert 0 <= voters <= 4
            assert outside_of_its_range(vote, estimate) == []


def test_the_vote_stays_within_31_bits_over_many_ticks_of_nonsense():
    noise = random.Random(6)
    vote, estimate = memory32([0] * slots.VOT_SIZE), any_estimate(noise)
    vote[slots.VOT_FITTED] = 4
    for _ in range(400):
        estimate[slots.EST_CLIMB_MM] = hard(noise, -402_000, 402_000)
        estimate[slots.EST_VELOCITY_UP_Q8] = hard(noise, -SPEED_Q8, SPEED_Q8)
        hear(vote, estimate, noise)
        CHECKED.altitude.step(vote, estimate)
        assert outside_of_its_range(vote, estimate) == []


# --- guidance, attitude, modulation ----------------------------------------------------------


def test_guidance_stays_within_31_bits_from_any_estimate():
    noise = random.Random(7)
    for _ in range(600):
        memory, estimate, params = any_guidance(noise), any_estimate(noise), any_params(noise)
        CHECKED.thrust.accumulate(memory, estimate)
        phase = CHECKED.guidance.step(memory, estimate, params, noise.randrange(5))
        assert 0 <= phase <= 8
        assert 0 <= memory[slots.GUI_THROTTLE_Q14] <= 16_384
        assert 0 <= memory[slots.GUI_EXPECTED_MM_S2] <= memory[slots.GUI_FULL_MM_S2]


def test_guidance_stays_within_31_bits_over_many_steps_of_changing_estimates():
    noise = random.Random(8)
    memory, params = any_guidance(noise), any_params(noise)
    for _ in range(200):
        estimate = any_estimate(noise)
        memory[slots.GUI_PHASE] = noise.choice((int(memory[slots.GUI_PHASE]), noise.choice((1, 2, 3, 4, 7))))
        for _ in range(10):
            CHECKED.thrust.accumulate(memory, estimate)
        CHECKED.guidance.step(memory, estimate, params, noise.randrange(5))


def test_attitude_control_stays_within_31_bits_and_its_limits():
    noise = random.Random(9)
    for _ in range(1000):
        memory = memory32([0] * slots.ATT_SIZE)
        memory[0], memory[1] = hard(noise, -1_677_312, 1_677_312), hard(noise, -1_677_312, 1_677_312)
        demand = memory32([0] * slots.DEM_SIZE)
        ATTITUDE.step(memory, demand, any_estimate(noise), any_guidance(noise))
        for slot in range(slots.DEM_TORQUE_X_Q14, slots.DEM_TORQUE_Z_Q14 + 1):
            assert -16_384 <= demand[slot] <= 16_384
        for slot in (slots.DEM_TRIM_Y_Q14, slots.DEM_TRIM_Z_Q14):
            assert -1_638 <= demand[slot] <= 1_638


def test_modulation_stays_within_31_bits_and_100_ms_whatever_a_packet_demands():
    noise = random.Random(10)
    memory = memory32([0] * slots.MOD_SIZE)
    for _ in range(2000):
        pulses = memory32([0] * 15)
        demand = sensor(noise, slots.DEM_SIZE)
        MODULATION.step(memory, pulses, demand)
        assert all(0 <= pulse <= 100_000 for pulse in pulses)
