"""A deployment against a board that is a folder, with MicroPython's unix port behind: refused, cut off, done.

The board's own programs (hashing, removing, renaming) are run by MicroPython; mpremote is a stand-in that
takes the same command line. The real mpremote meets the real firmware in test_deploy_emulated.py.
"""

import json
import sys
from pathlib import Path

import pytest

from host_tools.flash import board_files, deployment
from host_tools.flash.board_files import BoardError, description
from host_tools.flash.deployment import DeployError, Progress, deploy
from host_tools.flash.plan import Plan
from host_tools.flash.remote import Remote, RemoteError
from host_tools.flash.unix_port import unix_port

FAKE = Path(__file__).with_name("fake_mpremote.py")
RP2040 = {
    "name": "micropython",
    "version": "1.25.0",
    "mpy": 4 << 10 | 3 << 8 | 6,
    "machine": "Raspberry Pi Pico with RP2040",
    "build": "RPI_PICO",
    "platform": "rp2",
}
SOURCES = {
    "firmware/plumbline/__init__.py": "",
    "firmware/plumbline/wire.py": "SPEED = 3\n",
    "firmware/plumbline/parts/__init__.py": "",
    "firmware/plumbline/parts/lamp.py": "from plumbline import wire\ndef level(): return wire.SPEED\n",
    "boards/bench/board.json": '{"mcu": "rp2040", "port": "rp2", "firmware": "RPI_PICO"}\n',
    "boards/bench/pins.csv": "signal,gpio\nled,25\n",
    "boards/bench/boot.py": "print('booting')\n",
    "boards/bench/main.py": "from plumbline.parts import lamp\n\nprint(lamp.level())\n",
}


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A firmware of four modules and a board called bench, which tests may change."""
    for path, text in SOURCES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(board_files, "BOARDS", tmp_path / "boards")
    monkeypatch.setattr(board_files, "FIRMWARE", tmp_path / "firmware")
    return tmp_path


class Bench:
    """The board: a folder, what it says that it is, and its fuse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.fuse = Path(f"{folder}.fuse")
        self.about(**RP2040)
        program = (sys.executable, str(FAKE), str(folder), str(unix_port().program))
        self.remote = Remote("/dev/bench", program)
        self.heard: list[tuple[str, ...]] = []

    def about(self, **stated: object) -> None:
        Path(f"{self.folder}.about").write_text(json.dumps({**RP2040, **stated}))

    def resets(self) -> int:
        log = Path(f"{self.folder}.resets")
        return len(log.read_text().splitlines()) if log.exists() else 0

    def files(self) -> dict[str, bytes]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}

    def put(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def deploy(self, force: bool = False, dry_run: bool = False, progress: Progress | None = None) -> Plan:
        board = description("bench")
        todo, _ready_s = deploy(
            board, self.remote, force=force, dry_run=dry_run, progress=progress, listen=self._listen
        )
        return todo

    def _listen(self, *asked: str) -> float:
        self.heard.append(asked)
        return 0.5


@pytest.fixture
def bench(house, tmp_path):
    del house
    return Bench(tmp_path / "bench")


def test_an_empty_board_gets_every_file_is_reset_once_and_listened_to(bench):
    todo = bench.deploy()
    wanted = board_files.board_files("bench")
    assert bench.files() == wanted
    assert sorted(todo.copied) == sorted(wanted)
    assert bench.resets() == 1
    assert bench.heard == [("/dev/bench", "bench", board_files.manifest_hash(wanted)[:8])]


def test_what_arrived_is_what_the_board_runs(bench):
    # On the unix port: an .mpy without native code is for every processor.
    bench.deploy()
    done = bench.remote.run(["exec", "import main"])
    assert done[-1] == "3"


def test_a_second_deployment_copies_nothing_but_resets_and_listens(bench):
    bench.deploy()
    todo = bench.deploy()
    assert todo.nothing_to_do
    assert (bench.resets(), len(bench.heard)) == (2, 2)


def test_only_what_changed_is_copied_and_main_and_manifest_come_last(bench, house):
    bench.deploy()
    (house / "firmware/plumbline/wire.py").write_text("SPEED = 4\n")
    todo = bench.deploy()
    assert todo.copied == ["plumbline/wire.mpy", "main.py", "plumbline.json"]
    assert bench.files() == board_files.board_files("bench")


def test_with_force_every_file_is_copied(bench):
    bench.deploy()
    assert sorted(bench.deploy(force=True).copied) == sorted(board_files.board_files("bench"))


def test_what_is_stale_goes_and_files_of_the_users_own_stay(bench):
    bench.put("plumbline/wire.py", "a source hides the .mpy beside it")
    bench.put("plumbline/old/part.mpy", "of an earlier version")
    bench.put("parameters.json", "of another board")
    bench.put("main.py.new", "of a copy that was cut off")
    bench.put("notes.txt", "mine")
    bench.put("lib/mine.py", "mine")
    todo = bench.deploy()
    mine = {"notes.txt": b"mine", "lib/mine.py": b"mine"}
    assert bench.files() == {**board_files.board_files("bench"), **mine}
    assert not (bench.folder / "plumbline/old").exists()
    assert sorted(todo.stale) == [
        "main.py.new",
        "parameters.json",
        "plumbline/old/part.mpy",
        "plumbline/wire.py",
    ]


def test_a_file_in_the_place_of_the_packages_folder_makes_room(bench):
    bench.put("plumbline", "a file")
    bench.deploy()
    assert bench.files() == board_files.board_files("bench")


def test_a_dry_run_says_what_and_copies_nothing(bench):
    todo = bench.deploy(dry_run=True)
    assert sorted(todo.copied) == sorted(board_files.board_files("bench"))
    assert (bench.files(), bench.resets(), bench.heard) == ({}, 1, [])


def test_progress_is_told_for_each_file_with_the_bytes_before_it(bench):
    told = []
    bench.deploy(progress=lambda *said: told.append(said))
    files = board_files.board_files("bench")
    assert [path for path, _, _ in told] == list(files)
    total = sum(map(len, files.values()))
    assert told[0][1:] == (0, total)
    assert told[-1][1:] == (total - len(files["plumbline.json"]), total)


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        (
            {"mpy": 10 << 10 | 3 << 8 | 6, "machine": "Generic ESP32 module with ESP32", "platform": "esp32"},
            r"the board on /dev/bench is another one: Generic ESP32 module with ESP32 \(xtensawin\),"
            r" but bench is an rp2040 \(armv6m\); nothing was copied",
        ),
        ({"machine": "Raspberry Pi Pico2 with RP2350"}, "is another one: Raspberry Pi Pico2 with RP2350"),
        ({"mpy": 0}, r"\(no native code\)"),
        ({"version": "1.26.1"}, "runs MicroPython 1.26.1, but 1.25.0 is pinned: put RPI_PICO 1.25.0 onto it"),
        ({"build": "RPI_PICO_W"}, "runs the build RPI_PICO_W, but bench is for RPI_PICO"),
        ({"name": "circuitpython"}, "runs circuitpython, not MicroPython"),
    ],
)
def test_a_board_that_is_not_the_right_one_is_left_as_it_was_with_one_line(bench, stated, line):
    bench.put("main.py", "something else")
    bench.about(**stated)
    with pytest.raises(DeployError, match=line) as refused:
        bench.deploy()
    assert "\n" not in str(refused.value)
    assert bench.files() == {"main.py": b"something else"}
    assert bench.resets() == 1  # what it ran goes on


def test_wherever_the_power_fails_no_half_program_boots_and_the_next_run_brings_the_board_right(bench, house):
    bench.deploy()
    old = bench.files()
    (house / "firmware/plumbline/wire.py").write_text("SPEED = 4\n")
    (house / "boards/bench/boot.py").write_text("print('booting anew')\n")
    (house / "boards/bench/main.py").write_text("from plumbline import wire\n\nprint(wire.SPEED)\n")
    new = board_files.board_files("bench")
    cuts = 0
    while True:
        for path in list(bench.files()):
            (bench.folder / path).unlink()
        for path, content in old.items():
            (bench.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (bench.folder / path).write_bytes(content)
        bench.fuse.write_text(str(cuts))
        try:
            bench.deploy()
            break
        except DeployError as cut:
            assert str(cut) == (
                "the board on /dev/bench went away; the copy is not complete: run the same command again"
            )
        left = bench.files()
        if "main.py" in left:
            assert _flown(left) in (_flown(old), _flown(new))
        if board_files.MANIFEST in left:
            assert left in (old, new)
        bench.fuse.unlink()
        bench.deploy()
        assert bench.files() == new
        cuts += 1
    # manifest, main.py, two stale files and their folder go; four files are copied; three renamed
    assert cuts == 5 + 4 + 3


def _flown(files: dict[str, bytes]) -> dict[str, bytes]:
    """What the flight program consists of."""
    return {path: it for path, it in files.items() if path != "plumbline.json" and not path.endswith(".new")}


def test_a_copy_that_is_not_what_was_sent_is_found_on_the_board(bench, monkeypatch):
    copies = deployment._copies

    def spoiled(todo, files, staging):
        commands = copies(todo, files, staging)
        (staging / "plumbline/wire.mpy").write_bytes(b"M\x06 flipped on the way")
        return commands

    monkeypatch.setattr(deployment, "_copies", spoiled)
    with pytest.raises(DeployError, match=r"wire\.mpy is not as it was sent.*run the same command again"):
        bench.deploy()
    assert not {"main.py", "plumbline.json"} & set(bench.files())
    monkeypatch.undo()


def test_what_is_no_board_is_told_in_one_line(tmp_path):
    script = tmp_path / "modem.py"
    for words in ("AT OK", "[not ours", "[1, 2, 3]"):
        script.write_text(f"print({words!r})\n")
        with pytest.raises(DeployError, match="does not answer like a board") as refused:
            deployment.inspect(Remote("/dev/bench", (sys.executable, str(script))))
        assert "\n" not in str(refused.value)


def test_a_board_that_falls_silent_is_given_up_after_a_while(tmp_path):
    script = tmp_path / "silent.py"
    remote = Remote("/dev/bench", (sys.executable, str(script)), stall_s=2.0)
    script.write_text("import time\nprint('cp a b')\ntime.sleep(60)\n")
    with pytest.raises(RemoteError, match=r"^the board on /dev/bench has stopped answering$"):
        remote.run(["exec", "pass"])
    script.write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(RemoteError, match=r"^the board on /dev/bench does not answer: take the flight strap"):
        remote.run(["exec", "pass"])


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "mpremote: failed to access /dev/x (it may be in use by another program)",
            "close the other program",
        ),
        (
            "mpremote.transport.TransportError: could not enter raw repl",
            "does not answer: take the flight strap",
        ),
        ("serial.serialutil.SerialException: gone", "went away"),
        ("OSError: 28 ENOSPC", "is full"),
        ("mpremote: cp: destination does not exist", "refused: cp: destination does not exist"),
    ],
)
def test_a_failure_of_mpremote_is_one_line_that_says_what_to_do(tmp_path, said, line):
    script = tmp_path / "failing.py"
    script.write_text(f"import sys\nprint('Traceback')\nsys.exit({said!r})\n")
    with pytest.raises(RemoteError, match=line) as failed:
        Remote("/dev/bench", (sys.executable, str(script))).run(["exec", "pass"])
    assert "\n" not in str(failed.value)


def test_there_is_no_such_board():
    with pytest.raises(BoardError, match=r"no board 'bench': choose one of .*navigation_pico, "):
        description("bench")
