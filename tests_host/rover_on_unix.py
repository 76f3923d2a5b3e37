"""Run by MicroPython: the rover's program on a board of stand-ins, with the heap locked in every tick.

Prints the modes that were passed, packets that left, limits that were told, and ticks that wanted memory.
sys.argv: the firmware, the board's limits.json.
"""

import sys

sys.path.insert(0, sys.argv[1])

from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.health import NoWatchdog
from plumbline.services.limit_table import LimitTable
from plumbline.services.raw_flash import RawFlash
from plumbline.subsystems.rover import Rover

PERIOD = 1 << 30


class Clock:
    def __init__(self):
        self.now = 0

    def ticks_us(self):
        return self.now

    def ticks_diff(self, a, b):
        return a - b

    def ticks_add(self, a, b):
        return a + b


class Line:
    """A UART: what is put into `coming` can be read; `sent` counts bytes."""

    def __init__(self):
        self.coming = bytearray(1024)
        self.count = 0
        self.sent = 0

    def put(self, data):
        self.coming[self.count : self.count + len(data)] = data
        self.count += len(data)

    def readinto(self, buffer):
        count = min(self.count, len(buffer))
        if not count:
            return None
        for i in range(count):
            buffer[i] = self.coming[i]
        for i in range(self.count - count):
            self.coming[i] = self.coming[count + i]
        self.count -= count
        return count

    def write(self, data):
        self.sent += len(data)
        return len(data)


class Wire:
    def __init__(self):
        self.level = 0

    def __call__(self, level):
        self.level = level

    def value(self):
        return self.level

    def play(self, width_us):
        self.level = width_us

    def take(self):
        return 3

    def read_u16(self):
        return board.arm


class NoBus:
    """An I2C bus on which nobody answers."""

    def __init__(self):
        self.error = OSError(5)

    def readfrom_mem_into(self, address, register, buffer, addrsize=8):
        raise self.error

    def writeto(self, address, data):
        raise self.error


class Flash:
    """All sectors, byte by byte."""

    def __init__(self):
        self.content = bytearray(b"\xff" * (64 * 4096))

    def readblocks(self, block, buffer, offset=0):
        for i in range(len(buffer)):
            buffer[i] = self.content[block * 4096 + offset + i]

    def writeblocks(self, block, buffer, offset):
        for i in range(len(buffer)):
            self.content[block * 4096 + offset + i] = buffer[i]

    def ioctl(self, operation, block):
        for i in range(4096):
            self.content[block * 4096 + i] = 255


class Board:
    roomy = True

    def __init__(self):
        self.clock = Clock()
        self.flash = Flash()
        self.lines = {"bus": Line(), "camera": Line()}
        self.dock = Wire()
        self.arm = 10000

    def kept_words(self):
        return [0] * 4

    def reset_cause(self):
        return 0

    def watchdog(self, timeout_ms):
        return NoWatchdog()

    def raw_flash(self):
        return RawFlash(self.flash, 0, 64)

    def uart(self, name, baudrate):
        return self.lines[name]

    def i2c(self, name):
        return NoBus()

    def output(self, name):
        return Wire()

    def input(self, name):
        return self.dock

    def edges(self, name):
        return Wire()

    def adc(self, name):
        return Wire()

    def burst(self, name, period_us, periods):
        return Wire()


class Camera:
    """Has an image after some ticks."""

    def __init__(self):
        self.busy = False
        self.rejected = 0
        self.size = 300
        self.left = 0

    def trigger(self, image, room):
        self.busy = True
        self.left = 5
        return True

    def poll(self):
        if not self.busy:
            return 0
        self.left -= 1
        if self.left:
            return 0
        self.busy = False
        return 1


board = Board()
rover = Rover(board, LimitTable.from_file(sys.argv[2]), Camera())
other = Line()
ground = PacketPort(other, dictionary.SPACECRAFT)


class Tap(Line):
    def readinto(self, buffer):
        return None

    def write(self, data):
        board.lines["bus"].put(data)
        return len(data)


ground._uart = Tap()
modes = []


def say(packet_type, *values):
    packet = ground.outgoing(packet_type)
    for i in range(len(values)):
        packet.values[i] = values[i]
    ground.send(packet)


def run(ticks):
    """The senses are dead: what they would say is put into their memories before each tick."""
    for _ in range(ticks):
        board.clock.now += 10000
        rover.senses.tilt[slots.TLT_VALID] = 1
        rover.senses.tilt[slots.TLT_QUIET] = 50
        rover.senses.tilt[slots.TLT_SILENT_TICKS] = 0
        rover.senses.battery[slots.PWR_BUS_MV] = 11500
        rover.senses.battery[slots.PWR_STATUS] = 1
        rover.senses._deaf_ticks = 0
        board.arm = 10000 + rover.scoop[slots.SCP_SETPOINT_MRAD] * 80 // 3
        assert rover.rate_group.poll()
        if rover.mode not in modes:
            modes.append(rover.mode)


run(10)
say(dictionary.ROVER_DEPLOY, 300)
run(3000)
rover.mode = 3
rover._is_free = True
say(dictionary.ROVER_DRIVE, 500, 50)
say(dictionary.ROVER_DRIVE, 50, 1)
say(dictionary.INITIAL_STATE)
run(2000)
rover.mode = 3
say(dictionary.ROVER_TURN, 500, 50)
run(2200)
rover.mode = 3
say(dictionary.ROVER_SCOOP, 900)
run(4000)
say(dictionary.ROVER_LIST, 0)
say(dictionary.ROVER_SEND, 1, 0, 0)
run(200)
rover.senses.tilt[slots.TLT_SINE_Q14] = 12000
run(100)
rover.senses.tilt[slots.TLT_SINE_Q14] = 0
say(dictionary.ROVER_RECOVER, 0)
run(100)
rover.senses.battery[slots.PWR_CURRENT_MA] = 6000
run(200)
mode = rover.mode
rover.senses.battery[slots.PWR_CURRENT_MA] = 0
run(200)
say(dictionary.ROVER_PARAMETER, 7, 0, 3000)  # its high yellow limit
say(dictionary.ROVER_PARAMETER, 8, 1, 3600)  # its high red one
say(dictionary.ROVER_PARAMETER, 8, 1, 2999)
say(dictionary.ROVER_PARAMETER, 99, 1, 0)
run(10)
nav = PacketPort(other, dictionary.NAVIGATION)
nav._uart = Tap()
time = nav.outgoing(dictionary.TIME)
time.values[0] = 123456
nav.send(time)
run(200)
print("red", mode, rover.events.counts[dictionary.FAULT])
print("limits", rover.watch.table.rows[11 + 3], rover.watch.table.rows[11 + 4])
commands = rover.watch.commands
assert commands is not None
print("stored", commands.stored._slots.length)
print("time", rover.time.state[1])
recorder = rover.recording.recorder
assert recorder is not None
print("recorded", recorder.recorded, recorder.dropped, recorder.ring.pages_left)
print("modes", modes)
print("images", rover.images.count)
print("sent", board.lines["bus"].sent)
print("starved", rover.rate_group.starved)
