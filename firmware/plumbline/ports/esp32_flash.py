"""Raw flash of an ESP32 board: the data partition `plumbline` of its partition table. Not run on the chip.

Its row in a partition table's CSV, which takes 256 kB from the file system behind it:
    plumbline, data, undefined, , 256K
"""

from esp32 import Partition

from plumbline.services.flash_layout import SECTORS
from plumbline.services.raw_flash import SECTOR, RawFlash

_LABEL = "plumbline"
_SIZE = 3  # in Partition.info(): type, subtype, address, size, label, encrypted
_ENCRYPTED = 5


class RawFlashError(OSError):
    """There is no partition to be used; the message is one line."""


def has_raw_flash():
    """Whether the partition table has the partition. At start only: it allocates."""
    return bool(Partition.find(Partition.TYPE_DATA, label=_LABEL))


def raw_flash():
    """The board's raw flash. Raises RawFlashError. At start only: it allocates."""
    found = Partition.find(Partition.TYPE_DATA, label=_LABEL)
    if not found:
        raise RawFlashError("the partition table has no data partition called " + _LABEL)
    about = found[0].info()
    if about[_SIZE] < SECTORS * SECTOR or about[_ENCRYPTED]:
        raise RawFlashError("partition {}: 256 kB, not encrypted, are needed".format(_LABEL))
    return RawFlash(found[0], 0, SECTORS)
