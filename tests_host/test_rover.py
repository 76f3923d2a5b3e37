"""The rover's board as a whole: deployment, wheels, scoop, limits, safe mode, and bad commands."""

import math

import pytest
from rover_fixture import LEVEL, TICK_US, Ride

from host_tools.scenarios.rover import load_rover
from host_tools.world.rover import Drawn, Ground, RoverWorld
from plumbline.kernels import rover_mode, slots
from plumbline.link import dictionary as d
from plumbline.link.packet import COMMAND
from plumbline.subsystems.rover_orders import ORDERS

DANGERS = (
    *(rover_mode.TILTED, rover_mode.BATTERY_LOW, rover_mode.LIMIT),
    *(rover_mode.DEAF, rover_mode.NUMB),
)
STALLED, ENCODERS_SILENT, STOPPED, JAMMED, SAFE_END = 3, 4, 2, 6, 7


def refusals(ride: Ride) -> list[tuple[int, int]]:
    """(function, why) of each refusal."""
    return [divmod(argument, 256) for name, argument in ride.events if name == "rover_refused"]


# --- deployment ------------------------------------------------------------------------------


def test_the_rover_waits_for_its_release_and_leaves_over_the_ramp():
    ride = Ride(RoverWorld.drawn_from(3, load_rover("micro_rover")))
    ride.run(1.0).send(d.ROVER_DEPLOY, 1600)
    ride.run(8.0)
    assert (ride.rover.mode, ride.world.rim_m) == (rover_mode.STOWED, [0.0] * 4)
    ride.body.release()
    ride.run(0.4)
    assert ride.rover.mode == rover_mode.STOWED  # the switch has to be open for half a second
    ride.run(1.0)
    assert ride.rover.mode == rover_mode.SETTLING
    assert ride.world.rim_m == [0.0] * 4
    ride.until("rover_free", 90)
    # slope and slip of the wheels cost some of the 1.6 m
    assert 1.4 < ride.world.along_m < 1.65
    assert ride.rover.mode == rover_mode.READY
    assert ride.last("rover_free") > 90


def test_a_rover_whose_wheels_hang_in_the_air_does_not_call_itself_free():
    ride = Ride(RoverWorld(ground=LEVEL, airborne=True))
    ride.send(d.ROVER_DEPLOY, 300)
    ride.body.release()
    ride.until("rover_safe", 60)
    assert ride.count("rover_free") == 0
    assert ride.last("rover_safe") & rover_mode.STRANDED


def test_a_rover_that_still_stands_on_the_ramp_at_the_end_of_its_way_is_not_free():
    ride = Ride(RoverWorld(ground=Ground(ramp_m=3.0)))
    ride.send(d.ROVER_DEPLOY, 500)
    ride.body.release()
    ride.until("rover_safe", 60)
    assert ride.count("rover_free") == 0


def test_a_lander_that_leans_too_far_keeps_its_rover():
    ride = Ride(RoverWorld(ground=LEVEL, roll_deg=27.0))
    ride.send(d.ROVER_DEPLOY, 500)
    ride.body.release()
    ride.run(20.0)
    # 27 degrees: above the 25 for a deployment, below the 30 of safe mode
    assert ride.rover.mode == rover_mode.SETTLING
    assert ride.world.rim_m == [0.0] * 4


def test_a_wheel_that_is_blocked_on_the_ramp_ends_the_deployment_and_a_second_try_succeeds():
    ride = Ride(RoverWorld(ground=LEVEL, jammed={0}))
    ride.send(d.ROVER_DEPLOY, 300)
    ride.body.release()
    ride.until("rover_safe", 30)
    ride.world.jammed = set()
    ride.send(d.ROVER_RECOVER, 0)
    ride.until("rover_free", 60)
    assert ride.rover.mode == rover_mode.READY


# --- driving ---------------------------------------------------------------------------------


def test_two_metres_by_the_wheels_are_two_metres_less_the_slip():
    ride = Ride().free()
    start_m = ride.world.along_m
    ride.send(d.ROVER_DRIVE, 2000, 50)
    ride.until("rover_done", 60)
    # 8 % slip on level regolith
    assert ride.world.along_m - start_m == pytest.approx(2.0 * 0.92, abs=0.02)
    assert 2000 <= ride.last("rover_done") <= 2003
    ride.run(1.0)
    assert ride.status["odometer_mm"] == ride.last("rover_done")
    assert ride.rover.mode == rover_mode.READY


def test_backwards_is_backwards():
    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, -500, 40)
    ride.until("rover_done", 40)
    assert ride.world.along_m == pytest.approx(-0.46, abs=0.02)


def test_unequal_motors_and_a_gyro_with_a_bias_still_drive_straight():
    drawn = Drawn(gyro_bias_deg_s=1.5)
    ride = Ride(RoverWorld(ground=LEVEL, drawn=drawn)).free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    ride.until("rover_done", 90)
    # uncorrected, 3 % of weaker motors would turn it by 0.1 rad a metre and more, the bias by 1.6 rad in 60 s
    assert abs(ride.world.yaw_rad) < 0.06
    assert abs(ride.world.left_m) < 0.1


@pytest.mark.parametrize("mrad", [785, -1571, 3142])
def test_a_turn_ends_where_the_gyro_says(mrad):
    ride = Ride(RoverWorld(ground=LEVEL, drawn=Drawn(gyro_bias_deg_s=-0.8))).free()
    ride.send(d.ROVER_TURN, mrad, 40)
    ride.until("rover_done", 60)
    assert ride.world.yaw_rad * 1e3 == pytest.approx(mrad, abs=25)
    assert ride.rover.odometer_mm == 0


def test_a_rock_stalls_the_wheel_and_the_motors_are_off_within_seven_tenths_of_a_second():
    ground = Ground(ramp_m=0.0, ramp_deg=0.0, hills=LEVEL.hills, rocks=((0.67, 0.135),))
    ride = Ride(RoverWorld(ground=ground)).free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    while not ride.world._meets_rock(0, 1.0):
        ride.run(0.01)
    ride.run(0.7)
    assert ride.body.duties == [0.0] * 4
    assert ("rover_wheel", 0) in ride.events  # front left
    assert ride.last("rover_broken_off") == STALLED
    assert ride.rover.mode == rover_mode.READY  # ground may try it another way
    ride.send(d.ROVER_DRIVE, -300, 50)
    ride.until("rover_done", 40)


def test_a_wheel_that_draws_too_much_while_it_turns_is_stalled_too():
    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    ride.run(3.0)
    ride.monitor(0x45).measure = lambda: (11_000.0, 1_600.0)
    ride.until("rover_broken_off", 2)
    assert ("rover_wheel", 2) in ride.events


def test_one_dead_encoder_is_told_and_the_rover_arrives():
    ride = Ride().free()
    ride.body.encoders[2].stuck = True
    start_m = ride.world.along_m
    ride.send(d.ROVER_DRIVE, 1000, 50)
    ride.until("rover_done", 60)
    assert ("rover_wheel", 2 + 16) in ride.events
    assert ride.world.along_m - start_m == pytest.approx(0.92, abs=0.03)


def test_two_dead_encoders_end_the_motion():
    ride = Ride().free()
    ride.body.encoders[1].stuck = ride.body.encoders[2].stuck = True
    ride.send(d.ROVER_DRIVE, 1000, 50)
    ride.until("rover_broken_off", 5)
    assert ride.last("rover_broken_off") == ENCODERS_SILENT


def test_stop_stops_in_the_same_tick():
    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    ride.run(3.0)
    assert min(ride.body.duties) > 0.2
    ride.send(d.ROVER_STOP, 0)
    ride.run(0.01)  # the command has arrived
    assert (ride.rover.drive[slots.DRV_MOTION], ride.body.enable.level) == (0, 0)
    assert ride.rover.drive[slots.DRV_END] == STOPPED
    assert ride.rover.odometer_mm > 80


# --- outputs that end by themselves ----------------------------------------------------------


def test_the_motors_stop_50_ms_after_the_program_hangs_with_its_enable_line_high():
    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    ride.run(3.0)
    assert min(ride.body.duties) > 0.2
    for _ in range(6):  # the program does nothing any more, the world goes on; the last 10 ms are looked at
        ride.clock.now_us += TICK_US
        ride.body.advance()
    assert ride.body.enable.level == 1
    assert ride.body.duties == [0.0] * 4


def test_whatever_ends_the_main_loop_turns_the_motors_off():
    class Cut(Exception):
        pass

    def cut():
        raise Cut

    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    ride.run(1.0)
    ride.rover.rate_group.poll = cut
    with pytest.raises(Cut):
        ride.rover.run()
    assert ride.body.enable.level == 0


def test_a_reset_in_a_motion_leaves_the_motors_off_and_the_rover_at_rest():
    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, 3000, 50)
    ride.run(2.0)
    ride.body.reset()
    ride.run(1.0)
    assert ride.body.duties == [0.0] * 4
    assert ride.rover.mode == rover_mode.STOWED


# --- safe mode -------------------------------------------------------------------------------


def in_motion() -> Ride:
    ride = Ride().free()
    ride.send(d.ROVER_DRIVE, 5000, 50)
    return ride.run(2.0)


def assert_safe(ride: Ride, condition: int) -> None:
    assert ride.rover.mode == rover_mode.SAFE
    assert ride.body.duties == [0.0] * 4
    assert ride.last("rover_safe") & condition
    assert ride.count("rover_safe") == 1
    assert ride.rover.drive[slots.DRV_END] == SAFE_END


def test_a_tilt_of_more_than_30_degrees_is_safe_mode_until_it_is_over():
    ride = in_motion()
    ride.world.roll_deg = 33.0
    ride.run(1.5)
    assert_safe(ride, rover_mode.TILTED)
    ride.send(d.ROVER_RECOVER, 0)
    ride.run(1.0)
    assert ride.rover.mode == rover_mode.SAFE  # it still lies there
    ride.world.roll_deg = 10.0
    ride.run(2.0)
    ride.send(d.ROVER_RECOVER, 0)
    ride.run(0.1)
    assert ride.rover.mode == rover_mode.READY


def test_29_degrees_are_none():
    ride = in_motion()
    ride.world.roll_deg = 29.0
    ride.run(3.0)
    assert ride.rover.mode == rover_mode.DRIVING


def test_a_battery_below_9_9_v_for_a_second_is_safe_mode_and_10_5_v_are_good_again():
    ride = in_motion()
    ride.monitor(0x40).measure = lambda: (9_850.0, 500.0)
    ride.run(0.8)
    assert ride.rover.mode == rover_mode.DRIVING
    ride.run(1.0)
    assert_safe(ride, rover_mode.BATTERY_LOW)
    ride.monitor(0x40).measure = lambda: (10_300.0, 100.0)
    ride.run(2.0).send(d.ROVER_RECOVER, 0)
    assert ride.run(0.5).rover.mode == rover_mode.SAFE
    ride.monitor(0x40).measure = lambda: (10_600.0, 100.0)
    ride.run(2.0).send(d.ROVER_RECOVER, 0)
    assert ride.run(0.5).rover.mode == rover_mode.READY


def test_a_battery_that_nobody_measures_counts_as_empty_after_five_seconds():
    ride = in_motion()
    ride.body.i2c.absent.add(0x40)
    ride.run(4.0)
    assert ride.rover.mode == rover_mode.DRIVING
    ride.run(2.0)
    assert_safe(ride, rover_mode.BATTERY_LOW)


def test_five_seconds_without_anybody_on_the_bus_end_a_motion_in_safe_mode():
    ride = in_motion()
    ride.is_silent = True
    ride.run(4.0)
    assert ride.rover.mode == rover_mode.DRIVING
    ride.run(2.1)
    assert_safe(ride, rover_mode.DEAF)


def test_a_silent_inertial_unit_ends_a_motion_within_a_second():
    ride = in_motion()
    ride.body.i2c.absent.add(0x68)
    ride.run(1.0)
    assert_safe(ride, rover_mode.NUMB)


def test_silence_does_not_disturb_a_rover_that_stands():
    ride = Ride().free()
    ride.is_silent = True
    ride.run(8.0)
    assert ride.rover.mode == rover_mode.READY
    ride.send(d.ROVER_DRIVE, 100, 20)  # this very command is a sign of life
    ride.run(0.1)
    assert ride.count("rover_taken") == 1


def test_every_mode_that_may_move_something_is_left_for_safe_mode_by_every_danger():
    for mode in (rover_mode.LEAVING, rover_mode.DRIVING, rover_mode.SCOOPING):
        for danger in DANGERS:
            others = rover_mode.DRIVE | rover_mode.SCOOP | rover_mode.CLEAR | rover_mode.FREE
            assert rover_mode.next_mode(mode, danger | others) == rover_mode.SAFE


# --- scoop and images ------------------------------------------------------------------------


def test_five_images_are_taken_each_where_the_scoop_halts():
    ride = Ride().free()
    ride.send(d.ROVER_SCOOP, 1300)
    ride.until("rover_done", 60)
    assert ride.last("rover_done") == 5
    angles = [(a["station"], a["scoop_mrad"]) for a in ride.abouts]
    for (station, mrad), wanted in zip(angles, (0, 650, 1300, 650, 300), strict=True):
        assert abs(mrad - wanted) <= 40, station
    assert [station for station, _ in angles] == [0, 1, 2, 3, 4]
    assert ride.world.arm_rad == pytest.approx(0.3, abs=0.04)


def test_what_arrives_on_the_ground_is_what_the_camera_has_frozen():
    ride = Ride().free()
    ride.send(d.ROVER_SCOOP, 1200)
    ride.until("rover_done", 60)
    for number, frozen in enumerate(ride.body.camera.frozen, start=1):
        ride.send(d.ROVER_SEND, number, 0, 0)
        ride.run(1.5)
        assert ride.image(number) == frozen.image
    ride.send(d.ROVER_LIST, 0)
    before = len(ride.abouts)
    ride.run(0.3)
    assert [a["image"] for a in ride.abouts[before:]] == [1, 2, 3, 4, 5]


def test_a_part_of_an_image_can_be_asked_for_again():
    ride = Ride().free()
    ride.send(d.ROVER_SCOOP, 1200)
    ride.until("rover_done", 60)
    ride.send(d.ROVER_SEND, 2, 3, 4)
    ride.run(1.0)
    assert sorted(ride.parts[2]) == [3, 4, 5, 6]


def test_unsent_images_are_not_overwritten_and_sent_ones_are():
    ride = Ride().free()
    for _ in range(3):  # 15 images for 10 places
        ride.send(d.ROVER_SCOOP, 700)
        ride.until("rover_done", 60)
    assert ride.rover.images.count == 10
    assert [a for n, a in ride.events if n == "rover_image_lost"] == [1] * 5  # no room
    for number in (1, 2, 3, 4, 5):
        ride.send(d.ROVER_SEND, number, 0, 0)
        ride.run(1.5)
    ride.send(d.ROVER_SCOOP, 700)
    ride.until("rover_done", 60)
    assert sorted(ride.rover.images.numbers) == [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]


def test_a_camera_that_spoils_an_answer_is_asked_again():
    ride = Ride().free()
    left = [2]

    def spoil(reply: bytes) -> bytes:
        if len(reply) > 100 and left[0]:
            left[0] -= 1
            return reply[:40]
        return reply

    ride.body.camera.spoil = spoil
    ride.send(d.ROVER_SCOOP, 900)
    ride.until("rover_done", 60)
    assert ride.last("rover_done") == 5
    assert ride.rover.camera.rejected == 2
    ride.send(d.ROVER_SEND, 1, 0, 0)
    ride.run(1.5)
    assert ride.image(1) == ride.body.camera.frozen[0].image


def test_a_silent_camera_costs_the_images_and_not_the_scoop():
    ride = Ride().free()
    ride.body.camera.silent = True
    ride.send(d.ROVER_SCOOP, 900)
    ride.until("rover_done", 90)
    assert [a for n, a in ride.events if n == "rover_image_lost"] == [0] * 5  # the camera failed
    assert ride.rover.images.count == 0
    assert ride.world.arm_rad == pytest.approx(0.3, abs=0.04)


def test_an_arm_that_meets_a_rock_is_drawn_back():
    ride = Ride().free()
    ride.world.arm_stop_rad = 0.8
    ride.send(d.ROVER_SCOOP, 1300)
    ride.until("rover_broken_off", 60)
    assert ride.last("rover_broken_off") == JAMMED
    assert ride.world.arm_rad == pytest.approx(0.3, abs=0.05)
    ride.run(0.2)
    assert not ride.body.bursts["scoop.servo"].is_playing


def test_safe_mode_ends_scooping_and_the_servo_gets_no_pulses():
    ride = Ride().free()
    ride.send(d.ROVER_SCOOP, 1300)
    ride.run(6.0)
    ride.world.roll_deg = 40.0
    ride.run(1.5)
    assert ride.rover.mode == rover_mode.SAFE
    assert ride.rover.scoop[slots.SCP_END] == SAFE_END
    assert not ride.body.bursts["scoop.servo"].is_playing


# --- commands --------------------------------------------------------------------------------

EDGES = [
    (d.ROVER_DRIVE, (-20_001, 50), 0), (d.ROVER_DRIVE, (20_001, 50), 0), (d.ROVER_DRIVE, (0, 50), 0),
    (d.ROVER_DRIVE, (100, 4), 1), (d.ROVER_DRIVE, (100, 61), 1), (d.ROVER_TURN, (3143, 50), 0),
    (d.ROVER_TURN, (-3143, 50), 0), (d.ROVER_TURN, (0, 50), 0), (d.ROVER_TURN, (5, 4), 1),
    (d.ROVER_SCOOP, (699,), 0), (d.ROVER_SCOOP, (1501,), 0), (d.ROVER_DEPLOY, (299,), 0),
    (d.ROVER_DEPLOY, (3001,), 0), (d.ROVER_STOP, (1,), 0), (d.ROVER_RECOVER, (1,), 0),
    (d.ROVER_LIST, (9,), 0),
    (d.ROVER_SEND, (0, 0, 0), 0), (d.ROVER_SEND, (1, 32, 0), 1), (d.ROVER_SEND, (1, 0, 33), 2),
]  # fmt: skip


def test_a_field_out_of_range_is_refused_by_its_index_and_nothing_moves():
    ride = Ride().free()
    for packet, values, _ in EDGES:
        ride.send(packet, *values)
        ride.run(0.03)
    assert refusals(ride) == [(packet.function, index) for packet, _, index in EDGES]
    assert ride.world.rim_m == [0.0] * 4
    assert ride.count("rover_taken") == 0


def test_the_ranges_of_the_commands_are_those_of_the_dictionary():
    from host_tools.ground.dictionary import load

    packets = {packet.name: packet for packet in load().packets}
    assert len(ORDERS) == 8
    for apid, least, most, _modes, _rest in ORDERS:
        name = next(p.name for p in d.PACKETS if p.apid == apid and p.kind == COMMAND)
        packet = packets[name]
        for i, field in enumerate(packet.fields):
            if field.name != "image":  # any number may be asked for
                assert (field.least, field.most) == (least[i], most[i]), (packet.name, field.name)


def test_a_second_motion_is_refused_while_one_is_under_way():
    ride = in_motion()
    for packet, values in ((d.ROVER_DRIVE, (100, 50)), (d.ROVER_TURN, (100, 50)), (d.ROVER_SCOOP, (900,))):
        ride.send(packet, *values)
        ride.run(0.05)
    assert refusals(ride) == [(0x41, 101), (0x42, 101), (0x43, 101)]
    assert ride.rover.mode == rover_mode.DRIVING


def test_a_stowed_rover_takes_no_motion_and_a_free_one_no_deployment():
    ride = Ride()
    ride.run(0.2).send(d.ROVER_DRIVE, 100, 50)
    ride.run(0.1)
    ride.free().send(d.ROVER_DEPLOY, 500)
    ride.run(0.1)
    assert refusals(ride) == [(0x41, 100), (0x40, 100)]


def test_a_motion_is_refused_while_the_inertial_unit_is_silent():
    ride = Ride().free()
    ride.body.i2c.absent.add(0x68)
    ride.run(1.0).send(d.ROVER_DRIVE, 100, 50)
    ride.run(0.1)
    assert refusals(ride) == [(0x41, 102)]


def test_an_image_that_is_not_there_is_refused():
    ride = Ride().free()
    ride.send(d.ROVER_SEND, 7, 0, 0)
    ride.run(0.1)
    assert refusals(ride) == [(0x47, 103)]


def test_a_command_for_another_board_and_an_unknown_one_are_told():
    ride = Ride().free()
    ride.send(d.INITIAL_STATE, *([0] * 11))
    ride.run(1.0)
    assert ride.count("command_elsewhere") == 1


def test_the_status_says_what_is_so():
    ride = in_motion()
    ride.run(1.0)
    status = ride.status
    assert (status["mode"], status["motion"]) == (rover_mode.DRIVING, 1)
    assert status["battery_mv"] == pytest.approx(ride.world.battery_v * 1e3, abs=40)
    assert status["wheel_3_ma"] == pytest.approx(ride.world.wheel_a[2] * 1e3, abs=10)
    assert status["tilt_q14"] / 16384 < math.sin(math.radians(2))
    assert status["conditions"] & rover_mode.DRIVE
    assert ride.packets[d.ROVER_STATUS.apid] >= 12  # two a second


# --- health ------------------------------------------------------------------------------------


class Watchdog:
    """Counts how often it is fed."""

    def __init__(self) -> None:
        self.fed = 0

    def feed(self) -> None:
        self.fed += 1


def test_the_watchdog_is_fed_in_each_tick_of_every_motion_and_no_more_once_a_task_stays_away(monkeypatch):
    ride = in_motion()
    watchdog = Watchdog()
    ride.rover.health.arm(watchdog)
    ride.run(5.0)
    assert watchdog.fed == 500
    for number, name in enumerate(("_SENSES", "_COMMANDS", "_MOTION", "_IMAGES", "_STATUS")):
        with monkeypatch.context() as patch:
            check_in = ride.rover.health.check_in
            patch.setattr(
                ride.rover.health, "check_in", lambda task, _n=number, _c=check_in: task == _n or _c(task)
            )
            ride.run(2.0)
            assert ride.rover.health.late == 1 << number, name
            fed = watchdog.fed
            ride.run(0.5)
            assert watchdog.fed == fed, name
        ride.run(2.0)
        assert ride.rover.health.late == 0


def test_after_the_watchdog_the_rover_says_who_was_missing_and_after_three_resets_it_is_safe():
    ride = Ride()
    ride.run(1.0)
    for resets in (1, 2, 3):
        ride.rover.health.check_in = lambda task: None
        ride.run(0.3)
        ride.events.clear()
        ride.body.reset()
        ride.run(0.2)
        assert ride.events[:3] == [("boot", 0), ("restarted", 1), ("task_missed", 0)]
        assert (ride.rover.mode == rover_mode.SAFE) == (resets == 3)
    assert ("safe_mode", 3) in ride.events


def test_a_power_on_is_no_reset():
    ride = Ride().run(0.3)
    assert ride.events == [("boot", 0)]
