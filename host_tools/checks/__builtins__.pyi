"""Names that MicroPython's compiler knows without an import, for the type checks of the flight code.

The ports' stubs make ptr8 and its kin subclasses of int, so that no caller could hand a
bytearray to a kernel. On the board any buffer is right, and indexing it is all a kernel does.
"""

from typing import Protocol

from _mpy_shed._mpy_builtins import const as const
from _mpy_shed._mpy_builtins import uint as uint

class _Buffer(Protocol):
    def __getitem__(self, index: int, /) -> int: ...
    def __setitem__(self, index: int, value: int, /) -> None: ...

ptr8 = _Buffer
ptr16 = _Buffer
ptr32 = _Buffer
