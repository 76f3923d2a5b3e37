"""Values of every packet, and the bytes that the firmware's own packer makes of them."""

import random
from collections.abc import Iterator

from host_tools.ground.model import Packet
from plumbline.link import dictionary as flight
from plumbline.link.packet import OutgoingPacket

RANDOM_VALUES = 40
FLIGHT_TYPES = {packet.name: packet for packet in flight.PACKETS}


def firmware_packet(packet: Packet, values: list[int], board: int, sequence: int = 0) -> bytes:
    """The packet without its frame, as a board packs it."""
    outgoing = OutgoingPacket(FLIGHT_TYPES[packet.name], board)
    for index, value in enumerate(values):
        outgoing.values[index] = value
    outgoing._sequence = sequence
    outgoing.encode()
    return bytes(outgoing._packet)


def firmware_frame(packet: Packet, values: list[int], board: int) -> bytes:
    """The same with its frame."""
    outgoing = OutgoingPacket(FLIGHT_TYPES[packet.name], board)
    for index, value in enumerate(values):
        outgoing.values[index] = value
    return bytes(outgoing.encode())


def values_of(packet: Packet, seed: int = 1) -> Iterator[list[int]]:
    """Least and most of all fields and of each one, zeros, and random values.

    A field whose values have names takes only those; every other one what its type carries on a board.
    """
    noise = random.Random(seed)
    choices = [
        sorted(value for _, value in field.labels) or [field.type.least, field.type.most]
        for field in packet.fields
    ]
    least, most = [choice[0] for choice in choices], [choice[-1] for choice in choices]
    yield least
    yield most
    for index in range(len(choices)):
        yield [*least[:index], most[index], *least[index + 1 :]]
        yield [*most[:index], least[index], *most[index + 1 :]]
    for _ in range(RANDOM_VALUES):
        yield [
            noise.choice(choice) if field.labels else noise.randint(choice[0], choice[-1])
            for field, choice in zip(packet.fields, choices, strict=True)
        ]
