"""A board's pin table: which signal is on which GPIO, and who has it.

    table = PinTable(lines_of_pins_csv)
    table.gpio("imu.rx")  ->  1
    table.claim("imu.rx", "uart imu")

Columns: signal,gpio,peripheral,owner,note; lines that begin with # are comments.
"""

from micropython import const

_HEADER = "signal,gpio,peripheral,owner,note"
_COLUMNS = const(5)
_LAST_GPIO = const(29)  # RP2040 datasheet, 1.4.3: GPIO0 to GPIO29
ESP32_LAST_GPIO = const(39)  # ESP32 datasheet, 2.2; those that nothing may use are up to who draws the table
PERIPHERALS = ("gpio", "pio", "uart0", "uart1", "uart2", "i2c0", "i2c1", "spi0", "spi1", "adc", "rmt")


class PinTableError(ValueError):
    """A pin table that cannot be flown, or a question that it does not answer."""


class PinConflict(PinTableError):
    """Two users for one GPIO or one signal; the message names both."""


class PinTable:
    """The rows of a pins.csv, validated when it is made.

    lines: the file's lines, or the open file; source: what to call it in an error; last_gpio:
    the chip's. Raises PinConflict when a GPIO or a signal is there twice, PinTableError for a row
    that is malformed, has an unknown peripheral or a GPIO that the chip does not have.
    """

    def __init__(self, lines, source="pins.csv", last_gpio=_LAST_GPIO):
        self._source = source
        self._last_gpio = last_gpio
        self._rows = {}  # signal: (gpio, peripheral, owner)
        self._claims = {}
        self.signals = ()  # in the order of the file
        self._read(lines)

    def gpio(self, signal):
        """GPIO number of a signal."""
        return self._row(signal)[0]

    def peripheral(self, signal):
        """What drives the pin: one of PERIPHERALS."""
        return self._row(signal)[1]

    def owner(self, signal):
        """What the table says the pin is for."""
        return self._row(signal)[2]

    def claim(self, signal, owner):
        """Take a signal for `owner`, once and for all, and return its GPIO; the same owner may ask again.

        Raises PinConflict when another one has it.
        """
        gpio = self.gpio(signal)
        first = self._claims.get(signal, owner)
        if first != owner:
            raise PinConflict(
                "{}: GPIO {} ({}) is in use by {}, and {} wants it too".format(
                    self._source, gpio, signal, first, owner
                )
            )
        self._claims[signal] = owner
        return gpio

    def _row(self, signal):
        if signal not in self._rows:
            raise PinTableError("{}: there is no signal {}".format(self._source, signal))
        return self._rows[signal]

    def _read(self, lines):
        signals = []
        users = {}  # GPIO: (signal, owner)
        number = 0
        header_seen = False
        for line in lines:
            number += 1
            line = line.strip()
            if not line or line[0] == "#":
                continue
            if not header_seen:
                if line != _HEADER:
                    self._refuse(number, "the first row must be " + _HEADER)
                header_seen = True
                continue
            signal, gpio, peripheral, owner = self._fields(number, line)
            if gpio in users:
                self._conflict(number, "GPIO {} is reserved twice".format(gpio), users[gpio], signal, owner)
            if signal in self._rows:
                first = (signal, self._rows[signal][2])
                self._conflict(number, "this signal is there twice", first, signal, owner)
            users[gpio] = (signal, owner)
            self._rows[signal] = (gpio, peripheral, owner)
            signals.append(signal)
        if not signals:
            self._refuse(number, "the table is empty")
        self.signals = tuple(signals)

    def _fields(self, number, line):
        """Signal, GPIO, peripheral, owner of a row; the note may contain commas."""
        fields = [field.strip() for field in line.split(",", _COLUMNS - 1)]
        if len(fields) < _COLUMNS:
            self._refuse(number, "{} fields instead of {}".format(len(fields), _COLUMNS))
        signal, gpio, peripheral, owner, _note = fields
        if not signal or not owner:
            self._refuse(number, "signal and owner must not be empty")
        if not gpio.isdigit() or int(gpio) > self._last_gpio:
            self._refuse(number, "GPIO {} of {} is not in 0..{}".format(gpio, signal, self._last_gpio))
        if peripheral not in PERIPHERALS:
            self._refuse(number, "peripheral {} of {} is unknown".format(peripheral, signal))
        return signal, int(gpio), peripheral, owner

    def _refuse(self, number, reason):
        raise PinTableError("{} row {}: {}".format(self._source, number, reason))

    def _conflict(self, number, reason, first, signal, owner):
        raise PinConflict(
            "{} row {}: {}: {} ({}) and {} ({})".format(
                self._source, number, reason, first[0], first[1], signal, owner
            )
        )
