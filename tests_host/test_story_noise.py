"""The story on a bad bus: no wrong frame is taken, and it is completed, or what was lost is known."""

import pytest

from host_tools.host_board.clock import Clock
from host_tools.host_board.shared_bus import SharedBus
from host_tools.story.disturbance import BABBLER, Noise
from host_tools.story.play import play
from host_tools.story.reset_table import _LOW, NAME
from host_tools.story.script import Bus, load_script
from plumbline.link import dictionary as d
from plumbline.link.packet import OutgoingPacket


def story(bus, last="release"):
    base = load_script(NAME)
    end = [step.name for step in base.steps].index(last) + 1
    goal = base.goal
    if last != base.steps[-1].name:
        goal = goal.model_copy(update={"rover_way_m": 0.0, "images": 0})
    script = base.model_copy(update={"steps": base.steps[:end], "late": _LOW, "goal": goal, "bus": bus})
    return play(script, seed=1, late=True)


def test_at_one_wrong_bit_in_ten_thousand_it_lands_and_goes_on_and_no_wrong_frame_is_taken():
    told = story(Bus(bit_error_rate=1e-4))
    account = told.figures["bus_account"]
    assert told.complete, told.outcome
    assert account["disturbed"] > 10
    assert account["wrong"] == 0
    assert account["lost_run"] <= 1
    assert account["sent"] > 1000


def test_at_one_wrong_bit_in_a_thousand_from_ignition_on_what_was_lost_is_sent_anew():
    told = story(Bus(bit_error_rate=1e-3, bit_errors_from_s=2.2))
    account = told.figures["bus_account"]
    assert told.complete, told.outcome
    assert account["disturbed"] > 0.2 * account["sent"]
    assert account["wrong"] == 0
    assert told.figures["commands_repeated"] > 0  # one frame in three does not come


def test_at_one_wrong_bit_in_a_thousand_from_the_first_tick_on_it_is_told_to_the_last_image():
    told = story(Bus(bit_error_rate=1e-3), last="downlinked")
    account = told.figures["bus_account"]
    assert told.complete, told.outcome
    assert told.images_right == 5 and told.rover_way_m >= 10
    assert account["disturbed"] > 0.3 * account["sent"]
    assert account["wrong"] == 0
    assert account["lost_run"] <= 1
    assert told.figures["commands_repeated"] > 0
    assert told.figures["commands_unanswered"] == 0


def test_beside_a_babbling_node_it_lands_and_no_wrong_frame_is_taken():
    told = story(Bus(babble_bytes=200))  # of the 460 for which the bus has room in a tick
    account = told.figures["bus_account"]
    assert told.complete, told.outcome
    assert account["babbled_bytes"] > 1_000_000
    assert account["wrong"] == 0
    assert account["lost_run"] <= 1


def test_a_bus_that_is_jammed_from_ignition_on_does_not_keep_it_from_landing():
    # demands go over a line of their own, the heartbeat and the arm supply over wires
    told = story(Bus(bit_error_rate=0.0, babble_bytes=1000, babble_from_s=2.2))
    assert not told.complete
    assert told.descent is not None and told.descent.landed
    assert told.figures["bus_account"]["wrong"] == 0


def test_one_wrong_bit_in_a_hundred_from_ignition_on_does_not_keep_it_from_landing_either():
    told = story(Bus(bit_error_rate=1e-2, bit_errors_from_s=2.2))
    account = told.figures["bus_account"]
    assert told.descent is not None and told.descent.landed
    assert account["disturbed"] > 0.8 * account["sent"]
    assert account["wrong"] == 0
    assert account["lost_run"] <= 1


class Bench:
    """A bus with noise on it, and frames of navigation's."""

    def __init__(self, what):
        self.bus = SharedBus(Clock(), 460_800, ("navigation", BABBLER))
        self.noise = Noise(self.bus, what, 1, lambda: 0)
        self.packet = OutgoingPacket(d.NAVIGATION_STATE, d.NAVIGATION)

    def send(self, count):
        for number in range(count):
            self.packet.values[0] = number & 0xFFFF
            self.bus.ends["navigation"].write(self.packet.encode())
        return self.noise.account


def test_a_quiet_bus_loses_nothing():
    account = Bench(Bus()).send(500)
    assert (account.sent, account.disturbed, account.lost_intact, account.wrong) == (500, 0, 0, 0)


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 1e-2])
def test_after_a_disturbed_frame_the_next_undisturbed_one_or_the_one_after_it_is_taken(rate):
    account = Bench(Bus(bit_error_rate=rate)).send(3000)
    # 60 bytes: a frame is disturbed with 5 %, 38 % or 99 %
    assert account.disturbed > 3000 * (1 - (1 - rate) ** 400) * 0.7
    assert (
        account.lost_disturbed >= account.disturbed * 0.95
    )  # a delimiter of two may be spoiled without harm
    assert account.wrong == 0
    assert account.lost_run <= 1


def test_a_frame_that_nobody_has_sent_is_found_out(monkeypatch):
    from host_tools.story import disturbance

    bench = Bench(Bus(bit_error_rate=1e-2))
    monkeypatch.setattr(disturbance, "check_packet", lambda *_: 7)  # a receiver that takes everything
    assert bench.send(200).wrong > 50
