"""COBS, consistent overhead byte stuffing: a frame without zero bytes, so that zero can end it.

Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999. A run of up to 254
bytes that are not zero is sent as its length plus one, followed by the run; the zero
after a shorter run is implied.
"""

import micropython


@micropython.viper
def cobs_encode(source: ptr8, start: int, count: int, target: ptr8, at: int) -> int:
    """Encode source[start : start + count] into target from index `at`.

    Returns the index after the last byte written: at + count + 1 for up to 253 bytes,
    and one more for every further 254. `target` must have that room and may not overlap
    `source`. Allocates nothing.
    """
    end = start + count
    code_at = at
    code = 1
    out = at + 1
    index = start
    while index < end:
        byte = source[index]
        index = index + 1
        if byte:
            target[out] = byte
            out = out + 1
            code = code + 1
        if byte == 0 or code == 255:
            target[code_at] = code
            code_at = out
            code = 1
            out = out + 1
    target[code_at] = code
    return out


@micropython.viper
def cobs_decode(source: ptr8, count: int, target: ptr8, room: int) -> int:
    """Decode source[:count], one frame without its delimiters, into target[:room].

    Returns the number of bytes decoded, or -1 if a run reaches past the end, a zero
    stands within the frame, or the result does not fit. Allocates nothing.
    """
    index = 0
    out = 0
    while index < count:
        code = source[index]
        index = index + 1
        run_end = index + code - 1
        if code == 0 or run_end > count or out + code - 1 > room:
            return -1
        while index < run_end:
            byte = source[index]
            if byte == 0:
                return -1
            target[out] = byte
            index = index + 1
            out = out + 1
        if code < 255 and index < count:
            if out >= room:
                return -1
            target[out] = 0
            out = out + 1
    return out
