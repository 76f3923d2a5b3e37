"""An emulated board on its way to death: when it died, and what its outputs did before and after."""

from host_tools.emulator.chip import Chip, ChipError, Slice
from host_tools.emulator.flying_board import outputs_of
from host_tools.host_board.lander import pin_table


class DyingBoard:
    """Its death is marked by its `led`, or by whoever lays hands on it."""

    def __init__(self, chip: Chip, board: str) -> None:
        pins = pin_table(board)
        self.chip = chip
        self.outputs = {pins.gpio(name): name for name in outputs_of(pins)}
        self._led = pins.gpio("led")
        self._edges: list[tuple[int, int, int]] = []
        self.died_ns: int | None = None
        self.said = b""
        self.resets: list[str] = []
        chip.watch([self._led, *self.outputs])

    def run(self, until_ns: int, usb: bytes = b"") -> None:
        """Let the board run."""
        slice_: Slice = self.chip.run(until_ns, usb)
        if slice_.fault is not None:
            raise ChipError(f"the board has stopped: {slice_.fault}")
        self.said += slice_.usb
        self.resets += [reset.cause for reset in slice_.resets]
        for edge in slice_.edges:
            if edge[1] == self._led:
                if edge[2] and self.died_ns is None:
                    self.died_ns = edge[0]
            else:
                self._edges.append(edge)

    def type(self, *keys: bytes, gap_ns: int = 300_000) -> None:
        """Keys from the USB port; the first one is the moment of death."""
        self.died_ns = self.chip.now_ns
        for key in keys:
            self.run(self.chip.now_ns + gap_ns, key)

    def pull_run_low(self) -> None:
        """The reset button."""
        self.died_ns = self.chip.now_ns
        self.chip.reset()

    def flown(self) -> set[int]:
        """GPIOs of the outputs that have been on so far."""
        return {gpio for _, gpio, level in self._edges if level}

    def burning_since(self) -> int | None:
        """When the first output went on."""
        return next((at_ns for at_ns, _, level in self._edges if level), None)

    def open_at(self, at_ns: int) -> set[int]:
        """GPIOs of the outputs that are on then."""
        levels = {gpio: level for when_ns, gpio, level in self._edges if when_ns < at_ns}
        return {gpio for gpio, level in levels.items() if level}

    def last_closing_ns(self) -> int | None:
        """When the last output went off; None while one is on."""
        if self.open_at(self.chip.now_ns):
            return None
        return max((at_ns for at_ns, _, level in self._edges if not level), default=0)
