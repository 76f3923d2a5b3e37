# Runs before everything else, also after a soft reset, which leaves the pins as they were: all outputs off.
from machine import Pin

with open("pins.csv") as table:
    for line in table:
        if line.split(".")[0] in ("heater", "actuator"):
            Pin(int(line.split(",")[1]), Pin.OUT, value=0)
