# Runs before everything else, also after a soft reset, which leaves the pins as they were: all outputs low.
# But after the watchdog's reset the pads that are held stay as they are: the program decides on them.
from machine import WDT_RESET, Pin, reset_cause

with open("pins.csv") as table:
    for line in table:
        signal, gpio = (line + ",").split(",")[:2]
        if signal == "arm":
            Pin(int(gpio), Pin.OUT, value=0)
        elif signal == "hold" or signal.startswith("load."):
            if reset_cause() != WDT_RESET:
                # the stubs lack `hold`; the port has it
                Pin(int(gpio), Pin.OUT, value=0, hold=False)  # pyright: ignore[reportCallIssue]
