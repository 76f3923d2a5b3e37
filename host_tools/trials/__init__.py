"""Trials of the altitude vote: thousands of short flights with a known truth, one question each.

    plumbline trials --seeds 1000

Sensors, terrain and faults are those of the landings; guidance and packets are left out, which makes a
trial a few milliseconds instead of seconds, and lets four altimeters fly where a board has two.
"""
