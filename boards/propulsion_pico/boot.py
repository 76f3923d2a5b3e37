# Runs before everything else, also after a soft reset, which leaves the pins as they were: all valves closed.
from machine import Pin

with open("pins.csv") as table:
    for line in table.read().split("\n"):  # twice as quick as by lines: see Board.from_files
        if line.startswith("valve."):
            Pin(int(line.split(",")[1]), Pin.OUT, value=0)
