"""Flight code in viper, small functions unfolded as it is deployed: what it writes is what CPython writes."""

import replay

NEEDS = ()


class Kernels(replay.Replays):
    CODE = "/test/unfolded"  # all of it: this board's own program may lack a part
