"""A flash whose power goes at a chosen operation: before it, in the middle of it, or right after it.

In the middle, a program has cleared all bits up to some byte or some bits everywhere, and an erase has set
some bytes, left some, and spoiled some. Which ones is drawn from a seed, so every cut can be repeated.
"""

import random
from enum import Enum

import host_tools.host_board  # noqa: F401  makes the firmware importable
from plumbline.ports.simulated_flash import SimulatedFlash


class Cut(Enum):
    """Where in its operation the power goes."""

    BEFORE = "before it"
    TORN = "in the middle of it"
    AFTER = "right after it"


class PowerCut(Exception):
    """The board is dead; `flash.content` is what it left."""


class CuttingFlash(SimulatedFlash):
    """`operations` counts programs and erases; the power goes at number `cut_at`, from 1 on, if given.

    `before` and `whole` are the content before that operation and as it would have been after it.
    """

    def __init__(
        self,
        sectors: int,
        content: bytes | bytearray | None = None,
        cut_at: int = 0,
        how: Cut = Cut.TORN,
        seed: int = 0,
    ) -> None:
        super().__init__(sectors, None if content is None else bytearray(content))
        self.operations = 0
        self.cut_at = cut_at
        self.before = self.whole = b""
        self._how = how
        self._random = random.Random(f"{seed} {cut_at} {how}")

    def program(self, at: int, page: bytes) -> None:
        """A program; PowerCut if it is its turn."""
        old = bytes(self.content[at : at + len(page)])
        done = self._random.randrange(len(page))
        torn = page[:done] + old[done:]
        if self._random.random() < 0.5:
            torn = bytes(a & (b | self._random.randrange(256)) for a, b in zip(old, page, strict=True))
        self._do(at, page, torn)

    def erase(self, at: int) -> None:
        """An erase; PowerCut if it is its turn."""
        old = bytes(self.content[at : at + 4096])
        done = self._random.random()
        torn = bytes(
            255
            if self._random.random() < done
            else byte | self._random.choice((0, 255, self._random.randrange(256)))
            for byte in old
        )
        self._do(at, b"\xff" * len(old), torn)

    def _do(self, at: int, new: bytes, torn: bytes) -> None:
        self.operations += 1
        cut = self.operations == self.cut_at
        if cut:
            self.before = bytes(self.content)
        self.content[at : at + len(new)] = new
        if cut:
            self.whole = bytes(self.content)
            if self._how is not Cut.AFTER:
                left = torn if self._how is Cut.TORN else self.before[at : at + len(new)]
                self.content[at : at + len(new)] = left
            raise PowerCut
