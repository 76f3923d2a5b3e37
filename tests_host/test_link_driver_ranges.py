"""No integer in the link's and the drivers' viper code leaves 31 bits, whatever bytes arrive.

The functions run as plain CPython over integers that check every operation's result.
"""

import binascii
import random
import struct

import pytest
from checked_int import LARGEST, SMALLEST, Memory, Small, memory8, memory32, plain

from plumbline.drivers import doppler_radar, sensor_frame, stim300
from plumbline.link import cobs, crc, packet, port

HIGHEST_COUNT = 2**29 - 1  # a running count starts again at 0 after this


REFLECTED = Memory(crc.REFLECTED, 0, 65_535)
FORWARD = Memory(crc.FORWARD, 0, 65_535)


@pytest.fixture(autouse=True)
def _plain_callees(monkeypatch):
    """Let the functions call each other's plain forms too."""
    for module in (sensor_frame, packet):
        monkeypatch.setattr(module, "crc_matches", plain(crc.crc_matches))
    monkeypatch.setattr(stim300, "crc_forward_matches", plain(crc.crc_forward_matches))
    for name in ("_take_datagram", "_add_axes"):
        monkeypatch.setattr(stim300, name, plain(getattr(stim300, name)))


def hard_bytes(noise: random.Random, size: int) -> bytes:
    """Bytes with many extremes."""
    return bytes(noise.choice((0, 1, 127, 128, 255, noise.randrange(256))) for _ in range(size))


def test_the_checking_integer_checks():
    with pytest.raises(AssertionError, match="leaves 31 bits"):
        _ = Small(2**29) + 2**29
    with pytest.raises(AssertionError, match="leaves 31 bits"):
        _ = 2**15 * Small(2**15)
    with pytest.raises(AssertionError, match="shift by 31"):
        _ = Small(0) << 31
    with pytest.raises(AssertionError, match="does not fit"):
        memory8([0])[0] = 256
    assert Small(-(2**29)) * 2 == -(2**30)


def test_the_tables_are_made_within_31_bits():
    for fill, table in ((crc._fill_reflected, REFLECTED), (crc._fill_forward, FORWARD)):
        made = Memory([0] * 512, 0, 65_535)
        plain(fill)(made)
        assert made == table


def test_checksums_stay_within_31_bits():
    noise = random.Random(1)
    for _ in range(100):
        data = hard_bytes(noise, noise.randrange(40))
        buffer = memory8(data + bytes(4))
        plain(crc.crc_append)(buffer, Small(0), Small(len(data)), REFLECTED, Small(crc.BIG_ENDIAN))
        assert bytes(buffer[len(data) + k] for k in range(4)) == binascii.crc32(data).to_bytes(4, "big")
        assert plain(crc.crc_matches)(buffer, 0, len(data), REFLECTED, crc.BIG_ENDIAN) == 1
        assert plain(crc.crc_forward_matches)(buffer, 0, len(data), FORWARD) in (0, 1)


def test_framing_stays_within_31_bits_and_its_buffers():
    noise = random.Random(2)
    for _ in range(100):
        data = hard_bytes(noise, noise.randrange(1, 254))
        encoded = memory8(bytes(len(data) + 1))
        assert plain(cobs.cobs_encode)(memory8(data), 0, len(data), encoded, 0) == len(data) + 1
        room = noise.randrange(254)
        size = plain(cobs.cobs_decode)(memory8(data), len(data), memory8(bytes(room)), room)
        assert size <= room
        state = memory32([HIGHEST_COUNT, 0, len(data), noise.randrange(256), HIGHEST_COUNT])
        state[3] = min(state[3], 255)
        assert plain(port.next_frame)(memory8(data), memory8(bytes(254)), state) <= 254


def test_fields_stay_within_31_bits():
    noise = random.Random(3)
    codes = [packet.U8, packet.I8, packet.U16, packet.I16, packet.I32]
    for _ in range(300):
        layout = memory8(noise.choice(codes) for _ in range(8))
        values = memory32([noise.choice((0, -1, SMALLEST, LARGEST, noise.randint(SMALLEST, LARGEST)))] * 8)
        wire = memory8(bytes(32))
        end = plain(packet.pack_fields)(values, layout, 8, wire, 0)
        assert plain(packet.unpack_fields)(values, layout, 8, wire, 0) == end
        plain(packet.unpack_fields)(values, layout, 8, memory8(hard_bytes(noise, 32)), 0)


def test_headers_stay_within_31_bits():
    noise = random.Random(4)
    for _ in range(200):
        size = noise.randrange(11, 60)
        body = hard_bytes(noise, 4) + (size - 7).to_bytes(2, "big") + hard_bytes(noise, size - 6)
        assert plain(packet.check_packet)(memory8(body), Small(size), REFLECTED) < 2**13


def test_altimeter_readings_stay_within_31_bits_whatever_a_reply_holds():
    noise = random.Random(5)
    readings = memory32([0] * 10)
    readings[0] = HIGHEST_COUNT
    for _ in range(500):
        payload = memory8(hard_bytes(noise, 24))
        plain(sensor_frame.take_reading)(payload, Small(0), readings)
        plain(doppler_radar.take_velocity)(payload, Small(0), readings)
        # What the kernels are promised.
        assert 0 <= readings[2] < 2**29
        assert all(-16_384 <= readings[slot] <= 16_384 for slot in (4, 5))
        assert all(-(2**23) <= readings[slot] < 2**23 for slot in (6, 7, 8))


def test_the_search_for_replies_stays_within_its_buffer():
    noise = random.Random(6)
    payload = struct.pack("<BBHIhh", 1, 1, 0, 5, 0, 0)
    body = bytes([0x11, 12]) + payload
    good = b"\xa5\x5a" + body + binascii.crc32(body).to_bytes(4, "little")
    buffer, state = memory8(bytes(32 + 256)), memory32([HIGHEST_COUNT, 0, 0, 0x11, 12, HIGHEST_COUNT])
    found = 0
    for _ in range(200):
        chunk = noise.choice((good, good[:9], good[9:], b"\xa5" * 256, good * 12, hard_bytes(noise, 200)))
        for index, byte in enumerate(chunk):
            buffer[32 + index] = byte
        state[2] = 32 + len(chunk)
        while plain(sensor_frame.next_reply)(buffer, state, REFLECTED):
            found += 1
    assert found > 200


def test_imu_sums_stay_within_31_bits_for_the_largest_read():
    # A read area full of datagrams at the end of their range, after a tail of 27 bytes.
    body = b"\x91" + b"\x80\x00\x00" * 3 + b"\0" + b"\x7f\xff\xff" * 3 + b"\0" + b"\0\0\0"
    register = 0xFFFFFFFF
    for byte in body:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x104C11DB7 if register >> 31 else 0)
    stream = (body + register.to_bytes(4, "big")) * 38
    buffer = memory8(bytes(1) + stream[: 27 + 1024])
    state, readings = memory32([HIGHEST_COUNT, 27, -1, 0]), memory32([0] * 7 + [HIGHEST_COUNT] * 3)
    assert plain(stim300.take_datagrams)(buffer, Small(1024), state, readings, FORWARD) == 37
    # Each datagram has counter 0: 36 gaps of 252 after the first one.
    assert list(readings)[7:] == [HIGHEST_COUNT, HIGHEST_COUNT, (HIGHEST_COUNT + 36 * 63) & HIGHEST_COUNT]
    assert list(readings)[1:7] == [37 * -(2**23)] * 3 + [37 * (2**23 - 1)] * 3
