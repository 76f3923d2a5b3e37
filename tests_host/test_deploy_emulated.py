"""`make flash` through the unmodified mpremote onto an emulated Pico that runs the real firmware.

Most tests flash a small board, `bench`, whose main.py announces itself and never ends, as a flight program
does. The tool is killed and the chip reset in the middle of the copy; the next run brings the board right.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from host_tools.emulator.chip import Chip
from host_tools.emulator.terminal import Terminal
from host_tools.flash import board_files
from host_tools.flash.board_files import description
from host_tools.flash.deployment import DeployError, Progress, deploy
from host_tools.flash.firmware import firmware
from host_tools.flash.plan import Plan
from host_tools.flash.remote import Remote

MAIN = """\
import json
from plumbline import wire
with open("plumbline.json") as manifest:
    print("plumbline bench", json.load(manifest)["hash"][:8], "ready")
while wire.SPEED:
    pass
"""
SOURCES = {
    "firmware/plumbline/__init__.py": "",
    "firmware/plumbline/wire.py": "SPEED = 3\n",
    "firmware/plumbline/table.py": f"TABLE = {bytes(range(256)) * 16!r}\n",
    "boards/bench/board.json": '{"mcu": "rp2040", "port": "rp2", "firmware": "RPI_PICO"}\n',
    "boards/bench/pins.csv": "signal,gpio\nled,25\n",
    "boards/bench/boot.py": "print('booting')\n",
    "boards/bench/main.py": MAIN + "from plumbline import table\n",
}


class Pico:
    """An emulated board on a PTY, served by a thread."""

    def __init__(self) -> None:
        self.chip = Chip(firmware().uf2)
        self.terminal = Terminal(self.chip)
        self._orders: list[Callable[[], None]] = []
        self._ended = False
        self._thread = threading.Thread(target=self.terminal.serve, args=(self._look,), daemon=True)
        self._thread.start()

    def _look(self) -> bool:
        while self._orders:
            self._orders.pop(0)()
        return self._ended

    def order(self, action: Callable[[], None]) -> None:
        """Have something done to the chip between two slices."""
        self._orders.append(action)
        while self._orders:
            time.sleep(0.001)

    def remote(self, stall_s: float = 20.0) -> Remote:
        return Remote(self.terminal.port, stall_s=stall_s)

    def files(self) -> set[str]:
        """What is in the board's root."""
        return set(eval(self.remote().run(["exec", "import os\nprint(os.listdir())"])[-1]))

    def close(self) -> None:
        self._ended = True
        self._thread.join()
        self.terminal.close()
        self.chip.close()


@pytest.fixture
def pico():
    board = Pico()
    yield board
    board.close()


@pytest.fixture
def house(tmp_path, monkeypatch):
    for path, text in SOURCES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(board_files, "BOARDS", tmp_path / "boards")
    monkeypatch.setattr(board_files, "FIRMWARE", tmp_path / "firmware")
    return tmp_path


def flash(pico: Pico, board: str, progress: Progress | None = None, stall_s: float = 20.0) -> Plan:
    return deploy(description(board), pico.remote(stall_s), progress=progress)[0]


def test_a_flight_board_is_flashed_announces_itself_and_is_then_up_to_date(pico):
    count = len(board_files.board_files("propulsion_pico"))
    hash8 = board_files.manifest_hash(board_files.board_files("propulsion_pico"))[:8]
    command = [sys.executable, "-m", "host_tools.flash.deploy", "propulsion_pico"]
    environment = {**os.environ, "PORT": pico.terminal.port}
    for copied in (f"{count} of {count} files copied (", "nothing to copy, verified; "):
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"propulsion_pico on {pico.terminal.port}: {copied}")
        assert f"verified; {hash8} ready after" in done.stdout


@pytest.mark.usefixtures("house")
def test_a_tool_that_is_killed_in_the_middle_leaves_a_board_that_the_next_run_brings_right(pico):
    def kill(path: str, _before: int, _total: int) -> None:
        if path.endswith("table.mpy"):
            raise KeyboardInterrupt  # ends mpremote too, at once

    with pytest.raises(KeyboardInterrupt):
        flash(pico, "bench", kill)
    assert not {"main.py", "plumbline.json"} & pico.files()
    todo = flash(pico, "bench")
    assert "plumbline/table.mpy" in todo.copied
    assert flash(pico, "bench").nothing_to_do


@pytest.mark.parametrize("cut", ["reset", "power_cycle"])
def test_a_board_that_starts_anew_in_the_middle_is_one_line_and_the_next_run_brings_it_right(
    pico, house, cut
):
    flash(pico, "bench")
    (house / "firmware/plumbline/table.py").write_text(SOURCES["firmware/plumbline/table.py"] * 2)

    def restart(path: str, _before: int, _total: int) -> None:
        if path.endswith("table.mpy"):
            time.sleep(0.1)
            pico.order(getattr(pico.chip, cut))

    with pytest.raises(
        DeployError, match=r"; the copy is not complete: run the same command again$"
    ) as failed:
        flash(pico, "bench", restart, stall_s=5.0)
    assert "\n" not in str(failed.value)
    assert not {"main.py", "plumbline.json"} & pico.files()
    flash(pico, "bench")
    assert flash(pico, "bench").nothing_to_do
