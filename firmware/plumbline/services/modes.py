"""The spacecraft's modes, what may lead from one to another, and what each allows: data, and nothing else.

A row of TRANSITIONS is (mode, conditions that must hold, conditions that must not, next mode). Of a mode's
rows the first that fits decides; when none does the mode stays. Closing the valves in a powered descent
would crash the lander: no row leads from there to SAFE. services/supervisor.md is made from this file.
"""

from micropython import const

BOOT = const(0)
SAFE = const(1)
CRUISE = const(2)
COAST = const(3)  # these five as the guidance's phases of the same names
BRAKING = const(4)
APPROACH = const(5)
TERMINAL = const(6)
CONTACT = const(7)
LANDED = const(8)
SURFACE = const(9)
ABORT = const(10)  # back to orbit under full thrust
ORBIT = const(11)  # there again, for good
MODES = (
    "boot",
    "safe",
    "cruise",
    "coast",
    "braking",
    "approach",
    "terminal",
    "contact",
    "landed",
    "surface",
    "abort",
    "orbit",
)
POWERED = (BRAKING, APPROACH, TERMINAL, CONTACT, ABORT)

# conditions, collected in services/conditions.py
READY = const(1)  # every task has checked in, the parameters are usable
UNFIT = const(2)  # something without which it cannot fly: inertial unit, parameters
RESUMABLE = const(4)  # at boot: a fresh, whole checkpoint of a descent
TOO_MANY_RESETS = const(8)
OVERDUE = const(16)  # the mode lasts longer than it should
INITIALISED = const(32)  # navigation knows where it is
PHASE_BRAKING = const(64)  # what guidance is in
PHASE_APPROACH = const(128)
PHASE_TERMINAL = const(256)
PHASE_CONTACT = const(512)
PHASE_LANDED = const(1024)
PHASE_ABORT = const(2048)
PHASE_ORBIT = const(4096)
ON_GROUND = const(8192)  # it has landed, once and for all
POWER_LOW = const(16384)
GO_SAFE = const(32768)  # commands, each good for one step
GO_CRUISE = const(65536)
GO_SURFACE = const(131072)
CONDITIONS = (
    "ready",
    "unfit",
    "resumable",
    "too many resets",
    "overdue",
    "initialised",
    "phase braking",
    "phase approach",
    "phase terminal",
    "phase contact",
    "phase landed",
    "phase abort",
    "phase orbit",
    "on ground",
    "power low",
    "go safe",
    "go cruise",
    "go surface",
)

TRANSITIONS = (
    (BOOT, RESUMABLE | PHASE_BRAKING, 0, BRAKING),
    (BOOT, RESUMABLE | PHASE_APPROACH, 0, APPROACH),
    (BOOT, RESUMABLE | PHASE_TERMINAL, 0, TERMINAL),
    (BOOT, RESUMABLE | PHASE_CONTACT, 0, CONTACT),
    (BOOT, RESUMABLE | PHASE_LANDED, 0, LANDED),
    (BOOT, RESUMABLE | PHASE_ABORT, 0, ABORT),
    (BOOT, RESUMABLE | PHASE_ORBIT, 0, ORBIT),
    (BOOT, TOO_MANY_RESETS, 0, SAFE),
    (BOOT, UNFIT, 0, SAFE),
    (BOOT, OVERDUE, 0, SAFE),
    (BOOT, READY, 0, CRUISE),
    (SAFE, GO_SURFACE | ON_GROUND | READY, UNFIT | POWER_LOW, SURFACE),
    (SAFE, GO_CRUISE | READY, UNFIT | ON_GROUND, CRUISE),
    (CRUISE, GO_SAFE, 0, SAFE),
    (CRUISE, UNFIT, 0, SAFE),
    (CRUISE, INITIALISED, 0, COAST),
    (COAST, GO_SAFE, 0, SAFE),
    (COAST, UNFIT, 0, SAFE),
    # a descent follows guidance, also where a phase was too short to be seen
    (COAST, PHASE_BRAKING, 0, BRAKING),
    (COAST, PHASE_APPROACH, 0, APPROACH),
    (COAST, PHASE_TERMINAL, 0, TERMINAL),
    (COAST, PHASE_CONTACT, 0, CONTACT),
    (COAST, PHASE_LANDED, 0, LANDED),
    (COAST, PHASE_ABORT, 0, ABORT),
    (BRAKING, PHASE_APPROACH, 0, APPROACH),
    (BRAKING, PHASE_TERMINAL, 0, TERMINAL),
    (BRAKING, PHASE_CONTACT, 0, CONTACT),
    (BRAKING, PHASE_LANDED, 0, LANDED),
    (BRAKING, PHASE_ABORT, 0, ABORT),
    (APPROACH, PHASE_TERMINAL, 0, TERMINAL),
    (APPROACH, PHASE_CONTACT, 0, CONTACT),
    (APPROACH, PHASE_LANDED, 0, LANDED),
    (APPROACH, PHASE_ABORT, 0, ABORT),
    (TERMINAL, PHASE_APPROACH, 0, APPROACH),
    (TERMINAL, PHASE_CONTACT, 0, CONTACT),
    (TERMINAL, PHASE_LANDED, 0, LANDED),
    (TERMINAL, PHASE_ABORT, 0, ABORT),
    (CONTACT, PHASE_APPROACH, 0, APPROACH),
    (CONTACT, PHASE_TERMINAL, 0, TERMINAL),
    (CONTACT, PHASE_LANDED, 0, LANDED),
    (LANDED, GO_SAFE, 0, SAFE),
    (LANDED, UNFIT, 0, SAFE),
    (LANDED, POWER_LOW, 0, SAFE),
    (LANDED, GO_SURFACE | READY, 0, SURFACE),
    (SURFACE, GO_SAFE, 0, SAFE),
    (SURFACE, UNFIT, 0, SAFE),
    (SURFACE, POWER_LOW, 0, SAFE),
    (ABORT, PHASE_ORBIT, 0, ORBIT),
    (ORBIT, GO_SAFE, 0, SAFE),
    (ORBIT, UNFIT, 0, SAFE),
    (ORBIT, POWER_LOW, 0, SAFE),
)

ERASE = const(1)  # what a mode allows: erasing flash, 45 to 400 ms without interrupts
SET_PARAMETERS = const(2)
ARM = const(4)  # the propulsion's valves
CHECKPOINT = const(8)
WORK = const(16)  # of rover, ramp and scoop
PERMISSIONS = ("erase flash", "set parameters", "arm propulsion", "checkpoint", "surface work")

ALLOWED = (
    0,  # boot
    ERASE | SET_PARAMETERS,  # safe
    ERASE | SET_PARAMETERS,  # cruise
    ARM | CHECKPOINT,  # coast
    ARM | CHECKPOINT,  # braking
    ARM | CHECKPOINT,  # approach
    ARM | CHECKPOINT,  # terminal
    ARM | CHECKPOINT,  # contact
    ERASE | SET_PARAMETERS | CHECKPOINT,  # landed
    ERASE | SET_PARAMETERS | CHECKPOINT | WORK,  # surface
    ARM | CHECKPOINT,  # abort
    ARM | CHECKPOINT,  # orbit
)
