"""The one MicroPython that this project builds, flies and is judged with: pinned here, nowhere else.

Debian's stable release by name: its pool keeps these versions for as long as it keeps the release,
except mbedtls, which gets security updates: of that only the series can be pinned.
"""

MICROPYTHON = (1, 25, 0)
DEBIAN_SUITE = "trixie"
DEBIAN_VERSION = "1.25.0+ds-1"

# What Debian's MicroPython tarball lacks for RP2040 boards.
PICO_SDK = "2.1.1-1"
TINYUSB = "0.18.0+dfsg-1"
MBEDTLS_SERIES = "3.6"
