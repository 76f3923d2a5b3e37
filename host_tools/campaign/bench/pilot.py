"""The least that is flight software in Python: a Basilisk module that points the engines against the flight.

Each tick it reads the body's state message, turns the error of attitude and the rates into torques, and
writes fifteen on-times: far less than our flight code does in a tick, with no sensor between.
"""

from typing import Any

from host_tools.campaign.bench.basilisk import BasiliskLander

TICK_S = 0.01
_GAIN_N_M = 620.0  # 1 rad/s on 620 kg m2
_DAMPING_N_M_S = 870.0  # 0.7 of critical
_FULL_N_M = 26.0  # a jet of 22 N at 1.2 m
_LEAST_S = 0.001
_BURNING = [2.0 * TICK_S] * 7  # main engine and assist thrusters, renewed each tick


def pilot(lander: BasiliskLander) -> Any:
    """The module, reading this lander's state and writing its thrusters' commands."""
    state = lander.bsk.messaging.SCStatesMsgReader()
    state.subscribeTo(lander.body.scStateOutMsg)
    payload = lander.bsk.messaging.THRArrayOnTimeCmdMsgPayload()

    class Pilot(lander.bsk.sysModel.SysModel):
        def UpdateState(self, now_ns: int) -> None:
            seen = state()
            payload.OnTimeRequest = _on_times_s(seen.sigma_BN, seen.omega_BN_B, seen.v_BN_N)
            lander.commands.write(payload, now_ns, self.moduleID)

    module = Pilot()
    module.ModelTag = "flight software in Python"
    return module


def _on_times_s(sigma: list[float], rates: list[float], velocity: list[float]) -> list[float]:
    """Proportional and derivative control of the thrust axis against the velocity, a pulse per tick."""
    _, vy, vz = _into_body(sigma, velocity)
    speed = sum(v * v for v in velocity) ** 0.5
    # The thrust axis is to lie along -v: it is off by x cross -v, which is (0, vz, -vy) / speed.
    times = []
    for error, rate in ((vz / speed, rates[1]), (-vy / speed, rates[2]), (0.0, rates[0])):
        share = (_GAIN_N_M * error - _DAMPING_N_M_S * rate) / _FULL_N_M
        width_s = TICK_S * min(1.0, abs(share))
        width_s = width_s if width_s >= _LEAST_S else 0.0
        times.append((width_s, 0.0) if share > 0.0 else (0.0, width_s))
    (y_up, y_down), (z_up, z_down), (x_up, x_down) = times
    return [*_BURNING, y_up, y_down, z_up, z_down, x_up, x_up, x_down, x_down]


def _into_body(sigma: list[float], v: list[float]) -> tuple[float, float, float]:
    """An inertial vector in body axes, by modified Rodrigues parameters."""
    a, b, c = sigma
    square = a * a + b * b + c * c
    once = (b * v[2] - c * v[1], c * v[0] - a * v[2], a * v[1] - b * v[0])
    twice = (b * once[2] - c * once[1], c * once[0] - a * once[2], a * once[1] - b * once[0])
    below = (1.0 + square) ** 2
    p, q = 8.0 / below, 4.0 * (1.0 - square) / below
    return (
        v[0] + p * twice[0] - q * once[0],
        v[1] + p * twice[1] - q * once[1],
        v[2] + p * twice[2] - q * once[2],
    )
