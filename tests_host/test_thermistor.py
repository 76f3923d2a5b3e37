"""Thermistors: accuracy on every reading, the curves in the driver, broken wires."""

from itertools import pairwise
from math import log

import numpy as np
import pytest
from checked_int import Memory, Small, checked_copies, memory32
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.host_board.buses import SimulatedAdc
from host_tools.host_board.parts import thermistor as part
from host_tools.proof.suites.thermistor import by_beta, curve
from plumbline.drivers.thermistor import NTC_10K_3950, NTC_10K_STEINHART, Thermistor
from plumbline.kernels import fixed, slots, thermistor

_, CHECKED = checked_copies(fixed, thermistor)
STATUS, MC = slots.TMP_STATUS, slots.TMP_MC


def test_the_curves_of_the_driver_are_those_of_the_makers():
    assert list(NTC_10K_3950) == by_beta(10e3, 10e3, 3950)
    # A, B and C that are published for 10 kilohm thermistors of this kind
    assert list(NTC_10K_STEINHART) == curve(10e3, 1.129148e-3, 2.34125e-4, 8.76741e-8)


def test_every_reading_of_a_real_thermistor_is_within_1_1_millidegrees():
    worst = 0.0
    coefficients = np.array(NTC_10K_STEINHART, np.int32)
    counts = np.arange(1, 65_535)
    ln = np.log(10e3) + np.log(counts.astype(np.longdouble) / (65_535 - counts))
    celsius = 1 / (1.129148e-3 + 2.34125e-4 * ln + 8.76741e-8 * ln**3) - 273.15
    celsius = np.clip(celsius, -150, 500)  # beyond, the kernel says no more
    for count, wanted in zip(counts.tolist(), celsius.tolist(), strict=True):
        worst = max(worst, abs(thermistor.temperature_mc(count, coefficients) / 1000 - float(wanted)))
    assert worst < 1.1e-3


def test_a_colder_thermistor_never_reads_warmer():
    coefficients = np.array(NTC_10K_3950, np.int32)
    found = [thermistor.temperature_mc(count, coefficients) for count in range(65_536)]
    assert all(later <= earlier for earlier, later in pairwise(found))
    # By symmetry R = pull-up at 32,767.5: 25 degrees, rounded down.
    assert 24_999 <= found[32_767] <= 25_001


@given(counts=st.integers(-(2**30), 2**30 - 1), data=st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_curve_is_declared_nothing_leaves_31_bits(counts, data):
    declared = [
        data.draw(st.integers(*span))
        for span in ((0, 260_000_000), (-200_000_000, 200_000_000), (0, 536_000_000), (-(2**28), 2**28))
    ]
    found = CHECKED.temperature_mc(Small(counts), memory32(declared))
    assert -150_000 <= found <= 500_000


def test_the_checked_copy_is_checked():
    with pytest.raises(AssertionError):
        CHECKED.temperature_mc(Small(5), Memory([2**30 - 1] * 4, -(2**30), 2**30 - 1))


@pytest.mark.parametrize("celsius", [-40.0, -10.0, 0.0, 21.5, 25.0, 60.0, 120.0])
def test_the_driver_reads_the_temperature_of_the_simulated_part(celsius):
    driver = Thermistor(SimulatedAdc(lambda: part.counts(celsius)))
    assert [driver.poll() for _ in range(8)] == [0] * 7 + [1]
    # A count of 4,095 is 4 R / (4,095 B T^-2): at 120 degrees and at -40 that is a third of a degree.
    step = 1 / 4095 / (lambda u: u * (1 - u))(part.counts(celsius) / 4095) * (celsius + 273.15) ** 2 / 3950
    assert abs(driver.readings[MC] / 1000 - celsius) <= step
    assert driver.readings[STATUS] == 1


@pytest.mark.parametrize("counts", [0, 3, 4_095, 4_093])
def test_a_short_circuit_and_a_broken_wire_are_told_and_are_no_temperature(counts):
    readings = [2_000] * 8
    driver = Thermistor(SimulatedAdc(lambda: readings.pop() if readings else counts))
    for _ in range(8):
        driver.poll()
    before = driver.readings[MC]
    assert sum(driver.poll() for _ in range(16)) == 0
    assert driver.readings[STATUS] == 2
    assert driver.readings[slots.TMP_REJECTED] == 2
    assert driver.readings[MC] == before


def test_noise_is_averaged():
    readings = iter([1_000, 3_000] * 4)
    driver = Thermistor(SimulatedAdc(lambda: next(readings)))
    for _ in range(8):
        driver.poll()
    assert abs(driver.readings[slots.TMP_COUNTS] - 2_000 * 65_535 / 4_095) < 2


def test_the_simulated_part_is_a_divider():
    assert part.counts(25.0) == round(4_095 / 2)
    ohm = 10e3 * part.counts(50.0) / (4_095 - part.counts(50.0))
    assert log(ohm / 10e3) == pytest.approx(3950 * (1 / 323.15 - 1 / 298.15), rel=2e-3)
