"""The configured firmware for tests, built when needed; the second of two workers waits for the first."""

import pytest

import host_tools.flash.firmware


@pytest.fixture(scope="session")
def firmware() -> host_tools.flash.firmware.Firmware:
    """What `make firmware` yields; PLUMBLINE_UF2 and PLUMBLINE_MICROPYTHON count here too."""
    return host_tools.flash.firmware.firmware()
