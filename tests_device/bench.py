"""What a device test may know of the bench that its board stands on; told by the runner before the tests.

`given` has: "board"; "wired", the lines behind which something answers; "scene", what the parts see;
"vectors", number of steps and hash of each replayed program.
"""

import unittest

given = {"board": "", "wired": [], "scene": {}, "vectors": {}}


def skip_unless_wired(test, *prefixes):
    """Leave the test out on a bench where nothing is plugged in there."""
    missing = [prefix for prefix in prefixes if prefix not in given["wired"]]
    if missing:
        test.skipTest("nothing is said to be wired to %s: run with --wired" % ", ".join(missing))


def figure(name, value, unit):
    """A measured value for the report."""
    unittest.say("figure", name=name, value=value, unit=unit)
