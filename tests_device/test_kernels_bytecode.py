"""Flight code as bytecode: what the interpreter writes is what CPython writes."""

import replay

NEEDS = ()


class Kernels(replay.Replays):
    CODE = "/test/bytecode"
