"""`plumbline recorder`: an image of a flash becomes a table, and what is none is one line."""

import csv
import io
from array import array

import pyarrow.parquet
import pytest

from host_tools.emulator.filesystem import image
from plumbline.link import dictionary
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import RECORDER_FIRST, RECORDER_SECTORS, SECTORS
from plumbline.services.raw_flash import RawFlash
from plumbline.services.recorder import Recorder, RecordKind

REGION_END = 0xA0000  # the firmware's file system begins there


@pytest.fixture
def ring():
    flash = SimulatedFlash(RECORDER_SECTORS)
    recorder = Recorder(RawFlash(flash, 0, RECORDER_SECTORS))
    recorder.mount()
    recorder.erase_ahead(1)

    def append(packet, tick, values):
        recorder.append(RecordKind(packet.function, packet.layout), tick, array("i", values))

    append(dictionary.EVENT, 100_000, [dictionary.TERRAIN_STEP, dictionary.ACTIVITY, 34464, -3001, 0, 0])
    append(dictionary.PROPULSION_STATUS, 100_001, [7, 1, 0x7FFF, 3, 0, 100_001 & 0xFFFF])
    recorder.append(RecordKind(99, [2]), 100_002, array("i", [258]))
    recorder.sync()
    return bytes(flash.content)


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def expect_rows(found):
    assert [row["record"] for row in found] == ["event", "propulsion_status", "kind 99"]
    assert [int(row["tick"]) for row in found] == [100_000, 100_001, 100_002]
    assert int(found[0]["event.argument"]) == -3001
    assert int(found[1]["propulsion_status.valves"]) == 0x7FFF
    assert found[2]["bytes"] == "0102"


def test_a_ring_becomes_a_csv_with_a_column_for_each_field(run, ring, tmp_path):
    (tmp_path / "ring.bin").write_bytes(ring)
    code, out, _ = run("recorder", str(tmp_path / "ring.bin"), "--out", str(tmp_path / "flight.csv"))
    assert (code, out.split(": ")[1]) == (0, "3 records of 1 sectors\n")
    expect_rows(rows(tmp_path / "flight.csv"))
    assert rows(tmp_path / "flight.csv")[0]["propulsion_status.valves"] == ""


def test_the_image_of_a_whole_flash_holds_the_ring_before_the_file_system(run, ring, tmp_path, firmware):
    flash = bytearray(image(firmware.uf2, {}))
    at = REGION_END - (SECTORS - RECORDER_FIRST) * 4096
    flash[at : at + len(ring)] = ring
    (tmp_path / "board.flash").write_bytes(flash)
    code, _, _ = run("recorder", str(tmp_path / "board.flash"), "--out", str(tmp_path / "flight.csv"))
    assert code == 0
    expect_rows(rows(tmp_path / "flight.csv"))


def test_parquet_has_the_same_rows(run, ring, tmp_path):
    (tmp_path / "ring.bin").write_bytes(ring)
    code, _, _ = run("recorder", str(tmp_path / "ring.bin"), "--out", str(tmp_path / "flight.parquet"))
    assert code == 0
    found = pyarrow.parquet.read_table(tmp_path / "flight.parquet").to_pylist()
    expect_rows(found)
    assert found[0]["propulsion_status.valves"] is None


def refused(run, *arguments):
    code, out, err = run("recorder", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err


def test_what_is_no_recorder_is_one_line(run, ring, tmp_path):
    out = tmp_path / "flight.csv"
    (tmp_path / "short").write_bytes(b"abc")
    assert "has 3 bytes" in refused(run, str(tmp_path / "short"), "--out", str(out))
    (tmp_path / "blank").write_bytes(b"\xff" * len(ring))
    assert "holds no recorder" in refused(run, str(tmp_path / "blank"), "--out", str(out))
    (tmp_path / "erased").write_bytes(b"\xff" * 2 * 1024 * 1024)
    assert "no MicroPython" in refused(run, str(tmp_path / "erased"), "--out", str(out))
    assert "neither an image" in refused(run, str(tmp_path / "nothing"), "--out", str(out))
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_one_line_before_anything_is_read(run, ring, tmp_path):
    (tmp_path / "ring.bin").write_bytes(ring)
    assert ".csv nor .parquet" in refused(
        run, str(tmp_path / "ring.bin"), "--out", str(tmp_path / "flight.txt")
    )
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refused(run, str(tmp_path / "ring.bin"), "--out", str(tmp_path / "folder.csv"))


def test_a_torn_page_is_said(run, ring, tmp_path):
    torn = bytearray(ring)
    torn[256 + 20] ^= 1  # in the second record's head
    (tmp_path / "ring.bin").write_bytes(torn)
    code, out, _ = run("recorder", str(tmp_path / "ring.bin"), "--out", str(tmp_path / "flight.csv"))
    assert code == 0
    assert "1 pages with something else" in out
    assert len(rows(tmp_path / "flight.csv")) < 3
