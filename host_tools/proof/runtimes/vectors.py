"""`python -m host_tools.proof.runtimes.vectors FOLDER SEED PROGRAM=STEPS...`: what is replayed.

The program kernels calls every kernel, kernels_navigation_pico those that fly on that board: a board has no
room for all of them.
A process of its own, with plain kernels: the descent's vectors come from a closed loop.
"""

import json
import sys
from pathlib import Path

from host_tools.proof.runtimes.flight_vectors import flight_vectors
from host_tools.proof.runtimes.kernel_vectors import kernel_entries, kernel_vectors
from host_tools.proof.runtimes.replayed.main import program_of
from host_tools.proof.runtimes.stream_vectors import driver_vectors, link_vectors, port_vectors

MAKERS = {"flight": flight_vectors, "link": link_vectors, "drivers": driver_vectors, "ports": port_vectors}


def main(arguments: list[str]) -> None:
    """Write FOLDER/PROGRAM.vectors for each program, its layout, and of kernels their list."""
    folder, seed = Path(arguments[0]), int(arguments[1])
    for order in arguments[2:]:
        name, steps = order.split("=")
        if name.startswith("kernels"):
            entries = kernel_entries(name.removeprefix("kernels").lstrip("_"))
            (folder / f"{name}.calls").write_text("".join(entry.line + "\n" for entry in entries))
            vectors = kernel_vectors(entries, int(steps), seed)
        else:
            vectors = MAKERS[name](int(steps), seed)
        (folder / f"{name}.vectors").write_bytes(vectors)
        (folder / f"{name}.layout").write_text(json.dumps(program_of(name, str(folder)).layout))


if __name__ == "__main__":
    main(sys.argv[1:])
