"""A block of RAM that outlives a reset of the RP2040: 4 kB behind the heap, where firmware sets it aside.

A reset leaves the RAM's content alone, and the start-up code writes only to what is linked. The flight image
(host_tools/flash/flight_image.py) ends MicroPython's heap 4 kB early and says so in a module of its own;
elsewhere that place belongs to the heap. Not yet run on hardware.
"""

import uctypes


def kept_block():
    """The block as a bytearray, as the last life has left it; None with other firmware. Takes no memory."""
    try:
        from plumbline_flight import KEPT_BLOCK, KEPT_BLOCK_BYTES
    except ImportError:
        return None
    return uctypes.bytearray_at(KEPT_BLOCK, KEPT_BLOCK_BYTES)
