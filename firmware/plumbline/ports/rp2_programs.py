"""The PIO programs of rp2_assembly.py, assembled: for that a board takes 30 ms at every start.

Made by `python -m host_tools.flash.pio_programs`; a test assembles them anew. As rp2.asm_pio gives them: the
instructions, where they lie in each PIO, EXECCTRL, SHIFTCTRL, and how pins begin.
"""

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Any, because the stubs know no assembled program
RECEIVER: "Any" = [
    array("H", [8352, 9248, 57415, 42306, 16385, 131, 17272, 201, 0, 32768]),
    -1,
    -1,
    36992,
    2147745792,
    None,
    None,
    None,
]
SENDER: "Any" = [
    array("H", [32928, 58880, 57383, 26113, 67, 58881]),
    -1,
    -1,
    20480,
    1074266112,
    3,
    3,
    None,
]


def bank(width) -> "Any":
    """The program of a bank of so many valves, which all begin closed."""
    return [
        array("H", [40997, 6440, 41026, 40963, 40997, 40, 388, 0, 32928, 24584, 24609, 24656, 68, 3981]),
        -1,
        -1,
        53248,
        1074266112,
        (2,) * width,
        None,
        None,
    ]
