"""What fails in a landing, as data: a part, a kind of fault, when it begins and ends, and how large it is.

    [[faults]]
    target = "laser"
    kind = "stuck"
    at_agl_m = 3000
    duration_s = 20
    source = "assumed"

TAKES is the table of targets, their kinds of fault and the keys that each kind needs or may have.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from host_tools.scenarios.quantity import check_number, number, quantity
from host_tools.scenarios.sourced import Sourced, complain

ALTIMETER = "altimeter"  # stands for the name of any altimeter
BOARDS = ("navigation_board", "propulsion_board")  # their faults are moments: host_board/reset.py
ENGINES = ("main_engine", "assist_thrusters", "rcs_thrusters", "engines")  # the last: main and assist

_NOTHING: tuple[str, ...] = ()
_IMU = {
    "saturation": (("rate_deg_s",), ("axis", "flagged")),
    "bias": (_NOTHING, ("size_deg_h", "size_mg", "axis")),
    "noisy": (("factor",), _NOTHING),
    "stuck": (_NOTHING, _NOTHING),
    "off": (_NOTHING, _NOTHING),
}
_Keys = tuple[tuple[str, ...], tuple[str, ...]]
_THRUST = (("fraction",), ("numbers", "flow_goes_on"))
_BOARD: dict[str, _Keys] = dict.fromkeys(("reset", "hang", "power_loss"), (_NOTHING, ("away_s",)))
_ENGINE = {
    "thrust_loss": _THRUST,
    "thrust_excess": _THRUST,
    "off": (_NOTHING, ("numbers",)),
    "stuck_open": (_NOTHING, ("numbers",)),  # the valve, and what is behind it
    "stuck_closed": (_NOTHING, ("numbers",)),
    "weak": (("fraction",), ("numbers",)),  # opens that much less
    "leak": (("fraction",), ("numbers",)),  # lets that much through while it is closed
    "coil_open": (_NOTHING, ("numbers",)),  # stays closed, and draws no current
    "driver_closed": (_NOTHING, ("numbers",)),  # stays open, and draws current all the time
}
ELECTRICAL_KINDS = ("coil_open", "driver_closed")  # seen by the currents of the coils
VALVE_KINDS = (
    "stuck_open",
    "stuck_closed",
    "leak",
    "coil_open",
    "driver_closed",
)  # what is open is no longer what was commanded
# target -> kind -> (keys that it needs, keys that it may have beside them)
TAKES: dict[str, dict[str, _Keys]] = {
    ALTIMETER: {
        "stuck": (_NOTHING, _NOTHING),
        "spike": (("size_m", "probability"), _NOTHING),
        "bias": (("size_m",), _NOTHING),
        "drift": (("rate_m_s",), _NOTHING),
        "garbage": (("size_m",), _NOTHING),
        "wrong": (("factor",), _NOTHING),
        "intermittent": (("probability",), _NOTHING),
        "delayed": (("delay_s",), ("rise_s", "reported")),
        "off": (_NOTHING, _NOTHING),
        "noisy": (("size_m",), _NOTHING),
        "weak": (("reach_m",), ("half_speed_m_s",)),
    },
    "velocimeter": {
        "stuck": (_NOTHING, _NOTHING),
        "spike": (("size_m_s", "probability"), ("axis",)),
        "bias": (("size_m_s",), ("axis",)),
        "drift": (("rate_m_s2",), ("axis",)),
        "garbage": (("size_m_s",), _NOTHING),
        "wrong": (("factor",), _NOTHING),
        "intermittent": (("probability",), _NOTHING),
        "delayed": (("delay_s",), ("rise_s",)),
        "off": (_NOTHING, _NOTHING),
        "noisy": (("size_m_s",), _NOTHING),
    },
    "imu": _IMU,
    "imu_2": _IMU,  # the second one, where the vehicle has one
    **dict.fromkeys(ENGINES, _ENGINE),
    "legs": {"closed": (_NOTHING, ("numbers",))},
    "navigation_board": _BOARD,
    "propulsion_board": _BOARD,
}
TARGETS = tuple(target for target in TAKES if target != ALTIMETER)
HOW_MANY = {"main_engine": 1, "assist_thrusters": 6, "rcs_thrusters": 8, "engines": 7, "legs": 4}
_BEGINS = ("time_s", "at_agl_m", "at_altitude_m")
_COMMON = {"target", "kind", *_BEGINS, "duration_s", "until_agl_m", "source", "sources"} | {
    "begin_scatter_fraction",
    "scatter_fraction",
}


def _whole_numbers(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        raise PydanticCustomError("numbers", "must be a list of numbers, as in [1, 4]", {})
    for item in value:
        if check_number(item) != int(item) or item < 1:
            raise PydanticCustomError("numbers", "must hold whole numbers from 1 on", {})
    if len(set(value)) != len(value):
        raise PydanticCustomError("numbers", "names the same one twice", {})
    return tuple(int(item) for item in value)


class Fault(Sourced):
    """One fault. It begins once, where one of three keys says: at a time, or where the lander first
    falls below a height; it ends after `duration_s`, below `until_agl_m`, or never."""

    target: str
    kind: str

    time_s: Annotated[float, quantity("s", 0, 4_000)] | None = None
    at_agl_m: Annotated[float, quantity("m", 0.5, 90_000)] | None = None
    at_altitude_m: Annotated[float, quantity("m", 0.5, 90_000)] | None = None
    duration_s: Annotated[float, quantity("s", 0.01, 4_000)] | None = None
    until_agl_m: Annotated[float, quantity("m", 0.5, 90_000)] | None = None
    # from flight to flight the begin, and duration and size, are drawn within these shares of their numbers
    begin_scatter_fraction: Annotated[float, quantity("fraction", 0, 0.9)] = 0.0
    scatter_fraction: Annotated[float, quantity("fraction", 0, 0.9)] = 0.0

    size_m: Annotated[float, quantity("m", -200_000, 200_000)] | None = None
    size_m_s: Annotated[float, quantity("m/s", -2_000, 2_000)] | None = None
    rate_m_s: Annotated[float, quantity("m/s", -1_000, 1_000)] | None = None
    rate_m_s2: Annotated[float, quantity("m/s2", -100, 100)] | None = None
    factor: Annotated[float, quantity("count", 0, 1_000)] | None = None
    probability: Annotated[float, quantity("fraction", 0, 1)] | None = None
    delay_s: Annotated[float, quantity("s", 0.001, 60)] | None = None
    rise_s: Annotated[float, quantity("s", 0, 4_000)] = 0.0  # until the delay is whole
    reported: bool = False  # whether the part's age of a reading tells of the delay
    reach_m: Annotated[float, quantity("m", 1, 200_000)] | None = None
    half_speed_m_s: Annotated[float, quantity("m/s", 1, 10_000)] | None = None
    rate_deg_s: Annotated[float, quantity("deg/s", -1_900, 1_900)] | None = None
    size_deg_h: Annotated[float, quantity("deg/h", -100_000, 100_000)] | None = None
    size_mg: Annotated[float, quantity("mg", -9_000, 9_000)] | None = None
    away_s: Annotated[float, quantity("s", 0.05, 60)] | None = None  # from a board's reset until it is back
    flagged: bool = True  # whether the unit's status says so
    fraction: Annotated[float, quantity("fraction", 0, 1)] | None = None
    flow_goes_on: bool = False  # a nozzle lost: propellant flows as before
    numbers: Annotated[tuple[int, ...] | None, BeforeValidator(_whole_numbers)] = None
    axis: Literal["x", "y", "z"] = "x"

    @property
    def part(self) -> str:
        """The target's row of TAKES."""
        return self.target if self.target in TAKES else ALTIMETER

    @property
    def is_of_a_board(self) -> bool:
        """Whether it is a moment in a board's life."""
        return self.target in BOARDS

    @property
    def axis_number(self) -> int:
        return "xyz".index(self.axis)

    @property
    def name(self) -> str:
        """As in laser_stuck."""
        return f"{self.target}_{self.kind}"

    @model_validator(mode="after")
    def _is_a_fault_of_its_target(self) -> "Fault":
        kinds = TAKES[self.part]
        if self.kind not in kinds:
            of = f"'{self.target}', an altimeter," if self.part == ALTIMETER else self.target
            raise complain("kind", f"{of} has no fault '{self.kind}' (it has {', '.join(kinds)})")
        needed, possible = kinds[self.kind]
        given = self.model_fields_set
        for key in needed:
            if key not in given:
                raise complain(key, f"is missing: '{self.kind}' needs it")
        common = _COMMON - {"duration_s", "until_agl_m"} if self.part in BOARDS else _COMMON
        for key in sorted(given - common - {*needed, *possible}):
            raise complain(key, f"says nothing about '{self.kind}'")
        one_size = (self.size_deg_h is None) != (self.size_mg is None)
        if self.part in ("imu", "imu_2") and self.kind == "bias" and not one_size:
            raise complain(
                "size_deg_h", "exactly one of size_deg_h (gyro) and size_mg (accelerometer) must be given"
            )
        most = HOW_MANY.get(self.target, 0)
        if self.numbers is not None and max(self.numbers) > most:
            raise complain("numbers", f"{self.target} are numbered 1 to {most} (got {max(self.numbers)})")
        return self

    @model_validator(mode="after")
    def _begins_once_and_ends_later(self) -> "Fault":
        begins = [key for key in _BEGINS if getattr(self, key) is not None]
        if len(begins) != 1:
            got = " and ".join(begins) or "none"
            key = begins[-1] if begins else _BEGINS[0]
            raise complain(key, f"exactly one of {', '.join(_BEGINS)} must be given (got {got})")
        if self.duration_s is not None and self.until_agl_m is not None:
            raise complain("until_agl_m", "a fault ends by duration_s or by until_agl_m, not by both")
        if self.until_agl_m is not None and self.at_agl_m is not None and self.until_agl_m >= self.at_agl_m:
            raise complain(
                "until_agl_m",
                f"must be below at_agl_m, {number(self.at_agl_m)} m (got {number(self.until_agl_m)})",
            )
        return self
