"""A UART whose every read brings the next chunk, for drivers of parts that talk over a serial line."""


class ScriptedUart:
    """It keeps what is written."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.written: list[bytes] = []

    def readinto(self, buffer: memoryview) -> int | None:
        """The next chunk, or as much of it as fits."""
        if not self.chunks:
            return None
        chunk = self.chunks.pop(0)
        if len(chunk) > len(buffer):
            self.chunks.insert(0, chunk[len(buffer) :])
            chunk = chunk[: len(buffer)]
        buffer[: len(chunk)] = chunk
        return len(chunk) or None

    def write(self, data: bytes) -> int:
        """Everything is taken."""
        self.written.append(bytes(data))
        return len(data)


def pieces(stream: bytes, sizes: list[int]) -> list[bytes]:
    """The stream cut into chunks of these sizes, over and over."""
    cut = []
    while stream:
        for size in sizes:
            cut.append(stream[:size])
            stream = stream[size:]
    return [chunk for chunk in cut if chunk]
