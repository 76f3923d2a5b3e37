"""TFmini, TF03 and LW20: drivers against simulated parts that share no code with them, and broken bytes."""

import binascii

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scripted_uart import ScriptedUart, pieces

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts import lw20 as lw20_part
from host_tools.host_board.parts.lw20 import SimulatedLw20
from host_tools.host_board.parts.tfmini import SimulatedTf03, SimulatedTfmini
from host_tools.host_board.wires import SerialLine
from plumbline.drivers.lw20 import Lw20, crc16
from plumbline.drivers.tfmini import Tf03, Tfmini
from plumbline.kernels import slots

NO_DEADLINE = None  # numba compiles inside the first example of a property
TICK_US = 10_000


def status_and_range(driver) -> tuple[int, int]:
    return driver.readings[slots.ALT_STATUS], driver.readings[slots.ALT_RANGE_MM]


def rejected(driver) -> int:
    return driver.readings[slots.ALT_REJECTED]


# --- TFmini and TF03 --------------------------------------------------------------------


def tf_frame(range_cm: int, strength: int = 500) -> bytes:
    """By hand, from the manual: 59 59 28 01 f4 01 02 00 and the sum of these."""
    body = bytes((0x59, 0x59, range_cm & 255, range_cm >> 8, strength & 255, strength >> 8, 2, 0))
    return body + bytes((sum(body) % 256,))


def test_the_frame_of_the_manual_is_a_range():
    # 0x59 * 2 + 0x28 + 0x01 + 0xf4 + 0x01 + 0x02 = 0x1d2: the sum's low byte is d2; 0x128 = 296 cm
    driver = Tfmini(ScriptedUart(bytes.fromhex("59 59 28 01 f4 01 02 00 d2")))
    assert driver.poll() == 1
    assert status_and_range(driver) == (1, 2_960)
    assert list(driver.readings[4:6]) == [16_384, 0]


@pytest.mark.parametrize(("make", "part"), [(Tfmini, SimulatedTfmini), (Tf03, SimulatedTf03)])
def test_every_frame_of_the_part_arrives_and_says_what_it_measured(make, part):
    clock = Clock()
    line = SerialLine(clock, 115_200)
    sensor = part(line.b, lambda: (873, 1_200))
    driver = make(line.a)
    taken = 0
    for _ in range(50):
        sensor.advance(clock.now_us)
        clock.now_us += TICK_US
        taken += driver.poll()
    assert taken == 50
    assert status_and_range(driver) == (1, 8_730)
    assert rejected(driver) == 0


@pytest.mark.parametrize(
    ("range_cm", "strength", "expected"),
    [
        (1_199, 20, (1, 11_990)),
        (1_200, 500, (0, 0)),  # "actual distance beyond 12 m" reads 1,200
        (0xFFFF, 19, (2, 0)),
        (300, 19, (2, 0)),
        (300, 0xFFFF, (2, 0)),  # blinded
        (0, 500, (0, 0)),
    ],
)
def test_a_tfmini_without_a_reliable_range_has_none(range_cm, strength, expected):
    driver = Tfmini(ScriptedUart(tf_frame(100), tf_frame(range_cm, strength)))
    driver.poll()
    assert driver.poll() == 1
    assert status_and_range(driver) == expected
    assert driver.readings[slots.ALT_COUNT] == 2


@pytest.mark.parametrize(("range_cm", "expected"), [(17_999, (1, 179_990)), (18_000, (0, 0)), (0, (0, 0))])
def test_a_tf03_has_no_strength_and_180_metres(range_cm, expected):
    driver = Tf03(ScriptedUart(tf_frame(range_cm, 0)))
    assert driver.poll() == 1
    assert status_and_range(driver) == expected


@given(
    before=st.binary(max_size=300).filter(lambda data: b"\x59" not in data),
    between=st.binary(max_size=30).filter(lambda data: b"\x59" not in data),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=NO_DEADLINE)
def test_garbage_and_any_cut_of_the_bytes_cost_no_frame(before, between, sizes):
    stream = before + tf_frame(100) + between + tf_frame(200) + tf_frame(300)
    driver = Tfmini(ScriptedUart(*pieces(stream, sizes)))
    assert sum(driver.poll() for _ in range(400)) == 3
    assert status_and_range(driver) == (1, 3_000)


@given(garbage=st.binary(max_size=600), sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5))
@settings(max_examples=100, deadline=NO_DEADLINE)
def test_whatever_bytes_came_the_second_frame_after_them_is_taken(garbage, sizes):
    # The frame right after the garbage may be taken for the rest of a frame; the one behind it is not.
    driver = Tfmini(ScriptedUart(*pieces(garbage, sizes), tf_frame(700), tf_frame(800)))
    for _ in range(700):
        driver.poll()
    assert status_and_range(driver) == (1, 8_000)
    assert 0 <= driver.readings[slots.ALT_RANGE_MM] <= 11_990
    assert driver.line[1] < 9, "never more than the beginning of a frame is kept"


def test_every_single_flipped_bit_of_a_tfmini_frame_is_refused_and_the_next_frame_taken():
    reply = tf_frame(100)
    for bit in range(8 * len(reply)):
        broken = bytearray(reply)
        broken[bit >> 3] ^= 1 << (bit & 7)
        driver = Tfmini(ScriptedUart(bytes(broken) + tf_frame(250)))
        assert driver.poll() == 1, f"bit {bit}"
        assert driver.readings[slots.ALT_RANGE_MM] == 2_500
        # A flip in the header leaves nothing that begins like a frame.
        assert rejected(driver) == (0 if bit < 16 else 1)


# --- LW20 -------------------------------------------------------------------------------


@given(data=st.binary(max_size=40))
@settings(max_examples=60, deadline=NO_DEADLINE)
def test_the_checksum_is_the_one_of_the_standard_library(data):
    # binascii.crc_hqx: polynomial 0x11021, most significant bit first
    assert crc16(bytearray(data), 0, len(data)) == binascii.crc_hqx(data, 0) == lw20_part.crc16(data)


def data_packet(range_cm: int, percent: int = 80) -> bytes:
    """An answer to 44 with median and strength, by the standard library's checksum."""
    body = b"\xaa\x40\x01\x2c" + range_cm.to_bytes(2, "little", signed=True) + percent.to_bytes(2, "little")
    return body + binascii.crc_hqx(body, 0).to_bytes(2, "little")


def output_packet() -> bytes:
    body = b"\xaa\x41\x00\x1b"
    return body + binascii.crc_hqx(body, 0).to_bytes(2, "little")


class Rig:
    """A part, a driver and the time between them."""

    def __init__(self, measure=lambda: (1_234, 77)) -> None:
        self.clock = Clock()
        self.line = SerialLine(self.clock, 115_200)
        self.part = SimulatedLw20(self.line.b, measure)
        self.driver = Lw20(self.line.a)

    def tick(self, count: int = 1) -> int:
        """`count` polls; returns the ranges taken."""
        taken = 0
        for _ in range(count):
            taken += self.driver.poll()
            for _ in range(10):
                self.clock.now_us += TICK_US // 10
                self.part.advance(self.clock.now_us)
        return taken


def test_the_requests_are_those_of_the_documentation():
    uart = ScriptedUart(b"", output_packet())
    driver = Lw20(uart)
    driver.poll()
    driver.poll()
    driver.poll()
    # flags: payload of 5 bytes << 6 and the write bit = 0x0141; payload of 1 byte << 6 = 0x0040
    assert [written[:-2] for written in uart.written] == [
        bytes.fromhex("aa 41 01 1b 14 00 00 00"),
        bytes.fromhex("aa 40 00 2c"),
    ]
    for written in uart.written:
        assert binascii.crc_hqx(written[:-2], 0).to_bytes(2, "little") == written[-2:]


def test_the_first_request_stays_unanswered_and_is_repeated():
    rig = Rig()
    rig.tick(5)
    assert (rig.driver.requests, rig.driver.readings[slots.ALT_COUNT]) == (1, 0)
    assert rig.tick(5) > 0
    assert status_and_range(rig.driver) == (1, 12_340)


def test_a_range_comes_with_every_tick_once_the_part_talks():
    rig = Rig()
    rig.tick(10)
    before = rig.driver.readings[slots.ALT_COUNT]
    assert rig.tick(100) == 100
    assert rig.driver.readings[slots.ALT_COUNT] == before + 100
    assert (rejected(rig.driver), rig.part.refused) == (0, 0)


@pytest.mark.parametrize(
    ("measured", "expected"),
    [((None, 0), (0, 0)), ((10_000, 50), (1, 100_000)), ((10_001, 50), (0, 0)), ((500, 4), (3, 5_000))],
)
def test_a_lost_signal_and_a_weak_one_are_told(measured, expected):
    rig = Rig(lambda: measured)
    assert rig.tick(20) > 0
    assert status_and_range(rig.driver) == expected


def test_a_part_that_was_switched_off_and_on_is_set_up_anew():
    rig = Rig()
    rig.tick(20)
    rig.part.power_on()
    rig.tick(40)  # it answers nothing, then raw distances only, which are not taken for medians
    taken = rig.tick(20)
    assert taken == 20
    assert status_and_range(rig.driver) == (1, 12_340)


def test_an_absent_part_costs_a_request_each_fifty_milliseconds_and_no_range():
    uart = ScriptedUart()
    driver = Lw20(uart)
    assert sum(driver.poll() for _ in range(60)) == 0
    assert len(uart.written) == 10
    assert driver.requests == 10


def test_a_distance_before_the_part_has_confirmed_what_it_sends_is_not_believed():
    driver = Lw20(ScriptedUart(data_packet(100), output_packet(), data_packet(200)))
    assert [driver.poll() for _ in range(3)] == [0, 0, 1]
    assert status_and_range(driver) == (1, 2_000)


def test_every_single_flipped_bit_of_an_answer_is_refused_and_the_next_answer_taken():
    answer = data_packet(100)
    for bit in range(8 * len(answer)):
        broken = bytearray(answer)
        broken[bit >> 3] ^= 1 << (bit & 7)
        driver = Lw20(ScriptedUart(output_packet(), bytes(broken), data_packet(250)))
        taken = sum(driver.poll() for _ in range(3))
        # Six bits of the flags mean nothing to the length, but the checksum covers them.
        assert taken == 1, f"bit {bit}"
        assert driver.readings[slots.ALT_RANGE_MM] == 2_500
        assert rejected(driver) == (0 if bit < 8 else 1)


@given(
    before=st.binary(max_size=200).filter(lambda data: b"\xaa" not in data),
    between=st.binary(max_size=30).filter(lambda data: b"\xaa" not in data),
    sizes=st.lists(st.integers(3, 40), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=NO_DEADLINE)
def test_garbage_and_any_cut_of_the_bytes_cost_no_answer(before, between, sizes):
    stream = before + output_packet() + between + data_packet(100) + data_packet(300)
    driver = Lw20(ScriptedUart(*pieces(stream, sizes)))
    assert sum(driver.poll() for _ in range(400)) == 2
    assert status_and_range(driver) == (1, 3_000)


@given(garbage=st.binary(max_size=600), sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5))
@settings(max_examples=100, deadline=NO_DEADLINE)
def test_whatever_bytes_came_the_second_answer_after_them_is_taken(garbage, sizes):
    noise = list(pieces(garbage, sizes))
    assume(len(noise) < 20)  # polls: after 25 without an answer the part is set up anew
    driver = Lw20(ScriptedUart(output_packet(), *noise, data_packet(700), data_packet(800)))
    for _ in range(700):
        driver.poll()
    assert status_and_range(driver) == (1, 8_000)
    assert driver.line[1] < 16, "what is kept fits before the read area"


def test_a_noisy_line_costs_ranges_and_never_gives_a_wrong_one():
    rig = Rig()
    rig.tick(10)
    flips = iter(range(10**6))

    def corrupt(chunk: bytes) -> bytes:
        at = next(flips)
        return chunk if at % 3 else bytes((chunk[0],)) + bytes(byte ^ (1 << at % 8) for byte in chunk[1:])

    rig.line.corrupt = corrupt
    ranges = set()
    taken = 0
    for _ in range(200):
        taken += rig.tick()
        ranges.add(rig.driver.readings[slots.ALT_RANGE_MM])
    assert ranges == {12_340}
    assert 20 < taken < 200
    rig.line.corrupt = None
    rig.tick(40)
    assert rig.tick(10) == 10
