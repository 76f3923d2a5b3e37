"""A PTY that behaves towards its clients as the USB serial port of a board does.

A client that was not there when the board spoke gets the last of it, as from the buffer of the board's
USB; a client that is there when the board resets loses its connection. Works on Linux.
"""

import contextlib
import errno
import os
import select
import termios
import time
import tty

_UNREAD_BYTES = 1 << 20  # what a client that does not read may leave; a board, too, drops the rest
_KEPT_BYTES = 256  # CFG_TUD_CDC_TX_BUFSIZE in MicroPython's shared/tinyusb/tusb_config.h
_OPENING_S = 0.016  # before a new client is sent anything: 16 frames, in mp_usbd_cdc.c beside it
_HANG_UP_S = 0.1  # for the client to notice
_SETTLING_S = 0.005  # for bytes on their way to the client, before their like are taken for line editing
_CHUNK = 4096
_LFLAG, _CC = 3, 6  # in the list of termios.tcgetattr


class PtyPort:
    """The board's end of a PTY; `name` is the client's end."""

    def __init__(self) -> None:
        self._unread = bytearray()  # said by the board, not yet taken by the PTY
        self._connected = False
        self._silent_until_s = 0.0
        self._hung_up = False
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.name = os.ttyname(slave)
        os.close(slave)  # so that a hang-up tells whether a client is there
        os.set_blocking(self._master, False)
        self._poll = select.poll()

    def close(self) -> None:
        """Hang up for good."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def receive(self, wait_s: float) -> bytes:
        """What the client has written; waits for it up to `wait_s`."""
        if not self._connected and wait_s:
            time.sleep(wait_s)  # no event tells of a new client: while none is there, poll returns at once
            wait_s = 0.0
        self._write()
        self._poll.register(self._master, select.POLLIN | (select.POLLOUT if self._may_write() else 0))
        events = dict(self._poll.poll(wait_s * 1000)).get(self._master, 0)
        if events & select.POLLHUP and not events & select.POLLIN:
            self._lose_client()
            return b""
        if not self._connected:
            self._connected = True
            self._silent_until_s = time.monotonic() + _OPENING_S
        return self._read() if events & select.POLLIN else b""

    def send(self, said: bytes) -> None:
        """Pass on what the board has said; the last of it is kept for a client to come."""
        if not said:
            return
        self._unread += said[: _UNREAD_BYTES - len(self._unread)]
        if not self._connected or self._hung_up:
            del self._unread[:-_KEPT_BYTES]
        self._write()

    def hang_up(self) -> None:
        """The board was reset. A client that reads is told of the end of the file, once.

        On a real port it would lose the device; here one that does not mind may stay.
        """
        if self._connected and not self._hung_up:
            self._silent_until_s = 0.0
            self._write()
            self._unread.clear()
            time.sleep(_SETTLING_S)
            attributes = termios.tcgetattr(self._master)
            end = attributes[_CC][termios.VEOF]
            attributes[_LFLAG] |= termios.ICANON  # which is where a PTY knows an end of file
            termios.tcsetattr(self._master, termios.TCSANOW, attributes)
            os.write(self._master, end + end)  # the first may only end an unfinished line
            self._hung_up = True
            self._silent_until_s = time.monotonic() + _HANG_UP_S

    def _lose_client(self) -> None:
        if self._connected:  # the next one is not to read what was said to this one
            self._unread.clear()
            self._renew()
        self._connected = False

    def _renew(self) -> None:
        """Raw and empty, for a client that comes or that stays after a hang-up."""
        slave = os.open(self.name, os.O_RDWR | os.O_NOCTTY)
        termios.tcflush(slave, termios.TCIFLUSH)
        tty.setraw(slave)
        os.close(slave)
        self._hung_up = False

    def _may_write(self) -> bool:
        return bool(self._unread) and self._connected and time.monotonic() >= self._silent_until_s

    def _write(self) -> None:
        if self._hung_up and time.monotonic() >= self._silent_until_s:
            self._renew()
        if not self._may_write():
            return
        with contextlib.suppress(BlockingIOError):
            del self._unread[: os.write(self._master, self._unread)]

    def _read(self) -> bytes:
        try:
            return os.read(self._master, _CHUNK)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.EAGAIN):
                raise
            return b""
