"""No integer in the viper code of the dev-board parts' drivers leaves 31 bits or its buffer, whatever comes.

The functions run as plain CPython over integers that check every operation's result.
"""

import binascii
import random

import pytest
from checked_int import Small, memory8, memory32, plain

from plumbline.drivers import icm20948, lw20, tfmini
from plumbline.kernels import slots

HIGHEST_COUNT = 2**29 - 1  # a running count starts again at 0 after this
READ_AT = 16


@pytest.fixture(autouse=True)
def _plain_callees(monkeypatch):
    """Let the functions call each other's plain forms too."""
    monkeypatch.setattr(tfmini, "_take_frame", plain(tfmini._take_frame))
    monkeypatch.setattr(lw20, "crc16", plain(lw20.crc16))


def hard_bytes(noise: random.Random, size: int) -> bytes:
    """Bytes with many extremes, and with those that frames begin with."""
    return bytes(
        noise.choice((0, 1, 0x59, 0x59, 0xAA, 127, 128, 255, noise.randrange(256))) for _ in range(size)
    )


def put(buffer, data: bytes) -> None:
    for index, byte in enumerate(data):
        buffer[READ_AT + index] = byte


def test_tfmini_frames_stay_within_31_bits_and_their_buffer():
    noise = random.Random(1)
    good = bytes.fromhex("59 59 28 01 f4 01 02 00 d2")
    buffer, readings = memory8(bytes(READ_AT + 256)), memory32([0] * slots.ALT_SIZE)
    state = memory32([HIGHEST_COUNT, 0, 1_199, 20])
    readings[slots.ALT_COUNT] = readings[slots.ALT_REJECTED] = HIGHEST_COUNT
    found = 0
    for _ in range(300):
        size = noise.randrange(1, 257)
        chunk = noise.choice((good * 28, good[:5], good[5:], b"\x59" * 256, hard_bytes(noise, size)))
        put(buffer, chunk)
        found += plain(tfmini.take_frames)(buffer, Small(len(chunk)), state, readings)
        assert 0 <= state[1] < 9
        assert 0 <= readings[slots.ALT_RANGE_MM] <= 11_990
    assert found > 300


def test_lw20_packets_stay_within_31_bits_and_their_buffer():
    noise = random.Random(2)
    body = b"\xaa\x40\x01\x2c\xff\x7f\x00\x80"
    good = body + binascii.crc_hqx(body, 0).to_bytes(2, "little")
    buffer, readings = memory8(bytes(READ_AT + 256)), memory32([0] * slots.ALT_SIZE)
    state = memory32([HIGHEST_COUNT, 0, 0, HIGHEST_COUNT])
    readings[slots.ALT_COUNT] = HIGHEST_COUNT
    found = 0
    for _ in range(300):
        size = noise.randrange(1, 257)
        chunk = noise.choice((good * 25, good[:6], good[6:], b"\xaa" * 256, hard_bytes(noise, size)))
        put(buffer, chunk)
        state[2] = READ_AT + len(chunk)
        at = plain(lw20.next_packet)(buffer, state)
        while at:
            found += 1
            plain(lw20.take_distance)(buffer, at, readings)
            assert 0 <= readings[slots.ALT_RANGE_MM] <= 100_000
            at = plain(lw20.next_packet)(buffer, state)
        assert 0 <= state[1] < READ_AT
    assert found > 300


def test_inertial_sums_stay_within_31_bits_at_full_scale():
    for extreme in (b"\x80\x02", b"\x7f\xfe", b"\x80\x00", b"\x7f\xff"):  # the last two are saturated
        buffer, readings = memory8(extreme * 24), memory32([0] * slots.IMU_SIZE)
        readings[slots.IMU_FAULTS] = HIGHEST_COUNT
        plain(icm20948.take_samples)(buffer, Small(4), readings)
        used = readings[slots.IMU_SAMPLES]
        assert used == (4 if extreme in (b"\x80\x02", b"\x7f\xfe") else 0)
        assert all(abs(readings[slot]) < 2**28 for slot in range(1, 7))
    noise = random.Random(3)
    for _ in range(200):
        plain(icm20948.take_samples)(memory8(hard_bytes(noise, 48)), Small(4), memory32([0] * slots.IMU_SIZE))
