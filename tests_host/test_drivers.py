"""Drivers of the sensors against simulated parts that share no code with them, and against broken bytes."""

import binascii
import struct
from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_uart import ScriptedUart, pieces

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.doppler_radar import SimulatedDopplerRadar
from host_tools.host_board.parts.laser_altimeter import SimulatedLaserAltimeter
from host_tools.host_board.parts.stim300 import SimulatedStim300
from host_tools.host_board.wires import SerialLine
from plumbline.drivers.doppler_radar import DopplerRadar
from plumbline.drivers.laser_altimeter import LaserAltimeter
from plumbline.drivers.stim300 import Stim300
from plumbline.kernels import slots

NO_DEADLINE = None  # numba compiles inside the first example of a property
NOTHING = array("i", [0] * slots.ALT_SIZE)


# --- altimeters -----------------------------------------------------------------------


def frame(kind: int, payload: bytes) -> bytes:
    body = bytes([kind, len(payload)]) + payload
    return b"\xa5\x5a" + body + binascii.crc32(body).to_bytes(4, "little")


def laser_reply(
    sequence: int, range_mm: int, status: int = 1, age_ms: int = 7, cos: int = 16_384, sin: int = 0
):
    return frame(0x11, struct.pack("<BBHIhh", sequence, status, age_ms, range_mm, cos, sin))


def radar_reply(sequence: int, velocity: tuple[int, int, int], status: int = 9, range_mm: int = 5) -> bytes:
    payload = struct.pack("<BBHIhhiii", sequence, status, 7, range_mm, 16_384, 0, *velocity)
    return frame(0x12, payload)


def polled(driver) -> int:
    """Poll until the script is used up; returns the number of replies taken."""
    return sum(driver.poll() for _ in range(400))


def test_a_request_is_the_documented_frame():
    uart = ScriptedUart()
    LaserAltimeter(uart).request(-16_384, 258)
    # Sequence 1, reserved 0, -16384 = c000 and 258 = 0102, least significant byte first.
    assert uart.written == [frame(0x01, bytes.fromhex("01 00 00c0 0201"))]
    uart = ScriptedUart()
    DopplerRadar(uart).request(0, -1)
    assert uart.written == [frame(0x02, bytes.fromhex("01 00 0000 ffff"))]


def test_the_laser_part_is_asked_along_the_beam_and_its_answer_arrives_whole():
    clock = Clock()
    line = SerialLine(clock, 115_200)
    asked = []

    def measure(now_us, cos_q14, sin_q14):
        asked.append((now_us, cos_q14, sin_q14))
        return 3, 12_345_678

    part = SimulatedLaserAltimeter(line.b, measure, latency_us=20_000)
    driver = LaserAltimeter(line.a)
    driver.request(16_000, -3_528)
    # 14 bytes of 10 bits at 115,200 baud take 1,215.3 us.
    clock.now_us = 1_215
    part.advance(clock.now_us)
    assert asked == []
    clock.now_us = 1_216
    part.advance(clock.now_us)
    assert asked == [(1_216, 16_000, -3_528)]
    # 20 bytes after 20,000 us of latency: the last bit arrives 1,736.1 us later still.
    clock.now_us = 1_216 + 20_000 + 1_736
    assert driver.poll() == 0
    clock.now_us += 1
    assert driver.poll() == 1
    assert list(driver.readings) == [1, 3, 12_345_678, 20, 16_000, -3_528, 0, 0, 0, 0]
    assert driver.poll() == 0


def test_the_radar_part_reports_velocity_too():
    clock = Clock()
    line = SerialLine(clock, 115_200)
    part = SimulatedDopplerRadar(line.b, lambda *_: (9, 15_000_000, -66_000, 1_650_000, -8), latency_us=0)
    driver = DopplerRadar(line.a)
    for expected in (1, 2, 3):
        driver.request(-300, 16_381)
        clock.now_us += 10_000
        part.advance(clock.now_us)
        clock.now_us += 10_000
        assert driver.poll() == 1
        beam_and_velocity = [-300, 16_381, -66_000, 1_650_000, -8]
        assert list(driver.readings) == [expected, 9, 15_000_000, 0, *beam_and_velocity, 0]


def test_the_part_keeps_half_a_request_and_refuses_a_broken_one():
    clock = Clock()
    line = SerialLine(clock, 115_200)
    part = SimulatedLaserAltimeter(line.b, lambda *_: (1, 5), latency_us=0)
    good = frame(0x01, bytes.fromhex("09 00 0040 0000"))
    broken = good[:6] + b"\x01" + good[7:]
    for chunk in (b"\xa5" + broken + good[:1], good[1:8], good[8:]):
        line.a.write(chunk)
        clock.now_us += 10_000
        part.advance(clock.now_us)
    assert (part.requests, part.refused) == (1, 1)
    clock.now_us += 10_000
    assert line.a.read() == laser_reply(9, 5, age_ms=0)


@pytest.mark.parametrize("make", [LaserAltimeter, DopplerRadar])
def test_nothing_on_the_line_is_nothing_read(make):
    driver = make(ScriptedUart())
    assert driver.poll() == 0
    assert driver.readings == NOTHING


@given(
    before=st.binary(max_size=300),
    between=st.binary(max_size=30),
    sizes=st.lists(st.integers(1, 70), min_size=1, max_size=5),
)
@settings(max_examples=80, deadline=NO_DEADLINE)
def test_garbage_and_any_cut_of_the_bytes_cost_no_altimeter_reply(before, between, sizes):
    stream = before + laser_reply(1, 1_000) + between + laser_reply(2, 2_000) + laser_reply(3, 3_000)
    driver = LaserAltimeter(ScriptedUart(*pieces(stream, sizes)))
    assert polled(driver) == 3
    assert driver.readings[slots.ALT_COUNT] == 3
    assert driver.readings[slots.ALT_RANGE_MM] == 3_000


def test_every_single_flipped_bit_of_a_reply_is_refused_and_the_next_reply_taken():
    for make, reply, following in (
        (LaserAltimeter, laser_reply(1, 1_000), laser_reply(2, 2_000)),
        (DopplerRadar, radar_reply(1, (1, 2, 3)), radar_reply(2, (4, 5, 6), range_mm=2_000)),
    ):
        for bit in range(8 * len(reply)):
            broken = bytearray(reply)
            broken[bit >> 3] ^= 1 << (bit & 7)
            driver = make(ScriptedUart(bytes(broken) + following))
            assert driver.poll() == 1, f"bit {bit}"
            assert driver.readings[slots.ALT_RANGE_MM] == 2_000
            # A flip in the two sync bytes leaves nothing that begins like a frame.
            assert driver.readings[slots.ALT_REJECTED] == (0 if bit < 16 else 1)


def test_the_part_behind_a_noisy_line_is_not_believed():
    clock = Clock()
    line = SerialLine(clock, 115_200)
    part = SimulatedLaserAltimeter(line.b, lambda *_: (1, 5_000), latency_us=0)
    driver = LaserAltimeter(line.a)
    driver.request(16_384, 0)
    clock.now_us += 10_000
    line.corrupt = lambda chunk: chunk[:9] + bytes([chunk[9] ^ 0x10]) + chunk[10:]
    part.advance(clock.now_us)
    clock.now_us += 10_000
    assert driver.poll() == 0
    assert driver.readings[slots.ALT_COUNT] == 0


def test_a_reply_of_the_wrong_type_or_length_is_refused():
    payload = struct.pack("<BBHIhh", 1, 1, 0, 5, 0, 0)
    stream = frame(0x12, payload) + frame(0x11, payload + b"\0") + frame(0x11, payload[:-1]) + bytes(30)
    driver = LaserAltimeter(ScriptedUart(stream))
    assert polled(driver) == 0
    assert driver.readings[slots.ALT_REJECTED] == 3


def test_the_same_sequence_number_twice_is_one_reading_and_a_late_one_is_new():
    driver = LaserAltimeter(
        ScriptedUart(laser_reply(7, 1_000) + laser_reply(7, 2_000), laser_reply(6, 3_000))
    )
    driver.request(16_384, 0)
    assert driver.poll() == 1
    assert driver.readings[slots.ALT_RANGE_MM] == 1_000
    assert driver.line.duplicates == 1
    assert driver.poll() == 1
    assert driver.readings[slots.ALT_RANGE_MM] == 3_000


def test_request_numbers_wrap_after_255():
    uart = ScriptedUart()
    driver = LaserAltimeter(uart)
    for _ in range(257):
        driver.request(16_384, 0)
    assert [written[4] for written in uart.written[253:]] == [254, 255, 0, 1]


@pytest.mark.parametrize(
    ("range_mm", "stored", "valid"),
    [(0, 0, 1), (2**29 - 1, 2**29 - 1, 1), (2**29, 0, 0), (2**31, 0, 0), (2**32 - 1, 0, 0)],
)
def test_a_range_from_2_to_the_29_mm_on_is_invalid(range_mm, stored, valid):
    driver = LaserAltimeter(ScriptedUart(laser_reply(1, range_mm, status=0b0111)))
    assert driver.poll() == 1
    assert driver.readings[slots.ALT_RANGE_MM] == stored
    assert driver.readings[slots.ALT_STATUS] == 0b0110 | valid


def test_a_range_that_the_part_calls_invalid_is_not_handed_on():
    driver = LaserAltimeter(ScriptedUart(laser_reply(1, 77_000, status=0b0010)))
    assert driver.poll() == 1
    assert list(driver.readings[:3]) == [1, 0b0010, 0]


@pytest.mark.parametrize("beam", [(16_385, 0), (-16_385, 0), (0, 16_385), (0, -32_768)])
def test_a_beam_longer_than_one_makes_the_range_invalid(beam):
    driver = LaserAltimeter(ScriptedUart(laser_reply(1, 77_000, cos=beam[0], sin=beam[1])))
    assert driver.poll() == 1
    assert list(driver.readings[:6]) == [1, 0, 0, 7, 0, 0]


def test_a_laser_that_claims_a_velocity_has_none():
    driver = LaserAltimeter(ScriptedUart(laser_reply(1, 5, status=0b1001)))
    assert driver.poll() == 1
    assert driver.readings[slots.ALT_STATUS] == 0b0001


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(
    ("mm_s", "valid"),
    [(2**23 - 1, True), (-(2**23), True), (2**23, False), (-(2**23) - 1, False), (-(2**31), False)],
)
def test_a_velocity_beyond_24_bits_is_invalid(axis, mm_s, valid):
    velocity = [11, 22, 33]
    velocity[axis] = mm_s
    driver = DopplerRadar(ScriptedUart(radar_reply(1, (velocity[0], velocity[1], velocity[2]))))
    assert driver.poll() == 1
    assert driver.readings[slots.ALT_STATUS] == (9 if valid else 1)
    assert list(driver.readings[6:9]) == (velocity if valid else [0, 0, 0])
    assert driver.readings[slots.ALT_RANGE_MM] == 5


def test_a_velocity_that_the_part_calls_invalid_replaces_the_last_one_by_nothing():
    driver = DopplerRadar(ScriptedUart(radar_reply(1, (1, 2, 3)), radar_reply(2, (4, 5, 6), status=1)))
    driver.poll()
    assert list(driver.readings[6:9]) == [1, 2, 3]
    driver.poll()
    assert list(driver.readings[6:9]) == [0, 0, 0]
    assert driver.readings[slots.ALT_STATUS] == 1


# --- STIM300 --------------------------------------------------------------------------


def mpeg2_crc(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x104C11DB7 if register >> 31 else 0)
    return register


def datagram(increments, counter: int, gyro_status: int = 0, accelerometer_status: int = 0) -> bytes:
    """A datagram 0x91 by hand, from the layout of the data sheet."""
    angle = b"".join(int(value).to_bytes(3, "big", signed=True) for value in increments[:3])
    velocity = b"".join(int(value).to_bytes(3, "big", signed=True) for value in increments[3:])
    body = b"\x91" + angle + bytes([gyro_status]) + velocity + bytes([accelerometer_status])
    body += bytes([counter & 255]) + (500).to_bytes(2, "big")
    return body + mpeg2_crc(body).to_bytes(4, "big")


def increments_of(n: int) -> list[int]:
    return [1_000 * n + axis * (-1) ** n for axis in range(6)]


def imu_sums(driver: Stim300) -> list[int]:
    return list(driver.readings[slots.IMU_ANGLE_X : slots.IMU_VELOCITY_Z + 1])


def test_the_part_sends_what_the_data_sheet_describes():
    clock = Clock()
    line = SerialLine(clock, 921_600)
    part = SimulatedStim300(line.b, latency_us=500)
    rows = [[1, -1, 2**23 - 1, -(2**23), 0, 65_536], [7, 8, 9, 10, 11, 12]]
    part.emit(np.array(rows, dtype=np.int64))
    # 56 bytes of 10 bits at 921,600 baud take 607.6 us, after 500 us of latency.
    clock.now_us = 1_107
    assert line.a.any() == 55
    clock.now_us = 1_108
    assert line.a.read() == datagram(rows[0], 0) + datagram(rows[1], 4)


def test_the_part_limits_what_int24_cannot_hold_and_says_overload():
    clock = Clock()
    line = SerialLine(clock, 921_600)
    part = SimulatedStim300(line.b, latency_us=500)
    part.emit(np.array([[2**23, 0, 0, 0, 0, 0], [0, 0, 0, 0, -(2**23) - 1, 0]], dtype=np.int64))
    clock.now_us = 2_000
    first = datagram([2**23 - 1, 0, 0, 0, 0, 0], 0, gyro_status=0x10)
    second = datagram([0, 0, 0, 0, -(2**23), 0], 4, accelerometer_status=0x10)
    assert line.a.read() == first + second


@given(
    rows=st.lists(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=6, max_size=6), min_size=1, max_size=36)
)
@settings(max_examples=60, deadline=NO_DEADLINE)
def test_a_poll_sums_the_increments_of_every_datagram(rows):
    clock = Clock()
    line = SerialLine(clock, 921_600)
    part = SimulatedStim300(line.b)
    driver = Stim300(line.a)
    increments = np.array(rows, dtype=np.int64)
    for _ in range(2):
        part.emit(increments)
        clock.now_us += 20_000
        assert driver.poll() == len(rows)
        assert driver.readings[slots.IMU_SAMPLES] == len(rows)
        assert imu_sums(driver) == increments.sum(axis=0).tolist()
    assert driver.poll() == 0
    assert list(driver.readings) == [0] * slots.IMU_SIZE


@given(
    before=st.binary(max_size=200),
    between=st.binary(max_size=60),
    sizes=st.lists(st.integers(1, 70), min_size=1, max_size=5),
)
@settings(max_examples=80, deadline=NO_DEADLINE)
def test_garbage_and_any_cut_of_the_bytes_cost_no_datagram(before, between, sizes):
    first, second, third = increments_of(1), increments_of(2), increments_of(3)
    stream = before + datagram(first, 250) + between + datagram(second, 254) + datagram(third, 2)
    driver = Stim300(ScriptedUart(*pieces(stream, sizes)))
    samples = 0
    sums = np.zeros(6, dtype=np.int64)
    for _ in range(400):
        driver.poll()
        samples += driver.readings[slots.IMU_SAMPLES]
        sums += imu_sums(driver)
    assert samples == 3
    assert sums.tolist() == [a + b + c for a, b, c in zip(first, second, third, strict=True)]
    assert driver.readings[slots.IMU_LOST] == 0
    # Garbage before the first datagram is power-on; the garbage after it is one loss of step.
    assert driver.readings[slots.IMU_REJECTED] == (1 if between else 0)


def test_every_single_flipped_bit_of_a_datagram_is_refused_and_counted_as_rejected_and_lost():
    good = [datagram(increments_of(n), 4 * n) for n in range(3)]
    for bit in range(8 * 28):
        broken = bytearray(good[1])
        broken[bit >> 3] ^= 1 << (bit & 7)
        driver = Stim300(ScriptedUart(good[0] + bytes(broken) + good[2]))
        assert driver.poll() == 2, f"bit {bit}"
        expected = [a + b for a, b in zip(increments_of(0), increments_of(2), strict=True)]
        assert imu_sums(driver) == expected
        assert list(driver.readings[slots.IMU_FAULTS :]) == [0, 1, 1]


def test_missing_datagrams_are_counted_from_the_parts_counter_also_across_its_wrap():
    # 248, then 252, 0 and 4 are missing, then 8, then nothing missing, then 12.
    stream = datagram(increments_of(0), 248) + datagram(increments_of(1), 8) + datagram(increments_of(2), 12)
    driver = Stim300(ScriptedUart(stream))
    driver.poll()
    assert driver.readings[slots.IMU_SAMPLES] == 3
    assert driver.readings[slots.IMU_LOST] == 3


@pytest.mark.parametrize("fault", [{"gyro_status": 1}, {"accelerometer_status": 0x80}])
def test_a_datagram_with_a_fault_status_is_counted_and_not_used_and_not_lost(fault):
    stream = (
        datagram(increments_of(1), 0) + datagram(increments_of(2), 4, **fault) + datagram(increments_of(3), 8)
    )
    driver = Stim300(ScriptedUart(stream))
    assert driver.poll() == 3
    assert driver.readings[slots.IMU_SAMPLES] == 2
    assert imu_sums(driver) == [a + b for a, b in zip(increments_of(1), increments_of(3), strict=True)]
    assert list(driver.readings[slots.IMU_FAULTS :]) == [1, 0, 0]


def test_a_stall_of_a_tenth_of_a_second_is_made_up_in_two_polls():
    # 50 datagrams are 1,400 bytes; one read brings 1,024 of them, that is 36 datagrams and a part.
    stream = b"".join(datagram(increments_of(n), 4 * n) for n in range(50))
    driver = Stim300(ScriptedUart(stream))
    assert [driver.poll(), driver.poll(), driver.poll()] == [36, 14, 0]
    assert list(driver.readings[slots.IMU_FAULTS :]) == [0, 0, 0]


def test_the_data_of_one_boards_driver_do_not_reach_anothers():
    one, other = Stim300(ScriptedUart(datagram(increments_of(1), 0))), Stim300(ScriptedUart())
    assert (one.poll(), other.poll()) == (1, 0)
    assert other.readings == array("i", [0] * slots.IMU_SIZE)
