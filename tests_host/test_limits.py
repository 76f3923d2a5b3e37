"""Limit tables: what a row says, what a bad one is told, and what the boards do while a value is red."""

import copy
import json
import re
from array import array

import numpy as np
import pytest
from power_fixture import Bench
from rover_fixture import Ride

from host_tools.ground import dictionary as ground
from host_tools.ground.entries import DictionaryError
from host_tools.ground.limits import TABLES, load_tables
from host_tools.host_board.clock import Clock
from host_tools.host_board.lives import flown_limits
from host_tools.host_board.structure import MainBody
from host_tools.host_board.thermal import Node, Thermal
from host_tools.host_board.wires import SerialLine
from host_tools.world.electrical import Electrical
from plumbline.kernels import limits as kernel
from plumbline.kernels import rover_mode
from plumbline.kernels import slots as s
from plumbline.link import dictionary as d
from plumbline.link.port import PacketPort
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.limit_table import LimitTable
from plumbline.services.limits import Limits
from plumbline.services.raw_flash import SECTOR, RawFlash
from plumbline.subsystems import power, rover, structure

GOOD, YELLOW, RED = range(3)
NAMES = {number: name for number, name, _ in d.EVENTS}
ROW = {
    "name": "speed", "index": 0, "low_red": -20, "low_yellow": -10, "high_yellow": 10, "high_red": 20,
    "checks": 3, "modes": 0b0010, "gate": 1, "mask": 5, "wanted": 1, "response": 2, "least": -30, "most": 30,
}  # fmt: skip


class Watch:
    """One row over (value, flags), mode 1, flags that vouch for the value."""

    def __init__(self, **changes: object) -> None:
        self.rows = LimitTable([ROW | changes]).rows
        self.states = np.zeros(16 * s.LMS_STRIDE, np.int32)

    def look(self, value: int, flags: int = 1, mode: int = 1) -> int:
        """The row's level after a check; what is returned must say whether it has changed."""
        before = int(self.states[s.LMS_LEVEL])
        watched = np.array([value, flags, *[0] * 62], np.int32)
        news = kernel.step(watched, np.asarray(self.rows), self.states, 1, mode)
        assert news == int(self.states[s.LMS_LEVEL] != before)
        return int(self.states[s.LMS_LEVEL])

    def looks(self, *values: int) -> list[int]:
        return [self.look(value) for value in values]


# --- the kernel ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (-21, RED),
        (-20, YELLOW),
        (-11, YELLOW),
        (-10, GOOD),
        (10, GOOD),
        (11, YELLOW),
        (20, YELLOW),
        (21, RED),
    ],
)
def test_a_value_on_its_limit_is_within_it(value, level):
    assert Watch(checks=1).look(value) == level


def test_a_change_is_believed_after_so_many_checks_in_a_row():
    watch = Watch()
    assert watch.looks(25, 25, 0, 25, 25, 25) == [GOOD] * 5 + [RED]
    assert watch.looks(0, 0, 25, 0, 0, 0) == [RED] * 5 + [GOOD]


def test_what_swings_between_yellow_and_red_is_yellow_and_red_when_it_stays_there():
    watch = Watch()
    assert watch.looks(25, 15, 25) == [GOOD, GOOD, YELLOW]
    assert watch.looks(25, 25, 25) == [YELLOW, YELLOW, RED]
    # the way back: two of three checks were yellow
    assert watch.looks(0, 15, 15) == [RED, RED, YELLOW]


def test_from_red_on_one_side_to_red_on_the_other_there_is_no_news():
    assert Watch(checks=1).looks(25, -25, 25) == [RED, RED, RED]


def test_a_value_that_nobody_vouches_for_changes_nothing_and_begins_the_count_anew():
    watch = Watch()
    watch.looks(25, 25)
    assert [watch.look(25, flags) for flags in (0, 5, 4)] == [GOOD] * 3
    assert watch.looks(25, 25, 25) == [GOOD, GOOD, RED]
    assert watch.look(0, flags=0) == RED
    assert watch.look(25, flags=1 | 8) == RED  # other bits say nothing


def test_in_a_mode_that_the_row_does_not_name_it_is_good_at_once():
    watch = Watch()
    watch.looks(25, 25, 25)
    watch.look(15)  # on its way to yellow
    assert watch.look(25, mode=0) == GOOD
    assert watch.looks(25, 25, 25) == [GOOD, GOOD, RED]


# --- the service -----------------------------------------------------------------------------


class Said(list):
    def emit(self, event: int, _tick: int, argument: int = 0, value: int = 0) -> None:
        self.append((NAMES[event], argument, value))


class Board:
    roomy = True

    def __init__(self, flash: SimulatedFlash | None = None) -> None:
        self.flash = flash or SimulatedFlash(SECTORS)

    def raw_flash(self) -> RawFlash:
        return RawFlash(self.flash, 0, SECTORS)


def service(*rows: dict, said: Said | None = None, board: Board | None = None):
    watched = array("i", [0, 1, 0])
    events = Said() if said is None else said
    return Limits(board or Board(), LimitTable(list(rows)), watched, (2, 3), events), watched, events


def test_row_and_value_are_told_and_the_response_once_for_all_rows_that_ask_for_it():
    two = ROW | {"name": "other", "index": 2, "checks": 1, "response": 2}
    limits, watched, said = service(ROW | {"checks": 1}, two)
    watched[0], watched[2] = -77, 15
    limits.look(1, 0)
    assert said == [("limit_red", 0, -77), ("limit_yellow", 1, 15), ("limit_response", 2, 0)]
    assert limits.holds(2) and not limits.holds(3)
    said.clear()
    watched[2] = 40
    limits.look(1, 0)
    watched[0] = 0
    limits.look(1, 0)
    assert said == [("limit_red", 1, 40), ("limit_cleared", 0, 0)]
    assert limits.holds(2)
    said.clear()
    watched[2] = 0
    limits.look(1, 0)
    assert said == [("limit_cleared", 1, 0), ("limit_response_over", 2, 0)]
    assert not limits.holds(2)
    for _ in range(50):
        limits.look(1, 0)
    assert len(said) == 2


def test_a_row_without_a_response_is_told_and_holds_nothing():
    limits, watched, said = service(ROW | {"checks": 1, "response": 0})
    watched[0] = 40
    limits.look(1, 0)
    assert said == [("limit_red", 0, 40)]
    assert not any(limits.holds(response) for response in range(16))


def test_limits_are_set_within_their_bounds_and_their_order_and_kept():
    # numbers: low red 0, low yellow 1, high yellow 2, high red 3, checks 4
    board = Board()
    limits, _, said = service(ROW, board=board)
    for number, value, keep in (
        (3, 15, 0),
        (2, 16, 0),
        (3, 31, 0),
        (3, 30, 0),
        (2, 16, 1),
        (4, 0, 0),
        (5, 1, 0),
    ):
        limits.set((number, keep, value), 7, True)
    assert said == [
        ("parameter_set", 3, 0),
        ("parameter_out_of_range", 2, 0),  # above the red one
        ("parameter_out_of_range", 3, 0),
        ("parameter_set", 3, 0),
        ("parameter_set", 2, 0),
        ("parameters_stored", 0, 0),
        ("parameter_out_of_range", 4, 0),
        ("parameter_unknown", 5, 0),
    ]
    again, _, _ = service(ROW, board=board)
    assert list(again.table.rows[s.LMR_LOW_RED : s.LMR_HIGH_RED + 1]) == [-20, -10, 16, 30]
    said.clear()
    limits.set((3, 0, 25), 7, False)
    assert said == [("parameter_not_now", 3, 0)]


def test_a_side_without_a_limit_gets_none_by_command():
    limits, _, said = service(ROW | {"low_red": None, "low_yellow": None})
    for value in (-30, 0, -(2**30)):
        limits.set((0, 0, value), 7, True)
    assert [name for name, _, _ in said] == ["parameter_out_of_range"] * 2 + ["parameter_set"]
    assert limits.table.rows[s.LMR_LOW_RED] == -(2**30)


def test_a_stored_set_in_the_wrong_order_is_not_flown():
    board = Board()
    limits, _, _ = service(ROW, board=board)
    limits.table.rows[s.LMR_HIGH_YELLOW] = 25  # above its red one, as a program gone wrong would store it
    assert limits.commands is not None
    assert limits.commands.stored.save()
    again, _, said = service(ROW, board=board)
    again.report()
    assert said == [("parameters_lost", 0, 0)]
    assert again.table.rows[s.LMR_HIGH_YELLOW] == 10


# --- tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"checks": 0}, "limits.json: row 0 (speed): checks: 0 is not between 1 and 1000"),
        ({"high_red": 31}, "limits.json: row 0 (speed): high_red: 31 is not between -30 and 30"),
        ({"high_red": 9}, "limits.json: row 0 (speed): its limits are not in order, red outside of yellow"),
        (
            {"low_yellow": 11},
            "limits.json: row 0 (speed): its limits are not in order, red outside of yellow",
        ),
        ({"high_yellow": 1.5}, "limits.json: row 0 (speed): high_yellow: 1.5 is not between -30 and 30"),
        ({"modes": True}, "limits.json: row 0 (speed): modes: True is not between 0 and 65535"),
        ({"colour": 1}, "limits.json: row 0 (speed): unknown key colour"),
        ({"most": -31}, "limits.json: row 0 (speed): most: -31 is not between -30 and 1073741822"),
        ({"name": 3}, "limits.json: row 0: needs a name"),
    ],
)
def test_a_bad_row_is_one_line_with_file_row_and_reason(change, complaint):
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        LimitTable([ROW | change])


def test_a_missing_key_and_a_row_that_is_there_twice_are_told():
    with pytest.raises(ValueError, match=r"row 0 \(speed\): missing key mask$"):
        LimitTable([{key: value for key, value in ROW.items() if key != "mask"}])
    with pytest.raises(ValueError, match=r"row 1: there is another speed$"):
        LimitTable([ROW, ROW])
    with pytest.raises(ValueError, match=r"limits.json: has to be a list of at most 16 rows$"):
        LimitTable([ROW | {"name": str(i)} for i in range(17)])


def test_a_row_that_this_board_cannot_watch_is_told():
    with pytest.raises(ValueError, match=r"^limits.json: row 0 \(speed\): response 1 is not this board's$"):
        service(ROW | {"response": 1})
    with pytest.raises(ValueError, match=r"^limits.json: row 0 \(speed\): there is no value 3$"):
        service(ROW | {"index": 3})
    with pytest.raises(ValueError, match=r"^limits.json: row 0 \(speed\): there is no value 9$"):
        service(ROW | {"gate": 9})


DICTIONARY = ground.load()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            ("[power.rows.solar_mv]", "[power.rows.lunar_mv]"),
            "power.rows.lunar_mv.field: power_status has no field",
        ),
        (("[power]\n", "[kitchen]\n[power]\n"), "kitchen.packet: is missing"),
        (
            ('packet = "rover_status"', 'packet = "rover_state"'),
            "rover.packet: there is no packet rover_state",
        ),
        (
            ("high_yellow = 31_000", "high_yellow = 33_001"),
            "power.rows.solar_mv.high_red: 33000 is below high_yellow",
        ),
        (
            ("high_red = 33_000", "high_red = 37_000"),
            "power.rows.solar_mv.high_red: 37000 is above most 36000",
        ),
        (
            ("low_red = 21_500", "low_red = 17_000"),
            "power.rows.battery_mv.low_red: 17000 is below least 18000",
        ),
        (("checks = 10", "checks = 0"), "power.rows.battery_mv.checks: "),
        (("checks = 10", "checks = 10\ncolour = 1"), "power.rows.battery_mv.colour: unknown key"),
        (('"flags.solar_known"', '"flags.solar"'), "power.rows.solar_mv.when: flags has no flag solar"),
        (('"flags.solar_known"', '"level.low"'), "power.rows.solar_mv.when: level has no flag low"),
        (
            ('"flags.arm_known"', '"loads.camera"'),
            "power.rows.arm_ma.when: flags and loads: flags of one field only",
        ),
        (
            ('response = "shed"', 'response = "pray"'),
            "power.rows.battery_ma.response: pray is none of nothing, safe",
        ),
        (('"settling"', '"sleeping"'), "rover.rows.battery_mv.modes: sleeping is none of stowed"),
        (('mode = "level"', 'mode = "loads"'), "modes: loads has not 1 to 16 labels"),
        (
            ("most = 36_000", "most = 70_000"),
            "power.rows.solar_mv: least 20000 and most 70000 are not in order within",
        ),
        (("[power]", "[power"), "cannot be read"),
    ],
)
def test_a_limit_that_does_not_fit_the_dictionary_is_one_line_with_file_row_and_reason(
    tmp_path, change, complaint
):
    text = TABLES.read_text()
    assert change[0] in text
    path = tmp_path / "limits.toml"
    path.write_text(text.replace(change[0], change[1], 1))
    with pytest.raises(DictionaryError) as caught:
        load_tables(DICTIONARY, path)
    assert str(caught.value).startswith("limits.toml: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


RESPONSES = {"power": power.RESPONSES, "structure": structure.RESPONSES, "rover": rover.RESPONSES}


def test_each_board_can_do_what_its_table_asks_for_and_the_table_is_the_one_in_its_folder():
    tables = load_tables(DICTIONARY)
    assert [table.subsystem for table in tables] == list(RESPONSES)
    for table in tables:
        assert {limit.response for limit in table.limits} - {0} <= set(RESPONSES[table.subsystem])
        assert json.loads(table.file.read_text()) == [limit.row() for limit in table.limits]
        flown = LimitTable.from_file(table.file)
        assert flown.names == [limit.name for limit in table.limits]
        fields = flown.fields()
        assert len(fields) == 5 * len(table.limits)
        assert all(least <= values[index] <= most for _, values, index, least, most in fields)


def test_the_labels_of_responses_are_the_numbers_that_boards_use():
    labels = DICTIONARY.labels["limit_response"]
    named = {"safe": d.LIMIT_SAFE, "shed": d.LIMIT_SHED, "fuel_heater_off": d.LIMIT_FUEL_HEATER}
    named |= {
        "oxidiser_heater_off": d.LIMIT_OXIDISER_HEATER,
        "structure_heater_off": d.LIMIT_STRUCTURE_HEATER,
    }
    assert labels == {"nothing": d.LIMIT_NOTHING} | named


# --- the boards ------------------------------------------------------------------------------


def told(events: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [event for event in events if event[0].startswith("limit_")]


def test_a_short_circuit_behind_a_switch_costs_power_one_load_after_the_other_until_it_is_gone():
    bench = Bench()
    bench.run(0.5)
    for load in ("heaters", "camera", "payload"):
        bench.switch(load)
    bench.world.extra_w = 600.0  # 24 A at 25 V or so; the limit is 22 A
    bench.run(3.0)
    bus_ma = [row["name"] for row in flown_limits("power_esp32")].index("bus_ma")
    assert ("limit_red", bus_ma) in bench.events
    assert ("limit_response", d.LIMIT_SHED) in bench.events
    # what stays has a priority up to kept_low, 2: sensors, heaters, transmitter
    assert bench.loads_on == ["heaters"]
    assert [event for event in bench.events if event[0] == "load_shed"] == [
        ("load_shed", 5),
        ("load_shed", 4),
    ]
    assert bench.command(d.LOAD_SWITCH, 4, 1, 60) == [("power_too_low", 4)]
    bench.world.extra_w = 0.0
    bench.run(2.0)
    assert ("limit_response_over", d.LIMIT_SHED) in bench.events
    bench.run(6.0)  # rise_ms is 5 s
    assert bench.switch("camera") == [("load_on", 4)]


def test_the_battery_s_level_is_told_once_however_long_loads_are_shed_for_a_limit():
    bench = Bench()
    bench.run(0.5)
    bench.world.extra_w = 600.0
    bench.run(20.0)
    assert [event for event in bench.events if event[0] == "power_level"] == [("power_level", 1)]


def test_a_monitor_that_is_lost_trips_no_limit():
    bench = Bench()
    bench.run(1.0)
    bench.board.i2c.parts.clear()
    bench.run(5.0)
    assert [name for name, _ in bench.events].count("monitor_lost") == 4
    rows = flown_limits("power_esp32")
    assert {rows[row]["name"] for _, row in told(bench.events)} <= {"charge_as"}


class Main:
    """A main body with ground at its bus."""

    def __init__(self, celsius: float = 15.0, limits: list[dict] | None = None) -> None:
        self.clock = Clock()
        line = SerialLine(self.clock, 460_800)
        self.port = PacketPort(line.b, d.SPACECRAFT)
        names = ("fuel", "oxidiser", "structure")
        self.thermal = Thermal([Node(name, celsius, 500.0, 0.0, 0.0, 20.0) for name in names])
        self.main = MainBody(self.clock, line.a, limits=limits)
        self.main.body.thermal = self.thermal
        self.events: list[tuple[str, int]] = []

    def run(self, seconds: float) -> "Main":
        for _ in range(round(100 * seconds)):
            self.clock.now_us += 10_000
            self.main.step()
            while (apid := self.port.poll()) >= 0:
                if apid & 0xFF == d.EVENT.function:
                    self.events.append((NAMES[self.port.values[0]], self.port.values[3]))
        return self

    def send(self, packet_type, *values: int) -> None:
        packet = self.port.outgoing(packet_type)
        packet.values[: len(values)] = array("i", values)
        self.port.send(packet)


def test_a_tank_that_is_too_hot_loses_its_heater_and_gets_it_back_when_it_has_cooled_down():
    main = Main().run(2.0)
    main.send(d.STRUCTURE_HEATING, 0, 1, 60_000, 90_000)  # a command that would cook the fuel
    main.run(0.1)
    heater = main.main.structure.heaters.memories[0]
    main.thermal.celsius[0] = 50.0
    main.run(4.0)
    assert told(main.events) == [("limit_red", 0), ("limit_response", d.LIMIT_FUEL_HEATER)]
    assert heater[s.HTR_ENABLED] == 0
    main.send(d.STRUCTURE_HEATING, 0, 1, 60_000, 90_000)  # ground insists
    main.run(1.0)
    assert heater[s.HTR_ENABLED] == 0
    main.thermal.celsius[0] = 20.0
    main.run(4.0)
    assert told(main.events)[2:] == [("limit_cleared", 0), ("limit_response_over", d.LIMIT_FUEL_HEATER)]
    assert heater[s.HTR_ENABLED] == 1


def test_a_heater_that_ground_has_disabled_stays_so_after_a_limit():
    main = Main().run(2.0)
    main.send(d.STRUCTURE_HEATING, 0, 0, 8_000, 12_000)
    main.thermal.celsius[0] = 50.0
    main.run(4.0)
    main.thermal.celsius[0] = 20.0
    main.run(4.0)
    assert told(main.events)[-1] == ("limit_response_over", d.LIMIT_FUEL_HEATER)
    assert main.main.structure.heaters.memories[0][s.HTR_ENABLED] == 0


def test_a_row_of_the_structure_may_ask_for_safe_mode():
    rows = copy.deepcopy(flown_limits("structure_pico"))
    rows[2]["response"] = d.LIMIT_SAFE
    main = Main(limits=rows).run(2.0)
    main.send(d.STRUCTURE_MODE, d.MODE_CRUISE)
    main.run(0.1)
    assert main.main.structure.mode == d.MODE_CRUISE
    main.thermal.celsius[2] = 100.0
    main.run(4.0)
    assert main.main.structure.mode == d.MODE_SAFE


def test_a_red_current_is_safe_mode_for_the_rover_until_it_is_gone_and_ground_says_so():
    ride = Ride().free()
    battery_ma = [row["name"] for row in flown_limits("rover_esp32")].index("battery_ma")
    supply = ride.world.profile.supply
    hungry = supply.model_copy(update={"base_w": supply.base_w + 70.0})  # 6 A at 11.5 V
    ride.world.profile = ride.world.profile.model_copy(update={"supply": hungry})
    ride.until("limit_response", 5)
    ride.run(0.1)
    assert ride.last("limit_red") == battery_ma
    assert ride.rover.mode == rover_mode.SAFE
    assert ride.last("rover_safe") & rover_mode.LIMIT
    ride.send(d.ROVER_RECOVER, 0)
    ride.run(0.5)
    assert ride.rover.mode == rover_mode.SAFE
    ride.world.profile = ride.world.profile.model_copy(update={"supply": supply})
    ride.until("limit_response_over", 5)
    ride.run(0.1)
    assert ride.rover.mode == rover_mode.SAFE
    ride.send(d.ROVER_RECOVER, 0)
    ride.run(0.1)
    assert ride.rover.mode == rover_mode.READY


def test_a_limit_that_was_set_by_command_is_flown_and_outlives_a_reset():
    bench = Bench(Electrical())
    bench.run(0.5)
    # row 0, battery_mv: its high yellow limit has number 2, and must be within 18,000 to 33,000
    assert bench.command(d.POWER_PARAMETER, 2, 1, 24_000) == [("parameter_set", 2), ("parameters_stored", 0)]
    bench.run(3.0)
    assert told(bench.events) == [("limit_yellow", 0)]
    bench.events.clear()
    bench.board.reset()
    bench.run(3.0)
    assert told(bench.events) == [("limit_yellow", 0)]


def test_nothing_is_stored_while_the_arm_supply_is_on():
    bench = Bench()
    bench.run(0.5)
    bench.arm()
    content = bytes(bench.board.flash.content[: 2 * SECTOR])
    assert bench.command(d.POWER_PARAMETER, 2, 1, 28_000) == [("parameter_not_now", 2)]
    assert bench.board.flash.content[: 2 * SECTOR] == content


def test_a_board_without_room_for_parameters_says_so():
    class Small(Board):
        roomy = False

    limits, _, said = service(ROW, board=Small())
    limits.report()
    limits.set((3, 0, 25), 7, True)
    assert said == [("parameter_not_now", 3, 0)]
    assert limits.table.rows[s.LMR_HIGH_RED] == 20


def test_a_spoiled_slot_of_limits_is_told_after_the_boot():
    bench = Bench()
    bench.run(0.5)
    bench.command(d.POWER_PARAMETER, 2, 1, 28_000)
    bench.board.flash.content[20] ^= 1
    bench.events.clear()
    bench.board.reset()
    bench.run(0.5)
    assert ("parameters_lost", 0) in bench.events
