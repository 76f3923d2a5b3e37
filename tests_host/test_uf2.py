"""UF2 files: what is written is read back; a file that no RP2040 would take is refused with the reason."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.flash import uf2
from host_tools.flash.uf2 import FLASH_BYTES, FLASH_START, Uf2Error, parse


@pytest.fixture
def blocks(tmp_path):
    """The blocks of a sound file of three, as a list to spoil."""
    path = tmp_path / "sound.uf2"
    uf2.write(path, bytes(range(256)) * 3)
    content = path.read_bytes()
    return [bytearray(content[at : at + 512]) for at in range(0, len(content), 512)]


def words(block, *values_at):
    """Put 32-bit words into a block: (offset, value) pairs."""
    for offset, value in values_at:
        struct.pack_into("<I", block, offset, value)


def refused(blocks):
    with pytest.raises(Uf2Error) as error:
        parse(b"".join(blocks), "planted.uf2")
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("planted.uf2")
    return str(error.value)


@given(st.binary(min_size=1, max_size=2000), st.integers(0, FLASH_BYTES // 256 - 8))
def test_what_is_written_is_read_back(tmp_path_factory, data, page):
    path = tmp_path_factory.getbasetemp() / "some.uf2"
    start = FLASH_START + 256 * page
    uf2.write(path, data, start)
    filled = -(-len(data) // 256) * 256
    assert uf2.read(path).parts == ((start, data.ljust(filled, b"\0")),)
    assert uf2.read(path).flash_bytes == 256 * page + filled
    assert path.stat().st_size == filled * 2


def test_a_block_has_the_words_of_the_format(blocks):
    # flags: a family is given; 0x100 bytes at 0x10000100; block 1 of 3; RP2040
    assert struct.unpack_from("<8I", blocks[1]) == (
        0x0A324655, 0x9E5D5157, 0x2000, 0x10000100, 0x100, 1, 3, 0xE48BFF56,
    )  # fmt: skip
    assert blocks[1][-4:] == bytes.fromhex("306fb10a")


def test_blocks_may_come_in_any_order_and_leave_gaps(blocks):
    words(blocks[2], (12, FLASH_START + 0x1000))
    image = parse(b"".join(reversed(blocks)))
    assert [(address, len(data)) for address, data in image.parts] == [(FLASH_START, 512), (0x10001000, 256)]
    assert image.flash_bytes == 0x1100


def test_blocks_that_are_not_for_flash_or_for_another_chip_are_passed_over(blocks):
    words(blocks[0], (8, 0x2001))
    words(blocks[1], (28, 0xE48BFF57))
    words(blocks[2], (24, 1))
    assert parse(b"".join(blocks)).parts == ((FLASH_START + 512, bytes(range(256))),)


def test_what_is_no_uf2_file_is_refused(blocks, tmp_path):
    assert refused([b"\x7fELF" + bytes(508)]) == (
        "planted.uf2 is no UF2 file: it does not begin with UF2's magic number"
    )
    assert "is no UF2 file" in refused([])
    with pytest.raises(Uf2Error, match="cannot be read: No such file"):
        uf2.read(tmp_path / "nothing.uf2")


def test_a_truncated_file_is_refused_wherever_it_ends(blocks):
    assert refused([*blocks[:2], blocks[2][:100]]) == (
        "planted.uf2 is truncated: 1124 bytes are no whole number of 512-byte blocks"
    )
    assert refused(blocks[:2]) == "planted.uf2 is truncated: it has 2 of 3 blocks"
    assert refused(blocks[1:]) == "planted.uf2 is truncated: it has 2 of 3 blocks"


def test_a_damaged_block_is_refused(blocks):
    words(blocks[1], (508, 0))
    assert refused(blocks) == "planted.uf2 is damaged: no UF2 block at byte 512"
    words(blocks[1], (508, 0x0AB16F30), (4, 0))
    assert refused(blocks) == "planted.uf2 is damaged: no UF2 block at byte 512"


def test_firmware_for_another_chip_is_refused_by_name(blocks):
    for block in blocks:
        words(block, (28, 0xE48BFF59))
    assert refused(blocks) == "planted.uf2 is not for an RP2040, but for: RP2350"
    for block in blocks:
        words(block, (28, 0x12345678))
    assert refused(blocks).endswith("but for: family 0x12345678")
    for block in blocks:
        words(block, (8, 1))
    assert refused(blocks).endswith("no board (it has no flash block)")


@pytest.mark.parametrize("address", [0x20000000, FLASH_START - 256, FLASH_START + FLASH_BYTES])
def test_a_block_outside_the_flash_is_refused(blocks, address):
    words(blocks[1], (12, address))
    assert refused(blocks) == (
        f"planted.uf2, block 1: {address:#x} is outside the flash (0x10000000 to 0x101fffff)"
    )


def test_a_block_that_the_boot_rom_would_not_take_is_refused(blocks):
    words(blocks[1], (12, 0x10000180))
    assert refused(blocks).endswith("256 bytes at 0x10000180, but an RP2040 takes 256, aligned")
    words(blocks[1], (12, 0x10000100), (16, 476))
    assert refused(blocks).endswith("476 bytes at 0x10000100, but an RP2040 takes 256, aligned")


def test_two_blocks_that_contradict_each_other_are_refused(blocks):
    words(blocks[2], (12, 0x10000100))
    blocks[2][32] ^= 1
    assert refused(blocks) == "planted.uf2 writes 0x10000100 twice and differently (block 2)"


@pytest.mark.parametrize("data, start", [(b"", FLASH_START), (b"x", 0), (bytes(257), 0x101FFF00)])
def test_an_image_that_does_not_fit_is_not_written(tmp_path, data, start):
    with pytest.raises(Uf2Error, match="are no image for a flash of 2097152 bytes"):
        uf2.write(tmp_path / "never.uf2", data, start)
    assert not list(tmp_path.iterdir())
