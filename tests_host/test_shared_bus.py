"""The bus that five boards share: who hears what, when, and what of a command for somebody else."""

from host_tools.host_board.clock import Clock
from host_tools.host_board.shared_bus import SharedBus
from plumbline.link import dictionary as d
from plumbline.link.port import PacketPort
from plumbline.services.events import EventLog

BAUD = 460_800
BYTE_US = 10_000_000 / BAUD  # start bit, eight data bits, stop bit: 21.7 us


def bus_of(*names: str) -> SharedBus:
    return SharedBus(Clock(), BAUD, names)


def test_all_others_hear_what_one_sends_and_it_does_not_hear_itself():
    bus = bus_of("a", "b", "c")
    bus.ends["a"].write(b"hello")
    bus.clock.now_us = 1_000
    assert [bus.ends[name].read() for name in "abc"] == [b"", b"hello", b"hello"]


def test_two_who_send_at_once_are_heard_one_after_the_other_and_whole():
    bus = bus_of("a", "b", "c")
    bus.ends["a"].write(b"A" * 10)
    bus.ends["b"].write(b"B" * 10)
    # ten bytes take 217 us: then all of A is there and nothing of B, after 434 us all
    bus.clock.now_us = round(10 * BYTE_US) + 1
    assert bus.ends["c"].read() == b"A" * 10
    bus.clock.now_us = round(20 * BYTE_US) + 1
    assert bus.ends["c"].read() == b"B" * 10
    assert bus.worst_wait_us == int(10 * BYTE_US)
    assert bus.ends["a"].read() == b"B" * 10


def test_a_byte_can_be_read_when_its_stop_bit_has_arrived():
    bus = bus_of("a", "b")
    bus.ends["a"].write(b"xy")
    bus.clock.now_us = int(BYTE_US)
    assert bus.ends["b"].any() == 0
    bus.clock.now_us = int(BYTE_US) + 1
    assert bus.ends["b"].any() == 1


def test_what_spoils_a_chunk_spoils_it_for_all():
    bus = bus_of("a", "b", "c")
    bus.corrupt = lambda chunk: bytes((chunk[0] ^ 1,)) + chunk[1:]
    bus.ends["a"].write(b"\x10\x20")
    bus.clock.now_us = 1_000
    assert bus.ends["b"].read() == bus.ends["c"].read() == b"\x11\x20"


def test_on_a_shared_bus_a_command_for_another_board_is_no_refusal_and_an_unknown_one_is():
    for is_shared, refused in ((False, ["command_elsewhere"]), (True, [])):
        bus = bus_of("rover", "ground")
        rover = PacketPort(bus.ends["rover"], d.ROVER)
        rover.is_shared = is_shared
        ground = PacketPort(bus.ends["ground"], d.SPACECRAFT)
        log = EventLog(rover)
        ground.send(ground.outgoing(d.ARM_SUPPLY))
        bus.clock.now_us = 5_000
        assert rover.poll() == -1
        rover.refusals.tell(log, 0)
        bus.clock.now_us = 10_000
        names = {number: name for number, name, _ in d.EVENTS}
        heard = []
        while (apid := ground.poll()) >= 0:
            assert apid & 0xFF == d.EVENT.function
            heard.append(names[ground.values[0]])
        assert heard == refused
        assert rover.rejected == 1
