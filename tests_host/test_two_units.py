"""A lander with two inertial units: one fails in flight, and it lands; what the spacecraft is told of it."""

from array import array
from types import SimpleNamespace

import pytest

from host_tools.campaign.setting import Setting
from host_tools.emulator.budget import low_descent
from host_tools.landing.loop import fly
from host_tools.landing.record import FlightRecord
from host_tools.scenarios import library
from host_tools.scenarios.faults import Fault
from host_tools.scenarios.library import ScenarioError, load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.world.world import World
from plumbline.kernels import slots as s
from plumbline.link import dictionary
from plumbline.subsystems.inertial_watch import InertialWatch
from plumbline.subsystems.parameters import Parameters

VEHICLE = library.load_vehicle("resilience_two_imus", library.FOLDER / "x.toml", "x.toml")
FAULTS = {
    "saturates, and does not say so": {
        "kind": "saturation",
        "rate_deg_s": 30.0,
        "axis": "z",
        "flagged": False,
    },
    "sticks": {"kind": "stuck"},
    "dies": {"kind": "off"},
    "drifts by 0.5 degrees a second": {"kind": "bias", "size_deg_h": 1800.0, "axis": "z"},
    "pushes 100 mg across": {"kind": "bias", "size_mg": 100.0, "axis": "y"},
}


def low(*faults: dict, two: bool = True) -> Scenario:
    """The last 600 m of a landing with these faults from its fifth second on."""
    scenario = low_descent()
    made = [Fault.model_validate({"source": "assumed", "time_s": 5.0} | table) for table in faults]
    imu_2 = VEHICLE.imu_2 if two else None
    vehicle = scenario.vehicle.model_copy(update={"imu_2": imu_2})
    return scenario.model_copy(update={"vehicle": vehicle, "faults": made})


def told(record: FlightRecord) -> list[tuple[str, int]]:
    """The events about inertial units, but for the first: both are there."""
    events = [(e.name, e.argument) for e in record.events if e.name.startswith("imu_")]
    assert events[0] == ("imu_switched", 3)
    return events[1:]


@pytest.mark.parametrize("unit", ["imu", "imu_2"])
@pytest.mark.parametrize("what", FAULTS)
def test_one_of_two_fails_for_good_and_the_lander_lands_by_the_other_one(what, unit):
    record = fly(low({"target": unit, **FAULTS[what]}), 4)
    assert record.landed, record.outcome
    index = ("imu", "imu_2").index(unit)
    events = told(record)
    assert ("imu_put_out", index) in events and ("imu_put_out", 1 - index) not in events
    assert events[-1] != ("imu_switched", 3)


@pytest.mark.parametrize(
    "what", ["saturates, and does not say so", "sticks", "drifts by 0.5 degrees a second"]
)
def test_the_same_faults_of_the_only_unit_are_not_survived(what):
    assert not fly(low({"target": "imu", **FAULTS[what]}, two=False), 4).landed


def test_an_overload_of_5_s_is_told_once_and_the_unit_is_taken_back():
    flagged = {"kind": "saturation", "rate_deg_s": 150.0, "axis": "z", "duration_s": 5.0}
    record = fly(low({"target": "imu", **flagged}), 4)
    assert record.landed
    assert told(record) == [
        ("imu_overloaded", 0),
        ("imu_put_out", 0),
        ("imu_switched", 2),
        ("imu_readmitted", 0),
        ("imu_switched", 3),
    ]


def test_a_sound_pair_lands_and_nothing_is_said_of_it():
    record = fly(low(), 4)
    assert record.landed and told(record) == []


def test_the_only_units_overload_is_told_too():
    flagged = {"kind": "saturation", "rate_deg_s": 150.0, "axis": "z", "duration_s": 1.0}
    record = fly(low({"target": "imu", **flagged}, two=False), 4)
    assert record.landed
    names = [e.name for e in record.events if e.name.startswith("imu_")]
    assert names == ["imu_overloaded"]


# --- where a second unit is said, and refused ----------------------------------------------------------


def test_a_fault_of_a_second_unit_that_is_not_there_is_refused(tmp_path):
    text = (library.FOLDER / "resilience_nominal.toml").read_text()
    fault = '\n[[faults]]\ntarget = "imu_2"\nkind = "off"\ntime_s = 5\nsource = "assumed"\n'
    (tmp_path / "one.toml").write_text(text + fault)
    with pytest.raises(ScenarioError) as refused:
        load(tmp_path / "one.toml")
    assert str(refused.value).endswith("faults[0].target: the vehicle has no second inertial unit, imu_2")
    assert "\n" not in str(refused.value)
    (tmp_path / "two.toml").write_text(text.replace('"resilience"', '"resilience_two_imus"') + fault)
    assert load(tmp_path / "two.toml").faults[0].target == "imu_2"


def test_a_batch_refuses_a_second_unit_in_one_line():
    with pytest.raises(ValueError) as refused:
        Setting.of(World(low(), 1))
    said = str(refused.value)
    assert said.startswith("resilience_nominal-low: vehicle.imu_2: a batch flies") and "\n" not in said


def test_parameters_say_how_many_units_there_are_and_one_where_they_do_not():
    table = flight_parameters(VEHICLE)
    assert table["inertial_units"] == Parameters(table).inertial_units == 2
    del table["inertial_units"]
    assert Parameters(table).inertial_units == 1
    with pytest.raises(ValueError, match="inertial_units: 3 is not between 1 and 2"):
        Parameters(table | {"inertial_units": 3})


# --- what the spacecraft is told -----------------------------------------------------------------------


class Watched:
    """A watch over a pair that tests write into."""

    def __init__(self) -> None:
        self.units = [SimpleNamespace(readings=array("i", [0] * s.IMU_SIZE)) for _ in range(2)]
        self.memory = array("i", [0] * s.INS_SIZE)
        self.said: list[tuple[str, int]] = []
        pair = SimpleNamespace(memory=self.memory, second=self.units[1])
        self.watch = InertialWatch(self.units[0], pair, self)
        self.names = {event: name for event, name, _ in dictionary.EVENTS}

    def emit(self, event: int, _tick: int, argument: int) -> None:
        self.said.append((self.names[event], argument))

    def look(self, **changes: int) -> list[tuple[str, int]]:
        for name, value in changes.items():
            self.memory[getattr(s, f"INS_{name}")] = value
        self.said = []
        self.watch.look(0)
        return self.said


def test_each_change_is_told_once():
    watched = Watched()
    assert watched.look(USED=3, SWITCHES=1) == [("imu_switched", 3)]
    assert watched.look() == []
    second = s.INS_FIRST + s.INS_STRIDE + s.INS_OUT_TICKS
    watched.memory[second] = 100
    assert watched.look(USED=1, SWITCHES=2) == [("imu_put_out", 1), ("imu_switched", 1)]
    watched.memory[second] = 0
    assert watched.look(USED=3, SWITCHES=3, DISPUTED=7) == [
        ("imu_readmitted", 1),
        ("imu_disputed", 3),
        ("imu_switched", 3),
    ]
    assert watched.watch.used() == 7
    assert watched.look(DISPUTED=0) == [] and watched.watch.used() == 3


def test_an_overload_is_told_again_only_after_a_second_without():
    watched = Watched()
    faults = watched.units[1].readings
    said = []
    for look in range(40):
        if look in (3, 4, 5, 12, 30):
            faults[s.IMU_FAULTS] += 5
        said += [(look, *event) for event in watched.look()]
    # look 12 is seven quiet looks after look 5, look 30 seventeen after look 12
    assert said == [(3, "imu_overloaded", 1), (30, "imu_overloaded", 1)]
