"""Flash on the host: MicroPython's extended block device over a bytearray, as strict as NOR flash."""

_SECTOR = 4096
_PAGE = 256
_IOCTL_ERASE = 6


class SimulatedFlash:
    """`content` is what is in it. ValueError for what no flash can do, as setting a bit by a program."""

    def __init__(self, sectors, content=None):
        self.content = bytearray(b"\xff" * (sectors * _SECTOR)) if content is None else content

    def readblocks(self, block, buffer, offset=0):
        """Fill `buffer` from a block's byte `offset` on."""
        at = self._at(block, offset, len(buffer))
        buffer[:] = self.content[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset):
        """Program a page: bits only fall."""
        at = self._at(block, offset, len(buffer))
        if len(buffer) != _PAGE or at % _PAGE:
            raise ValueError("flash is programmed by whole pages")
        if any(new & ~old & 255 for new, old in zip(buffer, self.content[at : at + _PAGE], strict=True)):
            raise ValueError("a program cannot set a bit: the page at {:#x} was not erased".format(at))
        self.program(at, bytes(buffer))

    def ioctl(self, operation, argument):
        """Erase a block; nothing else is asked."""
        if operation != _IOCTL_ERASE:
            raise ValueError("ioctl {} is not known".format(operation))
        self.erase(self._at(argument, 0, _SECTOR))

    def program(self, at, page):
        """What a program does to the content."""
        self.content[at : at + _PAGE] = page

    def erase(self, at):
        """What an erase does to the content."""
        self.content[at : at + _SECTOR] = b"\xff" * _SECTOR

    def _at(self, block, offset, size):
        at = block * _SECTOR + offset
        if not 0 <= at <= len(self.content) - size:
            raise ValueError("outside of the flash: block {}, byte {}".format(block, offset))
        return at
