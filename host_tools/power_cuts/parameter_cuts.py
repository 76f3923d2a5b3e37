"""The parameters' two slots under power cuts: at every operation of several changes, and again in the next.

What must hold after a cut: the set that a board finds at boot is the one before or the one after the change
under way, never a mixture, never one older; and it can be changed again.
"""

from array import array
from collections.abc import Iterator

from host_tools.power_cuts.cutting_flash import Cut, CuttingFlash, PowerCut
from plumbline.services.raw_flash import RawFlash
from plumbline.services.stored_parameters import LOST, StoredParameters

SECTORS = 2
PARAMETERS = 130  # more than a page of them: a slot takes three pages
_DEFAULT = -1
_LEAST, _MOST = -(2**30), 2**30 - 1  # so that nothing but the check of a slot finds what is torn


class Board:
    """A board with PARAMETERS parameters, of which each has the number of the set that it belongs to."""

    def __init__(self, flash: CuttingFlash) -> None:
        self._values = array("i", [_DEFAULT] * PARAMETERS)
        fields = [(f"parameter_{i}", self._values, i, _LEAST, _MOST) for i in range(PARAMETERS)]
        self._stored = StoredParameters(RawFlash(flash, 0, SECTORS), fields)
        self.found = self._stored.load()

    def change(self, number: int) -> None:
        """Store set `number`; PowerCut may come in between."""
        for i in range(PARAMETERS):
            self._stored.change(i, _value(number, i))
        assert self._stored.save()

    def number(self) -> int:
        """The set that the board has, 0 for the default one. AssertionError if it is none of them."""
        if all(value == _DEFAULT for value in self._values):
            return 0
        numbers = {number for number in range(1, 100) if self._values[0] == _value(number, 0)}
        assert numbers, "a value that was never stored"
        (number,) = numbers
        assert all(value == _value(number, i) for i, value in enumerate(self._values)), (
            "a mixture of two sets"
        )
        return number


def _value(number: int, index: int) -> int:
    return (number * 7_919 + index * 104_729) % 100_000_000


def operations_of(changes: int) -> int:
    """How many programs and erases so many changes make."""
    flash = CuttingFlash(SECTORS)
    _change(Board(flash), 1, changes)
    return flash.operations


def _change(board: Board, first: int, changes: int) -> None:
    for number in range(first, first + changes):
        board.change(number)


def cuts(changes: int) -> Iterator[tuple[int, int, str]]:
    """Every cut in so many changes, each with every cut in the change after it.

    Yields (number of the first cut, of the second or 0, what is wrong or "").
    """
    each = operations_of(1)
    for first in range(1, operations_of(changes) + 1):
        for how in Cut:
            flash = CuttingFlash(SECTORS, None, first, how)
            done = (first - 1) // each
            yield first, 0, _cut(flash, 1, changes, {done, done + 1})
            found = Board(CuttingFlash(SECTORS, bytes(flash.content))).number()
            for again in range(1, each + 1):
                for how_again in Cut:
                    second = CuttingFlash(SECTORS, bytes(flash.content), again, how_again, first)
                    complaint = _cut(second, 50, 1, {found, 50})
                    yield first, again, complaint or _third(bytes(second.content))


def _cut(flash: CuttingFlash, first: int, changes: int, allowed: set[int]) -> str:
    """Change until the power goes; what is wrong with what the next boot finds."""
    try:
        _change(Board(flash), first, changes)
    except PowerCut:
        pass
    else:
        return f"it was over before operation {flash.cut_at}"
    try:
        board = Board(CuttingFlash(SECTORS, bytes(flash.content)))
        number = board.number()
    except AssertionError as error:
        return str(error)
    if number not in allowed:
        return f"set {number} is found, not one of {sorted(allowed)}"
    return "the slots are called lost" if board.found == LOST and number else ""


def _third(content: bytes) -> str:
    """A last change without a cut."""
    flash = CuttingFlash(SECTORS, content)
    Board(flash).change(60)
    number = Board(CuttingFlash(SECTORS, bytes(flash.content))).number()
    return "" if number == 60 else f"after the cuts a change to set 60 leaves set {number}"
