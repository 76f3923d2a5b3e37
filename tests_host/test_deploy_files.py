"""What goes onto a board: what its main.py imports, compiled for its processor, the same bytes each time."""

import hashlib
import json
from pathlib import Path

import pytest

from host_tools.flash import board_files as module
from host_tools.flash.board_files import BoardError, board_files, board_names, description, manifest_hash
from host_tools.flash.import_graph import ImportGraphError, modules_of

BOARDS = board_names()


def test_the_boards_of_the_house_are_known():
    assert {"navigation_pico", "propulsion_pico"} <= set(BOARDS)
    assert description("navigation_pico").chip.name == "rp2040"


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_gets_its_subsystem_and_its_own_chips_port(board):
    files = board_files(board)
    subsystem = json.loads((module.BOARDS / board / "board.json").read_text())["subsystem"]
    assert f"plumbline/subsystems/{subsystem}.mpy" in files
    own, other = ("rp2", "esp32") if description(board).chip.platform == "rp2" else ("esp32", "rp2")
    assert f"plumbline/ports/{own}.mpy" in files
    assert not [path for path in files if "simulated" in path or other in path]
    assert {"board.json", "pins.csv", "main.py"} <= set(files)
    assert "README.md" not in files


def test_a_board_gets_nothing_that_it_does_not_import():
    navigation, propulsion = board_files("navigation_pico"), board_files("propulsion_pico")
    assert "plumbline/kernels/altitude.mpy" in navigation
    assert "plumbline/kernels/modulation.mpy" not in navigation
    assert "plumbline/kernels/modulation.mpy" in propulsion
    drivers = {path for path in propulsion if "/drivers/" in path}
    assert drivers == {"plumbline/drivers/__init__.mpy", "plumbline/drivers/transducer.mpy"}


@pytest.mark.parametrize("board", BOARDS)
def test_the_files_are_the_same_bytes_with_and_without_the_cache(board, tmp_path, monkeypatch):
    before = board_files(board)
    monkeypatch.setattr(module, "CACHE", tmp_path)
    assert board_files(board) == before
    assert list(board_files(board)) == list(before)


@pytest.mark.parametrize("board", BOARDS)
def test_native_code_is_for_the_boards_processor(board):
    # Byte 2 of an .mpy: architecture in the upper six bits, 0 without native code. armv6m is 4, xtensawin 10.
    archs = {content[2] >> 2 for path, content in board_files(board).items() if path.endswith(".mpy")}
    assert archs == {0, {"rp2040": 4, "esp32": 10}[description(board).chip.name]}


@pytest.mark.parametrize("board", BOARDS)
def test_the_manifest_is_last_names_every_file_and_begins_with_the_hash_of_all(board):
    files = board_files(board)
    assert list(files)[-2:] == ["main.py", "plumbline.json"]
    manifest = json.loads(files["plumbline.json"])
    expected = {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if path != "plumbline.json"
    }
    assert manifest["files"] == expected
    assert (manifest["board"], manifest["micropython"]) == (board, "1.25.0")
    # Found without reading all of it: a board has little memory.
    assert files["plumbline.json"].splitlines()[1] == f'"hash": "{manifest["hash"]}",'.encode()


def test_the_hash_changes_with_a_files_content_with_the_board_and_with_nothing_else(tmp_path, monkeypatch):
    hashes = {manifest_hash(board_files(board)) for board in BOARDS}
    assert len(hashes) == len(BOARDS)
    source = module.BOARDS / "propulsion_pico"
    for file in source.iterdir():
        (tmp_path / "propulsion_pico").mkdir(exist_ok=True)
        (tmp_path / "propulsion_pico" / file.name).write_bytes(file.read_bytes())
    before = manifest_hash(board_files("propulsion_pico"))
    monkeypatch.setattr(module, "BOARDS", tmp_path)
    assert manifest_hash(board_files("propulsion_pico")) == before
    (tmp_path / "propulsion_pico" / "README.md").write_text("other words")
    assert manifest_hash(board_files("propulsion_pico")) == before
    with (tmp_path / "propulsion_pico" / "pins.csv").open("a") as pins:
        pins.write("# one line more\n")
    assert manifest_hash(board_files("propulsion_pico")) != before


def planted(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder / "main.py"


PACKAGES = {"plumbline/__init__.py": "", "plumbline/ports/__init__.py": ""}


@pytest.mark.parametrize(
    ("platform", "expected"), [("rp2", "plumbline.ports.rp2"), ("esp32", "plumbline.ports.esp32")]
)
def test_of_a_branch_on_the_platform_only_the_boards_own_is_followed(tmp_path, platform, expected):
    main = planted(
        tmp_path,
        {
            **PACKAGES,
            "main.py": "import sys\n"
            "if TYPE_CHECKING:\n    from plumbline import nowhere_at_all\n"
            'if TYPE_CHECKING or sys.platform == "rp2":\n    from plumbline.ports.rp2 import Board\n'
            'elif sys.platform != "rp2":\n    from plumbline.ports.esp32 import Board\n'
            "else:\n    import plumbline.ports.nothing\n",
            "plumbline/ports/rp2.py": "Board = 1\n",
            "plumbline/ports/esp32.py": "Board = 1\n",
        },
    )
    assert list(modules_of(main, tmp_path, platform)) == ["plumbline", "plumbline.ports", expected]


def test_imports_are_followed_in_functions_in_unknown_branches_relatively_and_in_circles(tmp_path):
    main = planted(
        tmp_path,
        {
            **PACKAGES,
            "main.py": "import plumbline.ports.a\n",
            "plumbline/ports/a.py": "def f():\n    from . import b\n    from .c import thing\n",
            "plumbline/ports/b.py": "import os\nif os.uname():\n    from plumbline import d\n",
            "plumbline/ports/c.py": "from ..e import *\nthing = 1\n",
            "plumbline/d.py": "__import__('plumbline.ports.a')\n",
            "plumbline/e.py": "",
        },
    )
    assert [name.rpartition(".")[2] for name in modules_of(main, tmp_path, "rp2")] == [
        "plumbline",
        "d",
        "e",
        "ports",
        "a",
        "b",
        "c",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "from plumbline.ports.rp3 import Board\n",
            r"main\.py imports plumbline\.ports\.rp3, which is not in",
        ),
        ("import plumbline.none\n", r"imports plumbline\.none, which is not in firmware/"),
        (
            "import sys\n__import__('plumbline.' + sys.platform)\n",
            "line 2: write the imported module's name out",
        ),
        ("from plumbline import (\n", "cannot be read"),
    ],
)
def test_an_import_that_the_board_would_miss_is_refused_in_one_line(tmp_path, text, line):
    main = planted(tmp_path, {**PACKAGES, "main.py": text})
    with pytest.raises(ImportGraphError, match=line) as refused:
        modules_of(main, tmp_path, "rp2")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        (
            '{"mcu": "z80", "port": "rp2", "firmware": "X"}',
            "mcu z80 with port rp2 is not known; known: rp2040",
        ),
        ('{"mcu": "esp32", "port": "rp2", "firmware": "X"}', "mcu esp32 with port rp2 is not known"),
        ('{"port": "rp2", "firmware": "X"}', "needs mcu, port and firmware"),
        ("{", "needs mcu, port and firmware"),
    ],
)
def test_a_board_json_that_says_too_little_is_refused(tmp_path, monkeypatch, stated, line):
    monkeypatch.setattr(module, "BOARDS", tmp_path)
    planted(tmp_path / "bench", {"board.json": stated, "main.py": ""})
    with pytest.raises(BoardError, match=line):
        board_files("bench")


def test_a_module_that_does_not_compile_is_named_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BOARDS", tmp_path / "boards")
    monkeypatch.setattr(module, "FIRMWARE", tmp_path)
    unknown = "match 1:\n    case 1:\n        pass\n"  # MicroPython has no such statement
    planted(
        tmp_path / "boards/bench",
        {
            "board.json": '{"mcu": "esp32", "port": "esp32", "firmware": "ESP32_GENERIC"}',
            "main.py": "from plumbline import half\n",
        },
    )
    planted(tmp_path, {"plumbline/__init__.py": "", "plumbline/half.py": unknown})
    with pytest.raises(BoardError, match=r"half\.py does not compile for xtensawin: SyntaxError") as refused:
        board_files("bench")
    assert "\n" not in str(refused.value)
