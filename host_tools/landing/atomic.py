"""Results appear whole or not at all: files are written beside their place and moved there at the end."""

import contextlib
import os
import shutil
from pathlib import Path


def refusal(folder: Path) -> str | None:
    """Why results cannot be written to `folder`, or None; looks, but makes nothing."""
    place = folder
    while not place.exists() and place != place.parent:
        if place.is_symlink():
            return f"{place} is a broken link"
        place = place.parent
    if not place.is_dir():
        return "is a file, not a folder" if place == folder else f"{place} is a file, not a folder"
    if not os.access(place, os.W_OK | os.X_OK):
        return "is not writable" if place == folder else f"{place} is not writable"
    return None


def publish(folder: Path, files: dict[str, bytes]) -> None:
    """Puts `files` into `folder`, replacing those of an earlier result; other files there are left alone.

    The last of `files` vouches for the others: it goes first and comes last, so that whoever finds it
    finds a whole result. Whatever interrupts this, the earlier result is put back. Raises OSError.
    """
    folder = folder.resolve()
    fresh = not folder.exists()
    made = _make_parents(folder.parent) if fresh else []
    staged = (folder.parent if fresh else folder) / f".{folder.name}.{os.getpid()}.partial"
    try:
        staged.mkdir()
        for name, content in files.items():
            _write_through(staged / name, content)
        if fresh:
            staged.rename(folder)
        else:
            _replace(staged, folder, list(files))
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        for parent in reversed(made):
            with contextlib.suppress(OSError):  # somebody else has put something there
                parent.rmdir()
        raise
    shutil.rmtree(staged, ignore_errors=True)


def _make_parents(folder: Path) -> list[Path]:
    """Makes `folder` and what is above it; returns what was missing, the uppermost first."""
    missing = []
    while not folder.exists():
        missing.insert(0, folder)
        folder = folder.parent
    for parent in missing:
        parent.mkdir(exist_ok=True)
    return missing


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(staged: Path, folder: Path, names: list[str]) -> None:
    previous = staged / "previous"
    previous.mkdir()
    moved: list[str] = []
    try:
        for name in reversed(names):
            if (folder / name).exists():
                os.replace(folder / name, previous / name)
        for name in names:
            moved.append(name)
            os.replace(staged / name, folder / name)
    except BaseException:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
        for name in names:
            if (previous / name).exists():
                os.replace(previous / name, folder / name)
        raise
