"""Flight code with the native emitter in viper's place: what it writes is what CPython writes."""

import replay

NEEDS = ()


class Kernels(replay.Replays):
    CODE = "/test/native"
