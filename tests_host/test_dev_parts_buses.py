"""Drivers of the parts on I2C and SPI against simulated parts: absent, resetting, on held and noisy buses."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.host_board.buses import SimulatedI2c, SimulatedSpi
from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.icm20948 import SimulatedIcm20948
from host_tools.host_board.parts.ina226 import SimulatedIna226
from host_tools.host_board.parts.lidar_lite import SimulatedLidarLite
from host_tools.host_board.parts.vl53l1x import SimulatedVl53l1x
from plumbline.drivers.icm20948 import Icm20948
from plumbline.drivers.ina226 import Ina226
from plumbline.drivers.lidar_lite import LidarLite
from plumbline.drivers.registers import I2cRegisters, SpiRegisters
from plumbline.drivers.vl53l1x import Vl53l1x
from plumbline.kernels import slots
from plumbline.kernels.slots import PWR_BUS_MV, PWR_CURRENT_MA, PWR_POWER_MW, PWR_SHUNT_UV, PWR_STATUS

NO_DEADLINE = None  # numba compiles inside the first example of a property
TICK_US = 10_000
SHUNT_UOHM = 100_000
G_DEGREES = (0.1, -0.2, 1.0, 10.0, -20.0, 0.5)
# slots of a driver's readings: rejected
REJECTED = {LidarLite: slots.ALT_REJECTED, Vl53l1x: slots.ALT_REJECTED}
REJECTED |= {Ina226: slots.PWR_REJECTED, Icm20948: slots.IMU_REJECTED}


class Rig:
    """One part on a bus, its driver, and time."""

    def __init__(self, address: int, part, driver: Callable) -> None:
        self.clock = part._clock
        self.part = part
        self.bus = SimulatedI2c({address: part})
        self.driver = driver(self.bus)

    def tick(self, count: int = 1) -> int:
        """`count` polls; returns what they took."""
        taken = 0
        for _ in range(count):
            self.clock.now_us += TICK_US
            taken += self.driver.poll()
        return taken

    @property
    def rejected(self) -> int:
        return self.driver.readings[REJECTED[type(self.driver)]]

    @property
    def range(self) -> tuple[int, int]:
        """Status and range of an altimeter."""
        return self.driver.readings[slots.ALT_STATUS], self.driver.readings[slots.ALT_RANGE_MM]


def lidar_lite(measure=lambda: 731) -> Rig:
    return Rig(0x62, SimulatedLidarLite(Clock(), measure), LidarLite)


def vl53l1x(measure=lambda: (9, 1_234)) -> Rig:
    return Rig(0x29, SimulatedVl53l1x(Clock(), measure), Vl53l1x)


def ina226(measure=lambda: (12_000.0, 500.0)) -> Rig:
    return Rig(0x40, SimulatedIna226(Clock(), measure, SHUNT_UOHM), lambda bus: Ina226(bus, SHUNT_UOHM))


def icm20948(measure=lambda: G_DEGREES) -> Rig:
    return Rig(0x68, SimulatedIcm20948(Clock(), measure), lambda bus: Icm20948(I2cRegisters(bus, 0x68)))


RIGS = {"lidar_lite": lidar_lite, "vl53l1x": vl53l1x, "ina226": ina226, "icm20948": icm20948}
SETTLING = 60  # ticks in which every part has been set up, twice over
every_part = pytest.mark.parametrize("make", RIGS.values(), ids=RIGS.keys())


# --- what holds for each of them ------------------------------------------------------------


@every_part
def test_a_part_is_set_up_by_polling_alone_and_then_delivers(make):
    rig = make()
    rig.tick(SETTLING)
    assert rig.tick(100) > 20
    assert rig.rejected == 0
    assert rig.bus.refused == 0


@every_part
def test_no_poll_makes_more_transfers_than_fit_into_a_tick(make):
    # Each transfer is bounded by the bus's time-out of 2 ms; none here needs more than 1.3 ms.
    rig = make()
    worst = 0
    for _ in range(200):
        before = rig.bus.transfers
        rig.tick()
        worst = max(worst, rig.bus.transfers - before)
    assert worst <= 9


@every_part
def test_an_absent_part_is_counted_costs_one_transfer_a_poll_and_is_found_when_it_comes(make):
    rig = make()
    rig.bus.absent = set(rig.bus.parts)
    before = rig.bus.transfers
    assert rig.tick(30) == 0
    assert rig.bus.transfers - before == 30
    assert rig.rejected == 30
    rig.bus.absent = set()
    rig.tick(SETTLING)
    assert rig.tick(100) > 20


@every_part
@pytest.mark.parametrize("wire", ["sda_held", "scl_held"])
def test_a_held_wire_costs_one_transfer_a_poll_and_is_overcome_when_it_is_let_go(make, wire):
    rig = make()
    rig.tick(SETTLING)
    setattr(rig.bus, wire, True)
    before, rejected = rig.bus.transfers, rig.rejected
    assert rig.tick(20) == 0
    assert rig.bus.transfers - before <= 40  # LIDAR-Lite ends its measurement, then tries the next one
    assert rig.rejected > rejected
    setattr(rig.bus, wire, False)
    rig.tick(SETTLING)
    assert rig.tick(100) > 20


@pytest.mark.parametrize("make", [vl53l1x, ina226, icm20948])  # a LIDAR-Lite has no settings to lose
def test_a_part_that_is_switched_off_and_on_is_set_up_again(make):
    rig = make()
    rig.tick(SETTLING)
    rig.part.power_on()
    rig.tick(2 * SETTLING)
    assert rig.tick(100) > 20


@every_part
def test_a_byte_that_is_not_acknowledged_anywhere_is_overcome(make):
    for after in range(40):
        rig = make()
        rig.tick(3)
        rig.bus.refuse_after = after
        rig.tick(2 * SETTLING)
        assert rig.tick(50) > 10, f"byte {after}"


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.0, 1.0), make=st.sampled_from(sorted(RIGS)))
@settings(max_examples=60, deadline=NO_DEADLINE)
def test_a_bus_full_of_wrong_bytes_stops_no_driver_and_leaves_its_slots_in_range(seed, share, make):
    rig = RIGS[make]()
    noise = random.Random(seed)
    rig.bus.garble = lambda byte: noise.randrange(256) if noise.random() < share else byte
    for _ in range(150):
        rig.tick()
        readings = rig.driver.readings
        assert all(-(2**30) <= value < 2**30 for value in readings)
        if make in ("lidar_lite", "vl53l1x"):
            assert 0 <= readings[slots.ALT_RANGE_MM] <= 40_000
    rig.bus.garble = None
    if hasattr(rig.part, "power_on"):
        rig.part.power_on()  # garbled commands may have set anything
    rig.tick(2 * SETTLING)
    assert rig.tick(100) > 20


def test_a_foreign_part_at_the_address_is_not_taken_for_the_right_one():
    for make, foreign in ((vl53l1x, ina226()), (ina226, vl53l1x()), (icm20948, ina226())):
        rig = make()
        for address in rig.bus.parts:
            rig.bus.parts[address] = foreign.part
        assert rig.tick(50) == 0
        assert rig.rejected >= 50


# --- LIDAR-Lite v3 --------------------------------------------------------------------------


def test_a_lidar_lite_measures_every_second_tick():
    rig = lidar_lite()
    rig.tick()
    # The acquisition takes 15 ms: it is found at the second poll after the command.
    assert [rig.tick() for _ in range(6)] == [0, 1, 0, 1, 0, 1]
    assert rig.range == (1, 7_310)


@pytest.mark.parametrize(
    ("range_cm", "expected"), [(None, (0, 0)), (0, (0, 0)), (4_000, (1, 40_000)), (4_001, (0, 0))]
)
def test_a_lidar_lite_without_a_signal_has_no_range(range_cm, expected):
    rig = lidar_lite(lambda: range_cm)
    rig.tick(3)
    assert rig.range == expected


def test_a_lidar_lite_whose_bias_circuits_fail_has_failed_its_self_test():
    rig = lidar_lite()
    rig.part.health = 0
    rig.tick(3)
    assert rig.range == (4, 0)


def test_a_lidar_lite_that_stays_busy_is_given_up_after_a_tenth_of_a_second():
    rig = lidar_lite()
    rig.part.health = 0x21
    rig.tick(11)
    assert rig.rejected == 1
    rig.part.health = 0x20
    rig.tick(3)
    assert rig.range == (1, 7_310)


def test_the_simulated_lidar_lite_refuses_a_repeated_start_as_the_manual_says():
    rig = lidar_lite()
    with pytest.raises(OSError):
        rig.bus.readfrom_mem_into(0x62, 0x8F, bytearray(2))


# --- VL53L1X --------------------------------------------------------------------------------


def test_a_vl53l1x_ranges_every_forty_milliseconds():
    rig = vl53l1x()
    rig.tick(SETTLING)
    assert abs(rig.part.period_us - 40_000) < 200
    assert abs(rig.tick(100) - 25) <= 1
    assert rig.range == (1, 1_234)


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ((9, 4_000), (1, 4_000)),
        ((9, 4_001), (0, 0)),
        ((4, 900), (2, 0)),
        ((6, 900), (2, 0)),
        ((5, 900), (0, 0)),
    ],
)
def test_only_a_complete_range_is_one(measured, expected):
    rig = vl53l1x(lambda: measured)
    rig.tick(SETTLING)
    assert rig.range == expected


def test_the_settings_of_the_maker_are_in_the_part():
    rig = vl53l1x()
    rig.tick(SETTLING)
    registers = rig.part.registers
    assert registers[0x0081] == 0x9B
    assert registers[0x005A:0x005C] == b"\x00\x08"  # across the border of the two pieces
    assert registers[0x005E:0x0060] == b"\x00\x60"  # 33 ms
    assert registers[0x0061:0x0063] == b"\x00\x6e"
    assert (registers[0x0008], registers[0x000B]) == (0x09, 0x00)


# --- INA226 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bus_mv", "current_ma"),
    [(12_000.0, 500.0), (0.0, 0.0), (3_300.0, -800.0), (40_950.0, 819.0), (5_001.25, 1.0)],
)
def test_voltage_current_and_power_are_those_of_the_rail(bus_mv, current_ma):
    rig = ina226(lambda: (bus_mv, current_ma))
    rig.tick(10)
    readings = rig.driver.readings
    assert readings[PWR_STATUS] == 1
    assert abs(readings[PWR_BUS_MV] - bus_mv) <= 1.25
    # 2.5 uV across 0.1 ohm are 25 uA
    assert abs(readings[PWR_CURRENT_MA] - current_ma) <= 1
    assert abs(readings[PWR_POWER_MW] - readings[PWR_BUS_MV] * readings[PWR_CURRENT_MA] / 1000) < 1
    assert abs(readings[PWR_SHUNT_UV] - current_ma * 100) <= 3


def test_a_conversion_comes_every_thirty_five_milliseconds():
    rig = ina226()
    rig.tick(10)
    assert rig.part.period_us == 35_200
    assert abs(rig.tick(352) - 100) <= 1


def test_a_rail_of_hundreds_of_amperes_stays_within_31_bits():
    # 100 microohm at the converter's end: 2.5 uV * 32,767 / 0.0001 ohm = 819 A, times 40.96 V: 33.5 kW
    part = SimulatedIna226(Clock(), lambda: (40_959.0, 900_000.0), 100)
    rig = Rig(0x40, part, lambda bus: Ina226(bus, 100))
    rig.tick(10)
    readings = rig.driver.readings
    assert readings[PWR_CURRENT_MA] == 819_175
    assert abs(readings[PWR_POWER_MW] - readings[PWR_BUS_MV] * 819.175) < 1


def test_a_rail_whose_monitor_is_gone_is_not_valid_any_more():
    rig = ina226()
    rig.tick(10)
    rig.bus.absent = {0x40}
    rig.tick()
    assert rig.driver.readings[PWR_STATUS] == 0


def test_a_shunt_below_100_microohm_is_refused():
    with pytest.raises(ValueError, match="100 microohm"):
        Ina226(SimulatedI2c({}), 99)


# --- ICM-20948 ------------------------------------------------------------------------------

ANGLE_LSB, VELOCITY_LSB = 2.0**-21, 2.0**-22  # degree, m/s
SECONDS = 1 / 225


def spi_rig(measure=lambda: G_DEGREES):
    part = SimulatedIcm20948(Clock(), measure)
    spi = SimulatedSpi(part)
    return part, spi, Icm20948(SpiRegisters(spi, spi.select), is_spi=True)


def sums_of(driver, clock, ticks: int) -> list[int]:
    """Samples and the six increments over so many polls."""
    sums = [0] * 7
    for _ in range(ticks):
        clock.now_us += TICK_US
        driver.poll()
        for slot in range(7):
            sums[slot] += driver.readings[slot]
    return sums


@pytest.mark.parametrize("on_spi", [False, True], ids=["I2C", "SPI"])
def test_increments_over_a_second_are_rate_and_acceleration(on_spi):
    if on_spi:
        part, _, driver = spi_rig()
    else:
        rig = icm20948()
        part, driver = rig.part, rig.driver
    sums_of(driver, part._clock, SETTLING)
    samples, *increments = sums_of(driver, part._clock, 100)
    assert abs(samples - 225) <= 3
    for axis in range(3):
        # A part of 16.4 LSB per degree a second and 2,048 LSB per g rounds to half an LSB.
        degrees = increments[axis] * ANGLE_LSB / (samples * SECONDS)
        assert abs(degrees - G_DEGREES[3 + axis]) <= 0.5 / 16.4 + 1e-5
        metres_s2 = increments[3 + axis] * VELOCITY_LSB / (samples * SECONDS)
        assert abs(metres_s2 - 9.80665 * G_DEGREES[axis]) <= 9.80665 * 0.5 / 2048 + 1e-5
    assert list(driver.readings[slots.IMU_FAULTS :]) == [0, 0, 0]


def test_the_scale_is_right_to_a_millionth():
    # Full scale without saturation: 32,766 LSB are 1,997.927 degrees a second, and 15.999 g.
    rig = icm20948(lambda: (32_766 / 2048, 0, 0, 32_766 / 16.4, 0, 0))
    sums_of(rig.driver, rig.clock, SETTLING)
    samples, angle, _, _, velocity, _, _ = sums_of(rig.driver, rig.clock, 100)
    assert angle * ANGLE_LSB / samples == pytest.approx(32_766 / 16.4 * SECONDS, rel=1e-6)
    assert velocity * VELOCITY_LSB / samples == pytest.approx(32_766 / 2048 * 9.80665 * SECONDS, rel=1e-6)


@pytest.mark.parametrize("axis", range(6))
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_saturated_axis_is_a_fault_and_its_sample_is_not_used(axis, sign):
    values = [0.0] * 6
    values[axis] = sign * 3_000.0
    rig = icm20948(lambda: values)
    sums = sums_of(rig.driver, rig.clock, 100)
    assert sums == [0] * 7
    assert rig.driver.readings[slots.IMU_FAULTS] > 100


def test_a_pause_of_a_fifth_of_a_second_empties_the_fifo_and_counts_what_was_lost():
    rig = icm20948()
    rig.tick(SETTLING)
    rig.clock.now_us += 200_000  # 45 samples; the FIFO holds 42
    assert rig.tick() == 0
    assert rig.driver.readings[slots.IMU_LOST] == 42
    samples, *increments = sums_of(rig.driver, rig.clock, 100)
    assert abs(samples - 225) <= 3
    assert increments[5] * VELOCITY_LSB / (samples * SECONDS) == pytest.approx(9.80665, rel=1e-3)


def test_a_shorter_pause_is_made_up_without_a_loss():
    rig = icm20948()
    rig.tick(SETTLING)
    rig.clock.now_us += 100_000
    samples = sums_of(rig.driver, rig.clock, 50)[0]
    assert abs(samples - 225 * 0.6) <= 3
    assert rig.driver.readings[slots.IMU_LOST] == 0


@pytest.mark.parametrize("level", [0x00, 0xFF])
def test_spi_without_a_part_is_no_part(level):
    spi = SimulatedSpi(None)
    spi.garble = lambda _: level
    driver = Icm20948(SpiRegisters(spi, spi.select), is_spi=True)
    assert sum(driver.poll() for _ in range(30)) == 0
    assert driver.readings[slots.IMU_REJECTED] == 30


@pytest.mark.parametrize("level", [0x00, 0xFF])
def test_spi_whose_part_goes_silent_is_found_out_within_six_polls(level):
    part, spi, driver = spi_rig()
    sums_of(driver, part._clock, SETTLING)
    spi.garble = lambda _: level
    before = driver.readings[slots.IMU_REJECTED]
    sums_of(driver, part._clock, 6)
    assert driver.readings[slots.IMU_REJECTED] > before
    spi.garble = None
    assert sums_of(driver, part._clock, 100)[0] > 100
