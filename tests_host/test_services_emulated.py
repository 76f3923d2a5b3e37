"""Flash services, kept words and the watchdog on the real firmware: cuts, resets, a recorder read out."""

import re
from array import array
from threading import Thread

import pytest

from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import image, storage_of
from host_tools.emulator.terminal import Terminal
from host_tools.flash.board_files import board_files
from host_tools.host_board.lander import pin_table
from host_tools.power_cuts import emulated
from host_tools.power_cuts.durations import measure
from host_tools.recorder.decode import decode
from host_tools.recorder.source import ring_from
from plumbline.link.packet import I32
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import RECORDER_FIRST, RECORDER_SECTORS, SECTORS
from plumbline.services.raw_flash import SECTOR, RawFlash
from plumbline.services.recorder import Recorder, RecordKind

# A propulsion board whose valves' task, after 30 ticks, does what `way` says; each life says what it finds.
STARVING = b"""
import machine
from plumbline.ports import Board
from plumbline.services.health import missing_task
from plumbline.services.reset_log import PROGRAM_ENDED
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

parameters = PropulsionParameters.from_file("parameters.json")
propulsion = Propulsion(Board.from_files("propulsion_pico"), parameters, "limits.json")
log = propulsion.reset_log
print("life", log.cause, log.boots, log.resets, int(log.safe), missing_task(log.reason, log.tasks, 3))
drive = propulsion._drive_valves

def hang():
    if propulsion.rate_group.ticks >= 30:
        while True:
            pass
    drive()

def starve():
    if propulsion.rate_group.ticks >= 30:
        raise MemoryError
    drive()

def leave():
    if propulsion.rate_group.ticks >= 30:
        log.leave_reason(PROGRAM_ENDED)
        machine.reset()
    drive()

propulsion._drive_valves = WAY
propulsion.run()
"""
LIFE = re.compile(r"life (\d+) (\d+) (\d+) (\d+) (-?\d+)")


@pytest.fixture
def starving(firmware, tmp_path):
    """Gives (lives, resets) of a propulsion board that ends in one way, with the strap or without: so many
    lives, or those of so many seconds."""

    def live(way, strap=1, most_lives=9, seconds=9.0):
        flash = tmp_path / "flash"
        main = STARVING.replace(b"WAY", way.encode())
        flash.write_bytes(image(firmware.uf2, {**board_files("propulsion_pico"), "main.py": main}))
        said, resets = b"", []
        gpio = pin_table("propulsion_pico").gpio("strap")
        with Chip(None, flash) as chip:
            while chip.now_ns < seconds * 1e9 and len(LIFE.findall(said.decode())) < most_lives:
                slice_ = chip.run(chip.now_ns + 10_000_000, pins=[(chip.now_ns, gpio, strap)])
                assert slice_.fault is None
                said += slice_.usb
                resets += [reset for reset in slice_.resets if reset.cause != "power"]
        return [tuple(map(int, life)) for life in LIFE.findall(said.decode())], resets

    return live


def test_a_task_that_does_not_come_resets_the_board_and_is_named_until_that_is_too_often(starving):
    lives, resets = starving("starve", most_lives=4)
    assert {reset.cause for reset in resets} == {"watchdog"}
    # cause, boots, resets within a minute, safe mode, the missing task: that of the valves
    assert lives == [(0, 1, 0, 0, -1), (1, 2, 1, 0, 1), (1, 3, 2, 0, 1), (1, 4, 3, 1, 1)]


def test_a_program_that_hangs_is_reset_and_the_task_that_hangs_is_named(starving):
    lives, resets = starving("hang", most_lives=2)
    assert {reset.cause for reset in resets} == {"watchdog"}
    assert lives == [(0, 1, 0, 0, -1), (1, 2, 1, 0, 1)]


def test_a_reset_by_the_program_keeps_its_reason(starving):
    lives, resets = starving("leave", most_lives=2)
    assert {reset.cause for reset in resets} == {"software"}
    assert [life[:4] for life in lives] == [(0, 1, 0, 0), (3, 2, 1, 0)]


def test_a_board_that_is_well_is_not_reset(starving):
    lives, resets = starving("drive", seconds=2.5)
    assert (lives, resets) == ([(0, 1, 0, 0, -1)], [])


def test_without_the_strap_there_is_no_watchdog(starving):
    lives, resets = starving("starve", strap=0, seconds=2.0)
    assert (lives, resets) == ([(0, 1, 0, 0, -1)], [])


def test_power_cuts_on_the_emulated_flash_lose_nothing_that_was_vouched_for():
    assert [cut for cut in emulated.cuts(12) if cut[2]] == []


def test_a_recorder_that_loses_records_is_found_out_on_the_emulated_flash(monkeypatch):
    def forgetful(content):
        ring = decode(content)
        del ring.records[-7:-5]  # as if flash had not kept them
        return ring

    monkeypatch.setattr(emulated, "decode", forgetful)
    assert [cut for cut in emulated.cuts(4) if cut[2]] != []


def test_neither_a_record_nor_a_stored_set_allocates_and_a_page_costs_less_than_a_millisecond(firmware):
    found = measure(firmware.uf2)  # the heap is locked: an allocation ends the program
    assert {"append", "sync", "save", "load", "mount_blank", "mount_full"} < set(found)
    assert 400 < found["write"] < 1_000
    assert 45_000 < found["erase_ahead"] < 47_000
    assert found["mount_ready"] < 100_000


def test_the_recorder_of_a_board_at_a_port_is_read_out_through_mpremote(firmware, tmp_path):
    ring = SimulatedFlash(RECORDER_SECTORS)
    recorder = Recorder(RawFlash(ring, 0, RECORDER_SECTORS))
    recorder.mount()
    for tick in range(600):
        recorder.erase_ahead(2)
        recorder.append(RecordKind(9, [I32] * 20), tick, array("i", range(20)))
        recorder.write()
    flash = tmp_path / "flash"
    content = bytearray(image(firmware.uf2, {"main.py": b"while True: pass"}))
    begin = storage_of(content, flash).start - (SECTORS - RECORDER_FIRST) * SECTOR
    content[begin : begin + len(ring.content)] = ring.content
    flash.write_bytes(content)
    shares, rings, ended = [], [], []
    with Chip(None, flash) as chip, Terminal(chip) as terminal:

        def read():
            try:
                rings.append(ring_from(terminal.port, shares.append))
            finally:
                ended.append(True)

        reader = Thread(target=read)
        reader.start()
        terminal.serve(lambda: bool(ended))
        reader.join()
    assert len(decode(rings[0]).records) > 550
    assert rings[0] == bytes(ring.content)
    assert shares == sorted(shares) and shares[-1] == 1.0
