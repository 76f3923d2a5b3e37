"""package.json: what `mpremote mip install package.json` brings from a clone, by the real mpremote."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mpremote import mip

from host_tools.checks.mpy_compile import ROOT, is_host_only
from host_tools.flash import mip_package

FIRMWARE = ROOT / "firmware"


class FolderTransport:
    """A folder in place of a board, for mpremote's installer."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def fs_exists(self, path: str) -> bool:
        return self._path(path).exists()

    def fs_mkdir(self, path: str) -> None:
        self._path(path).mkdir()

    def fs_writefile(self, path: str, data: bytes, progress_callback=None) -> None:
        self._path(path).write_bytes(data)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The folder that the installer has filled, from a clone as one would from its root."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "lib").mkdir()
    mip._install_package(FolderTransport(tmp_path), "package.json", mip._PACKAGE_INDEX, "/lib", None, True)
    return tmp_path / "lib"


def test_package_json_is_what_make_package_writes(capsys):
    assert mip_package.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_package_json_is_told(tmp_path, monkeypatch, capsys):
    stale = tmp_path / "package.json"
    stale.write_text(mip_package.content().replace("tfmini.py", "tfmimi.py"))
    monkeypatch.setattr(mip_package, "PACKAGE", stale)
    assert mip_package.main(["--check"]) == 1
    assert capsys.readouterr().err == "package.json is stale: run `make package`\n"
    assert mip_package.main([]) == 0
    assert mip_package.main(["--check"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["package.json"]


def test_the_installer_brings_all_of_the_flight_code_byte_for_byte(installed):
    wanted = {path for path in (FIRMWARE / "plumbline").rglob("*.py") if not is_host_only(path)}
    brought = {path.relative_to(installed) for path in installed.rglob("*.py")}
    assert brought == {path.relative_to(FIRMWARE) for path in wanted}
    for path in brought:
        assert (installed / path).read_bytes() == (FIRMWARE / path).read_bytes()


def test_a_driver_that_was_installed_works_without_the_clone(installed):
    # On a host: the installed kernels are MicroPython's, for which the host's modules stand in.
    modules = ROOT / "host_tools" / "host_board" / "modules"
    program = (
        f"import sys; sys.path[:0] = [{str(installed)!r}, {str(modules)!r}]\n"
        "from plumbline.drivers.tfmini import Tfmini\n"
        "class Uart:\n"
        "    def readinto(self, buffer):\n"
        "        buffer[:9] = bytes.fromhex('5959 2801 f401 0200 d2'); return 9\n"
        "driver = Tfmini(Uart()); print(driver.poll(), driver.readings[2])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        env={"PLUMBLINE_KERNELS": "plain"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "1 2960\n", done.stderr


def test_the_rows_are_paths_that_there_are():
    rows = json.loads((ROOT / "package.json").read_text())["urls"]
    assert len(rows) > 40
    assert all((ROOT / source).is_file() for _, source in rows)
    assert [target for target, _ in rows] == sorted(target for target, _ in rows)


def test_mpremote_installs_it_on_an_emulated_board_and_a_driver_runs(firmware, tmp_path):
    show = "from plumbline.kernels.thermistor import log2_q24; print(log2_q24(1024) >> 24)"
    command = [sys.executable, "-m", "host_tools.cli", "emulate", "bench_pico", "--empty"]
    command += ["--flash", str(tmp_path / "flash"), "--uf2", str(firmware.uf2), "--"]
    command += ["mpremote", "connect", "$PORT", "mip", "install", "package.json", "+", "exec", show]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split()[-1] == "10"
    assert "Installing: /lib/plumbline/drivers/vl53l1x.py" in done.stdout
