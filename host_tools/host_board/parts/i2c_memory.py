"""A simulated I2C part as its wires show it: a pointer of one or two bytes, then registers in order.

A part that makes more of it overrides `get` and `put`, which see one byte of one register each.
"""


class I2cMemory:
    """Registers behind a pointer of `pointer_bytes`, high byte first."""

    def __init__(self, pointer_bytes: int = 1) -> None:
        self.pointer = 0
        self.is_powered = True
        self._pointer_bytes = pointer_bytes
        self._pointing = 0  # bytes of the pointer that are still to come

    def get(self, register: int) -> int:
        """The byte at a register."""
        raise NotImplementedError

    def put(self, register: int, byte: int) -> bool:
        """A byte for a register; False refuses it."""
        raise NotImplementedError

    def step(self, register: int) -> int:
        """The register after this one."""
        return register + 1

    def start(self, reading: bool) -> bool:
        """A start with the part's address."""
        if self.is_powered and not reading:
            self._pointing = self._pointer_bytes
            self.pointer = 0
        return self.is_powered

    def write(self, byte: int) -> bool:
        """A byte of the pointer, or one for the register that it points at."""
        if self._pointing:
            self._pointing -= 1
            self.pointer = self.pointer << 8 | byte
            return True
        taken = self.put(self.pointer, byte)
        self.pointer = self.step(self.pointer)
        return taken

    def read(self) -> int:
        """The byte pointed at."""
        byte = self.get(self.pointer)
        self.pointer = self.step(self.pointer)
        return byte

    def stop(self) -> None:
        """The pointer stays."""
