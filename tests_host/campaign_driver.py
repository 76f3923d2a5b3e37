"""`plumbline campaign` with a flight that costs nothing, in a process that can be told to die or to starve.

python campaign_driver.py '{"spec": "resilience_nominal", "runs": 64, "out": "x", "workers": 1,
                            "call": "replace", "count": 3, "then": "die before"}'
"""

import errno
import json
import os
import resource
import signal
import sys
from pathlib import Path

import campaign_flight

from host_tools.campaign.command import run


def interfere(call, count, then):
    """At its `count`th call, os.replace or os.fsync kills this process before or after it, or fails."""
    real, calls = getattr(os, call), 0

    def wrapped(*arguments):
        nonlocal calls
        calls += 1
        if calls == count and then == "die before":
            os.kill(os.getpid(), signal.SIGKILL)
        if calls == count and then == "fail":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        result = real(*arguments)
        if calls == count and then == "die after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(os, call, wrapped)


def main():
    told = json.loads(sys.argv[1])
    if "call" in told:
        interfere(told["call"], told["count"], told["then"])
    if "largest_file" in told:
        resource.setrlimit(resource.RLIMIT_FSIZE, (told["largest_file"], told["largest_file"]))
    fly = getattr(campaign_flight, told.get("fly", "fly"))
    return run(told["spec"], told["runs"], Path(told["out"]), told.get("scheduler"), told["workers"], fly)


if __name__ == "__main__":
    sys.exit(main())
