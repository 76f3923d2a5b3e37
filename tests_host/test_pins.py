"""The pin table: data in, one clear error out when the data cannot be right."""

import pytest

from plumbline.services.pins import PinConflict, PinTable, PinTableError

HEADER = "signal,gpio,peripheral,owner,note"


def table(*rows):
    return PinTable([HEADER, *rows], "pins.csv")


def test_a_table_answers_for_each_signal():
    pins = table("imu.rx,1,uart0,inertial unit,RS-422, through a receiver", "led,25,gpio,board,")
    assert pins.signals == ("imu.rx", "led")
    assert (pins.gpio("imu.rx"), pins.peripheral("imu.rx"), pins.owner("imu.rx")) == (
        1,
        "uart0",
        "inertial unit",
    )
    assert (pins.gpio("led"), pins.peripheral("led"), pins.owner("led")) == (25, "gpio", "board")


def test_comments_blank_lines_and_foreign_line_ends_do_not_matter():
    pins = PinTable(["# a board\r\n", "\n", HEADER + "\r\n", "  # more\n", "led, 25 , gpio,board,\r\n"])
    assert pins.gpio("led") == 25


def test_an_open_file_will_do(tmp_path):
    path = tmp_path / "pins.csv"
    path.write_text(HEADER + "\nled,25,gpio,board,the LED\n")
    with path.open() as lines:
        assert PinTable(lines).gpio("led") == 25


def test_a_gpio_reserved_twice_names_the_gpio_and_both_users():
    with pytest.raises(PinConflict) as refusal:
        table("imu.rx,1,uart0,inertial unit,", "laser.rx,1,pio,laser altimeter,")
    assert str(refusal.value) == (
        "pins.csv row 3: GPIO 1 is reserved twice: imu.rx (inertial unit) and laser.rx (laser altimeter)"
    )


def test_a_signal_that_is_there_twice_names_both_users():
    with pytest.raises(PinConflict) as refusal:
        table("led,25,gpio,board,", "led,24,gpio,heartbeat,")
    assert str(refusal.value) == (
        "pins.csv row 3: this signal is there twice: led (board) and led (heartbeat)"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("led,25,gpio,board", "4 fields instead of 5"),
        ("led", "1 fields instead of 5"),
        (",25,gpio,board,", "signal and owner must not be empty"),
        ("led,25,gpio,,", "signal and owner must not be empty"),
        ("led,30,gpio,board,", "GPIO 30 of led is not in 0..29"),
        ("led,-1,gpio,board,", "GPIO -1 of led is not in 0..29"),
        ("led,,gpio,board,", "GPIO  of led is not in 0..29"),
        ("led,GP25,gpio,board,", "GPIO GP25 of led is not in 0..29"),
        ("led,2.5,gpio,board,", "GPIO 2.5 of led is not in 0..29"),
        ("led,25,uart3,board,", "peripheral uart3 of led is unknown"),
    ],
)
def test_a_bad_row_is_named_by_file_and_row(row, reason):
    with pytest.raises(PinTableError) as refusal:
        table("strap,22,gpio,board,", row)
    assert str(refusal.value) == "pins.csv row 3: " + reason


@pytest.mark.parametrize("first_row", ["led,25,gpio,board,", "signal,pin,peripheral,owner,note"])
def test_a_table_without_its_header_is_refused(first_row):
    with pytest.raises(PinTableError, match="row 1: the first row must be signal,gpio"):
        PinTable([first_row])


@pytest.mark.parametrize("lines", [[], [HEADER], ["# only a comment"]])
def test_an_empty_table_is_refused(lines):
    with pytest.raises(PinTableError, match="the table is empty"):
        PinTable(lines)


@pytest.mark.parametrize("question", ["gpio", "peripheral", "owner"])
def test_an_unknown_signal_is_refused(question):
    with pytest.raises(PinTableError, match=r"pins.csv: there is no signal radar\.rx"):
        getattr(table("led,25,gpio,board,"), question)("radar.rx")


def test_a_second_owner_is_refused_and_both_are_named():
    pins = table("imu.rx,1,uart0,inertial unit,")
    assert pins.claim("imu.rx", "uart imu") == 1
    with pytest.raises(PinConflict) as refusal:
        pins.claim("imu.rx", "input imu.rx")
    assert str(refusal.value) == (
        "pins.csv: GPIO 1 (imu.rx) is in use by uart imu, and input imu.rx wants it too"
    )


def test_the_same_owner_may_ask_again():
    pins = table("imu.rx,1,uart0,inertial unit,")
    pins.claim("imu.rx", "uart imu")
    assert pins.claim("imu.rx", "uart imu") == 1


def test_an_unknown_signal_cannot_be_claimed():
    with pytest.raises(PinTableError, match=r"no signal radar\.rx"):
        table("led,25,gpio,board,").claim("radar.rx", "uart radar")


def test_a_chip_with_more_pins_says_so():
    row = "arm,33,gpio,arm supply,"
    with pytest.raises(PinTableError, match=r"GPIO 33 of arm is not in 0\.\.29"):
        PinTable([HEADER, row])
    assert PinTable([HEADER, row], "pins.csv", 39).gpio("arm") == 33
    with pytest.raises(PinTableError, match=r"GPIO 40 of arm is not in 0\.\.39"):
        PinTable([HEADER, "arm,40,gpio,arm supply,"], "pins.csv", 39)
