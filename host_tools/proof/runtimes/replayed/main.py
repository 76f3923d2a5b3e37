"""Replay vectors: `-m host_tools.proof.runtimes.replayed.main FIRMWARE FOLDER RUNTIME PROGRAM=STEPS...`.

Reads FOLDER/PROGRAM.vectors, writes FOLDER/PROGRAM.RUNTIME, prints a line `PROGRAM seconds`.
"""

import sys

if sys.implementation.name == "cpython":
    from time import perf_counter as seconds

    import host_tools.host_board  # noqa: F401  (makes `plumbline` and `micropython` importable)
else:
    from time import time as seconds  # a float on the unix port


def program_of(name: str, folder: str):
    """A new program; importing it late keeps one program's failure out of the others."""
    if name == "kernels":
        from host_tools.proof.runtimes.replayed.kernels import Kernels, read_calls

        return Kernels(read_calls(folder + "/kernels.calls"))
    if name == "flight":
        from host_tools.proof.runtimes.replayed.flight import Flight

        return Flight()
    if name == "link":
        from host_tools.proof.runtimes.replayed.link import Link

        return Link()
    if name == "drivers":
        from host_tools.proof.runtimes.replayed.drivers import Drivers

        return Drivers()
    if name == "ports":
        from host_tools.proof.runtimes.replayed.ports import Ports

        return Ports()
    raise ValueError("no program " + name)


def replay(name: str, steps: int, folder: str, runtime: str) -> float:
    """Run one program over its vectors; the seconds that it took."""
    program = program_of(name, folder)
    with open(folder + "/" + name + ".vectors", "rb") as source:
        with open(folder + "/" + name + "." + runtime, "wb") as target:
            begun = seconds()
            for _ in range(steps):
                program.step(source, target)
            return seconds() - begun


def main(arguments: list[str]) -> None:
    """The command line; any exception ends the process with MicroPython's exit code 1."""
    firmware, folder, runtime = arguments[:3]
    sys.path.insert(0, firmware)
    for order in arguments[3:]:
        name, steps = order.split("=")
        print(name, "%.3f" % replay(name, int(steps), folder, runtime))


if __name__ == "__main__":
    main(sys.argv[1:])
