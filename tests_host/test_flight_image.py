"""Firmware with the flight code in it: the same flight as from files, sooner after a reset, more heap."""

import json
from array import array

import pytest

from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import image
from host_tools.emulator.flying_board import FlyingBoard
from host_tools.emulator.lander import EmulatedLander
from host_tools.flash import flight_image as command
from host_tools.flash import plan
from host_tools.flash.board_files import MANIFEST, board_files, description
from host_tools.flash.deployment import Found, files_for
from host_tools.flash.firmware import FirmwareError
from host_tools.flash.flight_image import flight_code_in, flight_modules, hash_of, of_present_code
from host_tools.host_board.lander import pin_table
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World

BOARDS = ("navigation_pico", "propulsion_pico")
RESET = b"import time, machine\ntime.sleep_ms(300)\nmachine.reset()\n"


@pytest.fixture(scope="module")
def flight():
    """The image, built when something in it has changed."""
    return command.flight_image()


def ready_ns(flight, name, tmp_path):
    """From a watchdog reset to the rising edge of the first tick's mark."""
    flash = tmp_path / "flash"
    again = b"if machine.reset_cause() == 1:\n    machine.WDT(timeout=1)\n    while True:\n        pass\n"
    main = b"import machine\n" + again + board_files(name)["main.py"]
    flash.write_bytes(image(flight, {**board_files(name, flight_code_in(flight)), "main.py": main}))
    gpio, strap = pin_table(name).gpio("tick"), pin_table(name).gpio("strap")
    with Chip(None, flash) as chip:
        chip.watch([gpio])
        reset_ns = None
        while chip.now_ns < 3_000_000_000:
            slice_ = chip.run(chip.now_ns + 10_000_000, pins=[(chip.now_ns, strap, 1)])
            assert slice_.fault is None
            for reset in slice_.resets:
                if reset.cause == "watchdog":
                    reset_ns = reset.at_ns
            for at_ns, _, level in slice_.edges:
                if level and reset_ns is not None and at_ns > reset_ns:
                    return at_ns - reset_ns
    raise AssertionError(f"{name} does not tick after a reset")


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_ticks_a_fifth_of_a_second_after_a_watchdog_reset(flight, name, tmp_path):
    assert 50_000_000 < ready_ns(flight, name, tmp_path) < 200_000_000


def test_every_tick_with_frozen_kernels_is_the_host_boards_tick(flight):
    scenario = load("resilience_nominal")
    world = World(scenario, 3)
    # the lander compares each array of both boards with the host board's after each tick
    with EmulatedLander(world, flight_parameters(scenario.vehicle), flight) as lander:
        for _ in range(300):
            lander.step()
        assert len(lander.tick_ns["navigation"]) == 300
        assert array("i", lander.navigation.guidance)[0] > 0


def test_the_navigation_board_has_most_of_its_heap_to_itself(flight):
    main = board_files("navigation_pico")["main.py"].rstrip()
    head, _, last = main.rpartition(b"\n")
    ask = b"\nimport gc\ngc.collect()\nprint('free', gc.mem_free())\nprogram.run()\n"
    program = head + b"\nprogram = " + last.removesuffix(b".run()") + ask
    with FlyingBoard("navigation_pico", flight, {}, {"main.py": program}) as board:
        free = next(line.split()[1] for line in board.console.decode().splitlines() if "free" in line)
    assert int(free) > 150_000


def test_what_is_in_an_image_is_named_and_other_code_is_refused(flight, firmware, monkeypatch):
    assert flight_code_in(firmware.uf2) is None
    assert of_present_code(firmware.uf2) is None
    assert of_present_code(flight) == hash_of(flight_modules())
    monkeypatch.setattr(command, "flight_modules", lambda: {"plumbline/x.mpy": b"M\x06"})
    with pytest.raises(FirmwareError, match="has other flight code in it: build it anew"):
        of_present_code(flight)


def test_a_slot_that_nobody_asks_for_is_left_out_and_every_other_one_stays():
    texts = {
        "plumbline/kernels/slots.py": "from micropython import const\nA_X = const(1)\nA_Y = const(-2)\n",
        "plumbline/x.py": "from plumbline.kernels import slots\nprint(slots.A_Y)\n",
    }
    slots = command.without_unused_slots(texts)["plumbline/kernels/slots.py"]
    assert slots == "from micropython import const\nA_Y = const(-2)\n"


def test_the_hash_tells_every_change_of_path_or_content():
    modules = {"a.mpy": b"12", "b.mpy": b"3"}
    others = ({"a.mpy": b"1", "b.mpy": b"23"}, {"a.mpy": b"12", "c.mpy": b"3"}, {"a.mpy": b"12"})
    assert hash_of(dict(reversed(modules.items()))) == hash_of(modules)
    assert len({hash_of(modules), *(hash_of(other) for other in others)}) == 4


def test_a_board_with_the_code_in_its_firmware_gets_data_only_and_loses_the_files():
    board = description("navigation_pico")
    named = hash_of(flight_modules())
    files = files_for(board, Found({"flight": named}, {}))
    assert {path for path in files if path.endswith(".mpy")} == set()
    assert json.loads(files[MANIFEST])["flight"] == named
    before = board_files("navigation_pico")
    there = dict.fromkeys(before, "0") | {"plumbline": plan.FOLDER, "plumbline/link": plan.FOLDER}
    todo = plan.make(files, there)
    assert {path for path in before if path.endswith(".mpy")} <= set(todo.stale)
    assert todo.removed_folders == ["plumbline/link", "plumbline"]
    # firmware with other flight code: files go before it
    assert files_for(board, Found({"flight": "0" * 64}, {})) == before
    assert files_for(board, Found({}, {})) == before


def test_the_command_says_where_the_image_is_and_what_is_in_it(flight, capsys, monkeypatch):
    assert command.main() == 0
    said = capsys.readouterr().out
    assert str(flight) in said
    assert f"{len(flight_modules())} modules, {hash_of(flight_modules())[:8]}" in said

    def refused():
        raise FirmwareError("no toolchain for the RP2040")

    monkeypatch.setattr(command, "flight_image", refused)
    assert command.main() == 1
    assert capsys.readouterr().err == "no toolchain for the RP2040\n"
