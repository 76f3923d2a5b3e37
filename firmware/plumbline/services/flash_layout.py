"""Who has which sectors of a board's raw flash, which has SECTORS of them; 2 to 7 are free."""

from micropython import const

SECTORS = const(64)
PARAMETERS_FIRST = const(0)
PARAMETERS_SECTORS = const(2)
RECORDER_FIRST = const(8)
RECORDER_SECTORS = const(56)
