"""The one MicroPython that this project builds, flies and is judged with: pinned here, nowhere else.

Debian's stable release by name: its pool keeps this version for as long as it keeps the release.
"""

MICROPYTHON = (1, 25, 0)
DEBIAN_SUITE = "trixie"
DEBIAN_VERSION = "1.25.0+ds-1"
