"""VC0706 serial JPEG camera (Adafruit 397, LinkSprite LS-Y201, PTC06) at 38,400 baud, 160 x 120 images.

VC0706 protocol 1.2, and LinkSprite LS-Y201 manual, 4: commands 56 serial command size ..., replies 76 serial
command status size ... It is a camera as the rover wants one, and another part can take its place:

    camera.trigger(image, room)    what is before it now shall be in `image`, of `room` bytes
    camera.poll()                  each tick: 1 it is there, `size` bytes; -1 it failed; 0 else
    camera.busy                    from the trigger until then
"""

from micropython import const

_COMMAND = const(0x56)
_REPLY = const(0x76)
_READ = const(0x32)
_LENGTH = const(0x34)
_CONTROL = const(0x36)
_STOP_FRAME = const(0)
_RESUME = const(3)

_IDLE = const(0)
_FREEZE = const(1)
_MEASURE = const(2)
_FETCH = const(3)
_RELEASE = const(4)

_CHUNK = const(128)  # a multiple of 8, as the LS-Y201's manual wants it; 37 ms on the line
_HEAD = const(5)
_LENGTH_REPLY = const(9)
_PATIENCE_TICKS = const(50)  # for one reply
_TRIES = const(3)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits


class Vc0706:
    """`size`: of the last image; `rejected`: running count of replies that were wrong or did not come."""

    def __init__(self, uart):
        self.size = 0
        self.rejected = 0
        self.busy = False
        self._uart = uart
        self._line = bytearray(64)
        self._reply = bytearray(_CHUNK + 2 * _HEAD)
        self._control = bytearray((_COMMAND, 0, _CONTROL, 1, 0))
        self._length = bytes((_COMMAND, 0, _LENGTH, 1, 0))
        self._read = bytearray((_COMMAND, 0, _READ, 12, 0, 10, 0, 0, 0, 0, 0, 0, 0, _CHUNK, 0, 10))
        self._image = self._line
        self._room = 0
        self._step = _IDLE
        self._at = 0  # bytes of the image that have come
        self._filled = 0  # bytes of the reply that have come
        self._wanted = 0
        self._waited = 0
        self._tries = 0

    def trigger(self, image, room):
        """Freeze what the camera sees now and fetch it into `image`. False while busy. Allocates nothing."""
        if self.busy:
            return False
        self.busy = True
        self.size = 0
        self._image = image
        self._room = room
        self._at = 0
        self._tries = 0
        self._go(_FREEZE)
        return True

    def poll(self):
        """Take what has come; 1 when the image is there, -1 when it has failed, else 0. Allocates nothing."""
        self._receive()
        if self._step == _IDLE:
            return 0
        if self._filled < self._wanted:
            self._waited += 1
            return self._retry() if self._waited >= _PATIENCE_TICKS else 0
        if not self._is_good():
            return self._retry()
        self._tries = 0
        return self._next()

    def _receive(self):
        """What comes unasked for is dropped."""
        count = self._uart.readinto(self._line)
        if not count:
            return
        at = self._filled
        for i in range(count):
            if at < self._wanted:
                self._reply[at] = self._line[i]
                at += 1
        self._filled = at

    def _go(self, step):
        """Send the step's command and wait for its reply."""
        self._step = step
        self._filled = 0
        self._waited = 0
        self._wanted = _HEAD
        if step == _MEASURE:
            self._wanted = _LENGTH_REPLY
            self._uart.write(self._length)
        elif step == _FETCH:
            read = self._read
            read[8] = self._at >> 8
            read[9] = self._at & 255
            self._wanted = _CHUNK + 2 * _HEAD
            self._uart.write(read)
        else:
            self._control[4] = _STOP_FRAME if step == _FREEZE else _RESUME
            self._uart.write(self._control)

    def _is_good(self):
        """Whether the reply is one to this step's command, and says that it was carried out."""
        reply = self._reply
        command = _CONTROL
        if self._step == _MEASURE:
            command = _LENGTH
        elif self._step == _FETCH:
            command = _READ
            end = _HEAD + _CHUNK
            if reply[end] != _REPLY or reply[end + 2] != _READ or reply[end + 3] != 0:
                return False
        return reply[0] == _REPLY and reply[2] == command and reply[3] == 0

    def _next(self):
        if self._step == _FREEZE:
            self._go(_MEASURE)
        elif self._step == _MEASURE:
            reply = self._reply
            self.size = reply[7] * 256 + reply[8]
            if reply[5] or reply[6] or not 4 <= self.size <= self._room:
                return self._give_up()
            self._go(_FETCH)
        elif self._step == _FETCH:
            self._take_chunk()
            self._go(_FETCH if self._at < self.size else _RELEASE)
        else:
            self._step = _IDLE
            self.busy = False
            return 1 if self._is_jpeg() else self._failed()
        return 0

    def _take_chunk(self):
        count = min(self.size - self._at, _CHUNK)
        for i in range(count):
            self._image[self._at + i] = self._reply[_HEAD + i]
        self._at += count

    def _is_jpeg(self):
        """ITU T.81, B.1.1.3: from start-of-image to end-of-image."""
        image = self._image
        end = self.size
        return image[0] == 0xFF and image[1] == 0xD8 and image[end - 2] == 0xFF and image[end - 1] == 0xD9

    def _retry(self):
        self.rejected = (self.rejected + 1) & _COUNT_MASK
        self._tries += 1
        if self._tries >= _TRIES:
            return self._give_up()
        self._go(self._step)
        return 0

    def _give_up(self):
        """Let the camera see again, whether it hears that or not."""
        self._go(_RELEASE)
        self._step = _IDLE
        self._wanted = 0
        self.busy = False
        return self._failed()

    def _failed(self):
        self.size = 0
        return -1
