"""What the flight code of a flight runs on, as the commands name it."""

from enum import StrEnum


class Boards(StrEnum):
    """Python on this machine, or real firmware on emulated chips."""

    HOST = "host"
    EMULATED = "emulated"
