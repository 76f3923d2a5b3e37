"""Replay vectors: main([FIRMWARE, FOLDER, RUNTIME, "PROGRAM=STEPS", ...]).

On MicroPython this package stands alone (`import replayed.main`): its imports are relative.
Reads FOLDER/PROGRAM.vectors, writes FOLDER/PROGRAM.RUNTIME, prints a line `PROGRAM seconds`,
or `PROGRAM nan` and what was raised.
"""

import sys

if sys.implementation.name == "cpython":
    from time import perf_counter as seconds

    import host_tools.host_board  # noqa: F401  (makes `plumbline` and `micropython` importable)
else:
    from time import time as seconds  # a float on the unix port

_WARM_UP_STEPS = 300


def program_of(name: str, folder: str):
    """A new program; importing it late keeps one program's failure out of the others."""
    if name.startswith("kernels"):  # all of them, or those of one board
        from .kernels import Kernels, read_calls

        return Kernels(read_calls(folder + "/" + name + ".calls"))
    if name == "flight":
        from .flight import Flight

        return Flight()
    if name == "link":
        from .link import Link

        return Link()
    if name == "drivers":
        from .drivers import Drivers

        return Drivers()
    if name == "ports":
        from .ports import Ports

        return Ports()
    raise ValueError("no program " + name)


def replay(name: str, steps: int, folder: str, runtime: str) -> float:
    """Run one program over its vectors; the seconds that it took."""
    program = program_of(name, folder)
    path = folder + "/" + name + "."
    with open(path + "vectors", "rb") as source, open(path + runtime, "wb") as target:
        begun = seconds()
        for _ in range(steps):
            program.step(source, target)
        return seconds() - begun


def main(arguments: list[str]) -> None:
    """The command line. FIRMWARE is the folder that stands for firmware/."""
    firmware, folder, runtime = arguments[:3]
    sys.path.insert(0, firmware)
    for order in arguments[3:]:
        name, steps = order.split("=")
        try:
            if runtime == "numba":  # compile first, so that the seconds are the kernels'
                replay(name, min(int(steps), _WARM_UP_STEPS), folder, runtime)
            print(name, round(replay(name, int(steps), folder, runtime), 3))
        except Exception as error:  # noqa: BLE001  (whatever a kernel raises is what is to be reported)
            print(name, "nan", type(error).__name__ + ":", error)


if __name__ == "__main__":
    main(sys.argv[1:])
