"""A burn through Basilisk: its own thrusters, tank, gravity and integrator on our valve schedule.

Basilisk's thrusters are off, on, or on a ramp of straight lines; ours fill and empty exponentially.
So each Basilisk thruster is open throughout, and its full thrust is set before each step of 2 ms to the mean
thrust of that step, worked out from the valve schedule alone (burn.mean_thrusts_n). Force, torque, mass flow
and inertia are then Basilisk's own, from its positions, directions and specific impulses.
"""

from typing import Any

import numpy as np

from host_tools.campaign.bench.basilisk import (
    BODY,
    FEED,
    NS_PER_S,
    BasiliskLander,
    quaternions,
)
from host_tools.campaign.bench.burn import SAMPLE_S, SUBSTEP_S, Burn, Floats, mean_thrusts_n

_STEP_NS = round(SUBSTEP_S * NS_PER_S)
_FOR_EVER_S = 1e6
HOW = (
    "One valve schedule, flown by the flight code, is replayed without control in each simulation: same "
    "state, mass, inertia, thruster positions, directions, forces and Isp; no sensors, rigid body, "
    "point-mass Moon, no rotation. Every nozzle's mean thrust in each 2 ms follows from the schedule alone "
    "(first-order rise and fall); Basilisk's thrusters are set to it step by step, and force, torque, mass "
    "flow, inertia, gravity and integration are its own, with flow exerting no torque by itself (updateOnly) "
    "as in our world. The reference is bench/reference.py, the tests' judge where Basilisk is not installed."
)


def fly(burn: Burn) -> Floats:
    """The burn's path as Basilisk flies it, (samples, STATE_SIZE). Raises NoBasilisk."""
    lander = BasiliskLander(burn.path[0], burn.vehicle, SUBSTEP_S)
    rows = mean_thrusts_n(burn.shares, burn.vehicle.thrusters)
    lander.add(_feed(lander, rows), FEED)
    states = lander.body.scStateOutMsg.recorder(round(SAMPLE_S * NS_PER_S))
    masses = lander.body.scMassOutMsg.recorder(round(SAMPLE_S * NS_PER_S))
    for recorder in (states, masses):
        lander.add(recorder, BODY - 1)
    lander.command([_FOR_EVER_S] * len(lander.thrusters))
    lander.start()
    lander.run(burn.seconds)
    expected_ns = np.arange(len(burn.path)) * round(SAMPLE_S * NS_PER_S)
    if not np.array_equal(states.times(), expected_ns):
        raise ValueError("Basilisk recorded at other times than it was asked to")
    return np.column_stack(
        [
            states.r_CN_N,
            states.v_CN_N,
            quaternions(np.asarray(states.sigma_BN)),
            states.omega_BN_B,
            masses.massSC,
        ]
    )


def _feed(lander: BasiliskLander, rows: Floats) -> Any:
    """The module that sets every thruster's force of the step that ends now."""
    thrusters = lander.thrusters

    class Feed(lander.bsk.sysModel.SysModel):
        def UpdateState(self, now_ns: int) -> None:
            step = now_ns // _STEP_NS - 1
            row = rows[step].tolist() if step >= 0 else [0.0] * len(thrusters)
            for thruster, force_n in zip(thrusters, row, strict=True):
                thruster.MaxThrust = force_n

    feed = Feed()
    feed.ModelTag = "valve schedule"
    return feed
