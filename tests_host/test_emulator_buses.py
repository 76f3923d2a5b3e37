"""Parts on the emulated chip's I2C and SPI buses: what they are asked and what they answer."""

import pytest

from host_tools.emulator.parts import I2cBus, I2cRegisters, SpiBus


class Shifter:
    """An SPI part that sends back what it got one word earlier."""

    def __init__(self) -> None:
        self.last = 0
        self.edges: list[bool] = []

    def exchange(self, word: int) -> int:
        self.last, answer = word, self.last
        return answer

    def select(self, selected: bool) -> None:
        self.edges.append(selected)


def transfer(bus: I2cBus, address: int, *written: int, read: int = 0) -> tuple[list[bool], bytes]:
    """What a controller asks for a write and a read with a restart: acknowledgements and bytes read."""
    ask = {"ask": "i2c", "bus": 0, "address": address, "at": 0}
    acknowledged, received = [], bytearray()
    if written:
        acknowledged.append(bus.answer({**ask, "event": "start", "read": False})["ack"])
        acknowledged += [bus.answer({**ask, "event": "write", "byte": byte})["ack"] for byte in written]
    if read:
        acknowledged.append(bus.answer({**ask, "event": "start", "read": True})["ack"])
        received += bytes(bus.answer({**ask, "event": "read"})["byte"] for _ in range(read))
    assert bus.answer({**ask, "event": "stop"}) in ({}, {"ack": False})
    return acknowledged, bytes(received)


def test_registers_are_read_from_the_pointer_on_and_around_the_end():
    bus = I2cBus({0x29: I2cRegisters(bytes(range(16)))})
    assert transfer(bus, 0x29, 14, read=4) == ([True, True, True], bytes([14, 15, 0, 1]))


def test_the_pointer_stays_from_one_transfer_to_the_next():
    bus = I2cBus({0x29: I2cRegisters(bytes(range(16)))})
    transfer(bus, 0x29, 3, read=2)
    assert transfer(bus, 0x29, read=1) == ([True], bytes([5]))


def test_registers_are_written_after_the_pointer():
    part = I2cRegisters(bytes(8))
    transfer(I2cBus({0x29: part}), 0x29, 2, 0xAA, 0xBB)
    assert part.registers == bytes([0, 0, 0xAA, 0xBB, 0, 0, 0, 0])


def test_a_register_that_is_not_there_or_not_writable_is_not_acknowledged():
    part = I2cRegisters(bytes(8), writable=range(4))
    bus = I2cBus({0x29: part})
    assert transfer(bus, 0x29, 8)[0] == [True, False]
    assert transfer(bus, 0x29, 3, 1, 2)[0] == [True, True, True, False]
    assert part.registers == bytes([0, 0, 0, 1, 0, 0, 0, 0])


def test_an_address_that_nobody_has_is_not_acknowledged():
    bus = I2cBus({0x29: I2cRegisters(bytes(1))})
    assert transfer(bus, 0x2A, 0) == ([False, False], b"")


class Slow(I2cRegisters):
    """Holds the clock."""

    stretch_ns = 5_000


def test_a_part_that_holds_the_clock_says_for_how_long():
    answer = I2cBus({0x29: Slow(bytes(1))}).answer({"address": 0x29, "event": "start", "read": False})
    assert answer == {"ack": True, "stretch_ns": 5_000}


@pytest.mark.parametrize("address", [-1, 0x80])
def test_an_address_of_more_than_seven_bits_is_refused(address):
    with pytest.raises(ValueError, match="from 0 to 0x7f"):
        I2cBus({address: I2cRegisters(bytes(1))})


@pytest.mark.parametrize("count", [0, 257])
def test_a_part_without_registers_or_with_too_many_is_refused(count):
    with pytest.raises(ValueError, match="from 1 to 256"):
        I2cRegisters(bytes(count))


def test_a_question_that_i2c_does_not_know_is_an_error():
    with pytest.raises(ValueError, match="no event 'dance'"):
        I2cBus({1: I2cRegisters(bytes(1))}).answer({"address": 1, "event": "dance"})


def test_an_spi_part_exchanges_words_and_sees_its_select_pin():
    part = Shifter()
    bus = SpiBus(part)
    assert bus.answer({"event": "select"}) == {}
    assert [bus.answer({"byte": word}) for word in (1, 2)] == [{"byte": 0}, {"byte": 1}]
    assert bus.answer({"event": "deselect"}) == {}
    assert part.edges == [True, False]
