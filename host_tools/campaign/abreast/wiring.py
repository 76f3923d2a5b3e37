"""What parts, drivers, lines and packets amount to for a healthy lander, without a byte of theirs.

Each function says what it stands for; tests_host/test_batch_flight.py holds whole flights against the
boards, the drivers and the packets themselves.
"""

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.campaign.abreast import kernels, memory
from host_tools.campaign.abreast.kernels import inner
from host_tools.campaign.abreast.wholes import clamp, everybody, fetch, keep
from host_tools.host_board.surroundings import LINES, NAVIGATION_PHASE_US
from host_tools.host_board.wires import BIT_TIMES_PER_BYTE
from host_tools.world.lanes import ALL_LANES, at, choose, everywhere, put
from host_tools.world.sensors import RANGE_VALID, VELOCITY_VALID
from plumbline.kernels import slots as s

fixed = kernels.load("fixed")

REPLY_BYTES = (20, 32)  # of laser and radar; sensor_frame.py: overhead and payload
_BAUD = dict(LINES)["laser"]
_BYTE_TIME = BIT_TIMES_PER_BYTE * 1_000_000  # of time in microseconds times the baud rate

# a reply on its way: when its last byte is there, then what it says; a line holds up to ROOM of them,
# more than what half a second of latency holds at ten requests a second
_DUE, STATUS, RANGE_MM, AGE_MS, COS, SIN, SPEED_X = range(7)
REPLY_SIZE = 9
ROOM = 16
_FIRST, _COUNT, _FREE_AT = range(3)  # of a line's state
LINE_SIZE = 3

_INT24_LARGEST = (1 << 23) - 1
_IMU = memory.PLACES["imu"].start
_LARGEST_AGE_MS = 0xFFFF
_RANGE_LIMIT_MM = 1 << 29
_UNIT_Q14 = 16384
_SPEED_LIMIT_MM_S = 1 << 23
_CONTACT_TICKS = 3


@inner
def take_all_counts(counts, ints):
    """`take_counts` of all landings, if every datagram of every one is good; else False.

    ints: the whole memory.
    """
    imu = memory.imu(ints, ALL_LANES)
    for axis in range(6):
        total = least = most = at(counts, (0, axis), ALL_LANES)
        for n in range(1, counts.shape[0]):
            count = at(counts, (n, axis), ALL_LANES)
            total = total + count
            least = choose(count < least, count, least)
            most = choose(count > most, count, most)
        if not everywhere((least >= -_INT24_LARGEST - 1) & (most <= _INT24_LARGEST)):
            return False
        put(ints, _IMU + s.IMU_ANGLE_X + axis, ALL_LANES, total)
    keep(everybody(), imu, s.IMU_SAMPLES, counts.shape[0])
    return True


@inner
def take_counts(counts, imu, lane):
    """stim300.py on five good datagrams; one with an axis beyond 24 bits says so and is not used."""
    for slot in range(s.IMU_FAULTS):
        imu[slot] = 0
    for n in range(counts.shape[0]):
        good = True
        for axis in range(6):
            good = good and -_INT24_LARGEST - 1 <= counts[n, axis, lane] <= _INT24_LARGEST
        if good:
            for axis in range(6):
                imu[s.IMU_ANGLE_X + axis] += counts[n, axis, lane]
            imu[s.IMU_SAMPLES] += 1
        else:
            imu[s.IMU_FAULTS] += 1


@inner
def take_no_counts(imu, faults):
    """stim300.py when nothing has come, or datagrams that say of themselves that they are of no use."""
    for slot in range(s.IMU_FAULTS):
        imu[slot] = 0
    imu[s.IMU_FAULTS] += faults


@inner
def _int16(value):
    return ((value & 0xFFFF) ^ 0x8000) - 0x8000


@inner
def beam(estimate):
    """Navigation._request_ranges, and the request's two bytes for each component."""
    cosine = estimate[s.EST_R00] >> 15
    sine = estimate[s.EST_R00 + 1] >> 15
    length = fixed.isqrt(cosine * cosine + sine * sine)
    return _int16(fixed.divide_signed(cosine, length, 14)), _int16(fixed.divide_signed(sine, length, 14))


@inner
def send(lines, replies, kind, now_us, latency_us, status, range_mm, cosine, sine):
    """A part's answer leaves `latency_us` after the measurement, behind the one before; returns its index."""
    start = max((now_us + latency_us) * _BAUD, lines[kind, _FREE_AT])
    due = start + REPLY_BYTES[kind] * _BYTE_TIME
    index = (lines[kind, _FIRST] + lines[kind, _COUNT]) % ROOM
    lines[kind, _FREE_AT] = due
    lines[kind, _COUNT] += 1
    replies[kind, index, _DUE] = due
    replies[kind, index, STATUS] = status
    replies[kind, index, RANGE_MM] = range_mm
    replies[kind, index, AGE_MS] = min(latency_us // 1000, _LARGEST_AGE_MS)
    replies[kind, index, COS] = cosine
    replies[kind, index, SIN] = sine
    for axis in range(3):
        replies[kind, index, SPEED_X + axis] = 0
    return index


@inner
def arrived(lines, replies, kind, now_us, reading):
    """Altimeter.poll in the tick of navigation after `now_us`; returns the replies taken."""
    taken = 0
    while lines[kind, _COUNT] > 0:
        index = lines[kind, _FIRST]
        if replies[kind, index, _DUE] > (now_us + NAVIGATION_PHASE_US) * _BAUD:
            break
        _take(replies, kind, index, reading)
        lines[kind, _FIRST] = (index + 1) % ROOM
        lines[kind, _COUNT] -= 1
        taken += 1
    return taken


@inner
def _take(replies, kind, index, reading):
    """take_reading of sensor_frame.py and take_velocity of doppler_radar.py."""
    said, range_mm = replies[kind, index, STATUS], replies[kind, index, RANGE_MM]
    cosine, sine = replies[kind, index, COS], replies[kind, index, SIN]
    status = said & ~VELOCITY_VALID
    if range_mm >= _RANGE_LIMIT_MM:
        status &= ~RANGE_VALID
    if abs(cosine) > _UNIT_Q14 or abs(sine) > _UNIT_Q14:
        status &= ~RANGE_VALID
        cosine, sine = 0, 0
    valid = said & VELOCITY_VALID != 0
    for axis in range(3):
        speed = replies[kind, index, SPEED_X + axis]
        valid = valid and -_SPEED_LIMIT_MM_S <= speed < _SPEED_LIMIT_MM_S
    reading[s.ALT_COUNT] += 1
    reading[s.ALT_STATUS] = status | (VELOCITY_VALID if valid else 0)
    reading[s.ALT_RANGE_MM] = range_mm if status & RANGE_VALID else 0
    reading[s.ALT_AGE_MS] = replies[kind, index, AGE_MS]
    reading[s.ALT_BEAM_COS_Q14] = cosine
    reading[s.ALT_BEAM_SIN_Q14] = sine
    for axis in range(3):
        reading[s.ALT_VELOCITY_X_MM_S + axis] = replies[kind, index, SPEED_X + axis] if valid else 0


@inner
def contacts(touching, contact_ticks):
    """Navigation._contacts: legs whose switch has been closed for 30 ms."""
    count = 0
    for leg in range(contact_ticks.shape[0]):
        if not touching[leg]:
            contact_ticks[leg] = 0
        elif contact_ticks[leg] < _CONTACT_TICKS:
            contact_ticks[leg] += 1
        else:
            count += 1
    return count


@inner
def hand_over(demand, taken):
    """The demand's packet, of all landings: fields are held in the range of their type (dictionary.py)."""
    for slot, least, most in ((s.DEM_TICK, 0, 0xFFFF), (s.DEM_FLAGS, 0, 0xFF)):
        keep(everybody(), taken, slot, clamp(fetch(demand, slot), least, most))
    for slot in range(s.DEM_THROTTLE_Q14, s.DEM_SIZE):
        keep(everybody(), taken, slot, clamp(fetch(demand, slot), -0x8000, 0x7FFF))
