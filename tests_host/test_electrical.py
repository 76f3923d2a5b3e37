"""The electrical world: what sun and battery give, and that power is neither made nor lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.world.electrical import SUN_DEG_PER_S, Array, Battery, Electrical


@given(
    share=st.floats(0.0, 1.0),
    elevation=st.floats(-20, 90),
    on=st.lists(st.booleans(), min_size=6, max_size=6),
    arm=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_what_the_sun_and_the_battery_give_is_what_the_loads_take(share, elevation, on, arm):
    world = Electrical(charge_share=share, sun_elevation_deg=elevation, arm_on=arm, loads_on=on)
    world.advance(0.0)
    in_w = world.solar_a * world.battery_v
    battery_w = world.battery_a * world.battery_v
    assert in_w - battery_w == pytest.approx(world.load_w, abs=1e-6)
    assert in_w <= world.array.power_w(elevation) + 1e-9
    assert world.battery_v == pytest.approx(
        world.battery.open_circuit_v(world.charge_share) + world.battery_a * world.battery.resistance_ohm
    )
    assert world.battery_v <= world.battery.charging_v + 1e-9


def test_the_sun_by_its_elevation():
    array = Array(deck_w=180, side_w=120)
    assert array.power_w(-0.01) == array.power_w(-60) == 0
    assert array.power_w(30) == pytest.approx(180 * 0.5 + 120 * 3**0.5 / 2)
    assert array.power_w(90) == pytest.approx(180)
    # a lunar day: 29.53 days for 360 degrees, 12.2 degrees a day
    assert pytest.approx(12.19, abs=0.01) == SUN_DEG_PER_S * 86_400


def test_a_sunny_day_fills_the_battery_and_the_night_empties_it():
    world = Electrical(charge_share=0.5, sun_elevation_deg=30, sun_climb_deg_s=0)
    for _ in range(20 * 60):
        world.advance(60)
    assert world.charge_share == pytest.approx(1.0, abs=0.01)
    assert abs(world.battery_a) < 0.2  # the regulator takes no more than the loads need
    world.sun_elevation_deg = -5
    hours = 0
    while world.charge_share > 0.05:
        world.advance(3600)
        hours += 1
    # 0.95 of 30 Ah at 25.6 V or so: 730 Wh, 35 W
    assert 19 <= hours <= 22
    assert world.solar_v == 0


def test_a_load_pulls_the_voltage_down_by_its_current_times_the_resistance():
    world = Electrical(charge_share=0.5, sun_elevation_deg=-5, battery=Battery(resistance_ohm=0.1))
    at_rest_v, at_rest_a = world.battery_v, world.battery_a
    world.loads_on[1] = True
    world.advance(0.0)
    assert world.battery_v - at_rest_v == pytest.approx(0.1 * (world.battery_a - at_rest_a))
    assert world.battery_a < at_rest_a < 0


def test_a_short_circuit_gets_the_most_that_the_battery_can_give():
    world = Electrical(sun_elevation_deg=-5, extra_w=1e6)
    world.advance(0.0)
    open_v = world.battery.open_circuit_v(world.charge_share)
    assert world.battery_v == pytest.approx(open_v / 2)
    assert world.battery_a == pytest.approx(-open_v / 2 / world.battery.resistance_ohm)


def test_an_arm_supply_has_voltage_when_it_is_on_or_its_switch_has_failed():
    world = Electrical()
    assert (world.arm_v, world.arm_a) == (0, 0)
    world.arm_on = True
    assert world.arm_v == world.bus_v > 25
    world.arm_on, world.arm_is_stuck = False, True
    assert world.arm_a == pytest.approx(world.arm_w / world.bus_v)
