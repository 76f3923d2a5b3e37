"""Which kernel functions the range prover has proved; what it does not say counts as not proved."""

import importlib
from typing import Any

PROVER = "host_tools.proof.prove"


def proved_functions() -> dict[str, bool]:
    """`fixed.divide` to whether it is proved, asked of the prover now; empty when there is no prover."""
    try:
        prover = importlib.import_module(PROVER)
    except ImportError:
        return {}
    if hasattr(prover, "proved_functions"):
        return dict(prover.proved_functions())
    return _row_by_row(prover)


def _row_by_row(prover: Any) -> dict[str, bool]:
    """The rows of the prover's own table, file by file, as its command goes through them."""
    program = importlib.import_module("host_tools.proof.program")
    outside, memory = program.called_from_outside(), {}
    found: dict[str, bool] = {}
    for path in program.kernel_files():
        module = program.Module(path)
        proof = prover.prove_module(module, program.entries(module, outside), memory)
        found |= {row.function: row.proved is True for row in proof.rows}
    return found
