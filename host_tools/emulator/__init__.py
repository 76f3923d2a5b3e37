"""A Pico without a Pico: the real firmware on an emulated RP2040, on emulated time, behind a PTY."""
