"""Registers of a part behind I2C or SPI; a transfer that fails is counted and answered by False.

    part = I2cRegisters(i2c, 0x40)
    if part.read(0x02, buffer): ...

The bus is MicroPython's own or one with the same methods, opened with a time-out of about 2 ms,
which bounds every call here. A driver ends its poll at the first transfer that fails.
"""

from micropython import const

_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits
_READ = const(0x80)  # first bit of an SPI transfer; ICM-20948 data sheet DS-000189, 6.5


class I2cRegisters:
    """One part at `address`; its registers' addresses have `address_bits`, 8 or 16, high byte first.

    `failures` is the running count of transfers that were not acknowledged or timed out.
    """

    def __init__(self, i2c, address, address_bits=8):
        self.failures = 0
        self._i2c = i2c
        self._address = address
        self._address_bits = address_bits
        self._pointer = bytearray(1)
        self._short = bytearray(address_bits // 8 + 1)

    def read(self, register, buffer):
        """Fill `buffer` from `register` on; True if that worked. Allocates nothing."""
        try:
            self._i2c.readfrom_mem_into(self._address, register, buffer, addrsize=self._address_bits)
            return True
        except OSError:
            return self._failed()

    def read_after_stop(self, register, buffer):
        """As `read`, for a part that knows no repeated start. Allocates nothing."""
        self._pointer[0] = register
        try:
            self._i2c.writeto(self._address, self._pointer)
            self._i2c.readfrom_into(self._address, buffer)
            return True
        except OSError:
            return self._failed()

    def write(self, register, value):
        """Write one byte; True if that worked. Allocates nothing."""
        short = self._short
        short[0] = register >> (self._address_bits - 8)
        short[-2] = register & 255
        short[-1] = value
        return self.write_all(short)

    def write_all(self, content):
        """Write a register's address and what comes into it and the next ones; True if that worked.

        In one piece, because MicroPython's writeto_mem allocates to put the two together. Allocates nothing.
        """
        try:
            self._i2c.writeto(self._address, content)
            return True
        except OSError:
            return self._failed()

    def _failed(self):
        self.failures = (self.failures + 1) & _COUNT_MASK
        return False


class SpiRegisters:
    """A part on an SPI bus; `select` is its pin, called with 0 while the part is spoken to.

    SPI acknowledges nothing, so every transfer works; the driver asks who is there.
    """

    def __init__(self, spi, select):
        self.failures = 0
        self._spi = spi
        self._select = select
        self._pointer = bytearray(1)
        self._pair = bytearray(2)
        select(1)

    def read(self, register, buffer):
        """Fill `buffer` from `register` on. Allocates nothing."""
        self._pointer[0] = register | _READ
        self._select(0)
        self._spi.write(self._pointer)
        self._spi.readinto(buffer)
        self._select(1)
        return True

    def write(self, register, value):
        """Write one byte. Allocates nothing."""
        self._pair[0] = register
        self._pair[1] = value
        self._select(0)
        self._spi.write(self._pair)
        self._select(1)
        return True
