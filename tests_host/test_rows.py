"""A row of a table, handed to a kernel without counting references: the same memory, the same results."""

import numba
import numpy as np

from host_tools.host_board.rows import row
from host_tools.proof.harness import throughput
from host_tools.proof.harness.noise import Noise
from plumbline.kernels import attitude


@numba.njit
def by_rows(memories, demands, estimates, guidances):
    for i in range(memories.shape[0]):
        attitude.step(row(memories, i), row(demands, i), row(estimates, i), row(guidances, i))


@numba.njit
def by_slices(memories, demands, estimates, guidances):
    for i in range(memories.shape[0]):
        attitude.step(memories[i], demands[i], estimates[i], guidances[i])


@numba.njit
def numbered(table):
    for i in range(table.shape[0]):
        own = row(table, i)
        for slot in range(len(own)):
            own[slot] = 100 * i + slot


def test_rows_are_the_tables_own_memory():
    table = np.zeros((3, 7), np.int32)
    numbered(table)
    assert [list(line) for line in table] == [[100 * i + slot for slot in range(7)] for i in range(3)]


def test_a_kernel_does_the_same_on_rows_as_on_slices():
    one, other = throughput._steered(Noise(5)), throughput._steered(Noise(5))
    assert all(table.dtype == np.int32 and table.flags.c_contiguous for table in one)
    for _ in range(3):
        by_rows(*one)
        by_slices(*other)
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert one[1].any()


def test_every_table_of_the_throughput_is_what_a_row_needs():
    noise = Noise(2)
    tables = (
        *throughput._flying(noise)[:3],
        *throughput._descending(noise)[:2],
        *throughput._steered(noise),
        *throughput._firing(noise),
    )
    assert all(table.dtype == np.int32 and table.flags.c_contiguous for table in tables)
