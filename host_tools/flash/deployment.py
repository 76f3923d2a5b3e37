"""The way of a flight program onto a board: look, check, copy what differs, verify, reset, listen.

    todo, ready_s = deploy(description("navigation_pico"), Remote("/dev/ttyACM0"))

Whatever cuts that off, doing it again brings the board to the right state: see plan.py.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host_tools.flash import announcement, board_files, flight_image, on_board, plan
from host_tools.flash.board_files import BoardDescription
from host_tools.flash.chips import ARCH_NAMES
from host_tools.flash.plan import Plan
from host_tools.flash.remote import Remote, RemoteError
from host_tools.flash.versions import MICROPYTHON

Progress = Callable[[str, int, int], None]  # path, bytes before it, bytes in all


class DeployError(Exception):
    """The board is not as it should be; the message is one line that says what to do."""


@dataclass(frozen=True)
class Found:
    """A board that has been asked what it is and what it holds."""

    about: dict[str, Any]
    there: dict[str, str]


def inspect(remote: Remote) -> Found:
    """Stop the board's program and ask what the board is and holds. Raises RemoteError, DeployError."""
    script = on_board.inspect(board_files.PACKAGE, board_files.ROOT_FILES)
    lines = remote.run(["exec", script])
    try:
        said = [json.loads(line) for line in lines if line.startswith(("{", "["))]
        return Found(dict(said[0]), dict(entry for entry in said if isinstance(entry, list)))
    except (ValueError, TypeError, IndexError) as error:
        raise DeployError(
            f"what answers on {remote.device} does not answer like a board: {lines[:1]}"
        ) from error


def check(board: BoardDescription, found: Found, device: str) -> None:
    """DeployError unless this is the board's processor with the pinned firmware on it."""
    about, chip = found.about, board.chip
    if about["name"] != "micropython":
        raise DeployError(
            f"the board on {device} runs {about['name']}, not MicroPython: flash MicroPython first"
        )
    arch_number = about["mpy"] >> 10 & 0xF
    is_chip = about["machine"].lower().replace("-", "").endswith(chip.name)
    if arch_number != chip.arch_number or about["platform"] != chip.platform or not is_chip:
        arch = ARCH_NAMES.get(arch_number, "no native code")
        raise DeployError(
            f"the board on {device} is another one: {about['machine'] or about['platform']} ({arch}),"
            f" but {board.name} is an {chip.name} ({chip.arch}); nothing was copied"
        )
    pinned = ".".join(map(str, MICROPYTHON))
    if about["version"] != pinned:
        raise DeployError(
            f"the board on {device} runs MicroPython {about['version']}, but {pinned} is pinned:"
            f" put {board.firmware} {pinned} onto it first (`make firmware`); nothing was copied"
        )
    if about["build"] and about["build"].partition("-")[0] != board.firmware:
        raise DeployError(
            f"the board on {device} runs the build {about['build']}, but {board.name} is for"
            f" {board.firmware}: put that one onto it first; nothing was copied"
        )


def files_for(board: BoardDescription, found: Found) -> dict[str, bytes]:
    """What belongs onto the board: no flight code where its firmware has just this one. Raises BoardError."""
    if not found.about.get("flight"):
        return board_files.board_files(board.name)
    named = found.about["flight"] == flight_image.hash_of(flight_image.flight_modules())
    return board_files.board_files(board.name, found.about["flight"] if named else None)


def update(remote: Remote, todo: Plan, files: dict[str, bytes], progress: Progress | None = None) -> None:
    """Carry out the plan in one run of mpremote, verified on the board, which is reset at the end.

    Raises RemoteError, DeployError.
    """
    sizes = [len(files[path]) for path in todo.copied]
    started = 0

    def watch(line: str) -> None:
        nonlocal started
        if line.startswith("cp ") and started < len(sizes):
            if progress is not None:
                progress(todo.copied[started], sum(sizes[:started]), sum(sizes))
            started += 1

    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        said = remote.run(
            ["exec", on_board.prepare(todo.removed, todo.removed_folders, todo.made_folders)],
            *_copies(todo, files, Path(folder)),
            ["exec", on_board.commit(todo.verified(), todo.renamed)],
            ["exec", "--no-follow", on_board.RESET],
            on_line=watch,
        )
    if on_board.VERIFIED not in said:
        raise DeployError(f"the board on {remote.device} did not verify what was copied")


def _copies(todo: Plan, files: dict[str, bytes], staging: Path) -> list[list[str]]:
    """mpremote's cp commands: one for each folder, and one for each file in the root."""
    commands: list[list[str]] = []
    for path in todo.copied:
        local = staging / path
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(files[path])
        parent = path.rpartition("/")[0]
        if parent and commands and commands[-1][-1] == f":{parent}/":
            commands[-1].insert(-1, str(local))
        else:
            target = f":{parent}/" if parent else f":{path}{on_board.NEW if path in todo.renamed else ''}"
            commands.append(["fs", "cp", "--force", str(local), target])
    return commands


def reset(remote: Remote) -> None:
    """Reset the board as its reset button does. Raises RemoteError."""
    remote.run(["exec", "--no-follow", on_board.RESET])


def deploy(
    board: BoardDescription,
    remote: Remote,
    *,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    listen: Callable[[str, str, str], float] = announcement.wait,
) -> tuple[Plan, float]:
    """What was (or, with `dry_run`, would be) done, and after how many seconds the board was ready.

    Raises BoardError, RemoteError, DeployError, AnnouncementError.
    """
    found = inspect(remote)
    files = files_for(board, found)
    try:
        check(board, found, remote.device)
    except DeployError:
        with contextlib.suppress(RemoteError):
            reset(remote)  # what it ran before goes on
        raise
    todo = plan.make(files, found.there, force)
    if todo.nothing_to_do or dry_run:
        reset(remote)
    else:
        try:
            update(remote, todo, files, progress)
        except RemoteError as error:
            raise DeployError(f"{error}; the copy is not complete: run the same command again") from error
    if dry_run:
        return todo, 0.0
    hash8 = board_files.manifest_hash(files)[:8]
    return todo, listen(remote.device, board.name, hash8)
