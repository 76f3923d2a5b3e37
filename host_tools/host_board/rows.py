"""One row of a table as a kernel's array, for loops over many vehicles in numba.

A slice of a numba array counts references, twice and atomically, for each of a kernel's arrays: that
costs more than many a kernel. `row` gives the kernel the row's memory and counts nothing; the
table must outlive the loop, as the arguments of a function do.
"""

from typing import Any

import numba
from numba import carray, types  # pyright: ignore[reportPrivateImportUsage]
from numba.extending import intrinsic


@intrinsic
def _pointer(_context: Any, address: Any) -> Any:
    signature = types.CPointer(types.int32)(types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return signature, generate


@numba.njit(inline="always")
def row(table: Any, index: int) -> Any:
    """Row `index` of an int32 table of shape (rows, slots), which must be contiguous; nothing is checked."""
    size = table.shape[1]
    address = table.ctypes.data + 4 * size * index
    return carray(_pointer(address), size)  # pyright: ignore[reportCallIssue]  (the context is numba's)
