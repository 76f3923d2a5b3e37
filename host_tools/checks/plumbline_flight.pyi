# What host_tools/flash/flight_image.py freezes into the flight firmware beside the flight code.
HASH: str
KEPT_BLOCK: int
KEPT_BLOCK_BYTES: int
