"""What a campaign leaves in its folder, so that a kill at any moment loses no stored run and doubles none.

campaign.json                       the store's version, the campaign, its scenario, the program
parts/00000000-000250.parquet       runs 0 to 249: a part appears whole or not at all
times/00000000.json                 what that part took, and which session flew it
summary.json                        written when all runs are there
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from host_tools.campaign.spec import Campaign
from host_tools.campaign.tasks import Flown, Stretch
from host_tools.scenarios.schema import Scenario

VERSION = 1
MANIFEST, SUMMARY = "campaign.json", "summary.json"
_PARTS, _TIMES, _LOCK = "parts", "times", ".lock"


class StoreError(Exception):
    """The folder holds no campaign that this program can go on with or read; one line, the folder first."""


class Store:
    """The folder of one campaign."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest: dict[str, Any] = {}

    # --- begin, go on, read ---

    def open(self) -> "Store":
        """Reads what is there. Raises StoreError when it is nothing, damaged or of another version."""
        path = self.folder / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            version = manifest["store"]
        except FileNotFoundError:
            raise StoreError(f"{self.folder}: holds no campaign (no {MANIFEST})") from None
        except OSError as error:
            raise StoreError(f"{self.folder}: cannot be read: {error.strerror or error}") from None
        except (ValueError, KeyError, TypeError):
            raise StoreError(f"{path}: is damaged") from None
        if version != VERSION:
            raise StoreError(
                f"{self.folder}: a store of version {version}, and this program reads version {VERSION}: "
                "use the program that wrote it, or fly the campaign again into another folder"
            )
        self._manifest = manifest
        return self

    def begin_or_go_on(self, campaign: Campaign, scenario: Scenario, program: str) -> None:
        """Makes the folder a campaign's, or checks that it is this one's. Raises StoreError and OSError."""
        manifest = {
            "store": VERSION,
            "program": program,
            "campaign": campaign.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "scenario": scenario.model_dump(mode="json", by_alias=True, exclude_unset=True),
        }
        for room in (self.folder, self.folder / _PARTS, self.folder / _TIMES):
            room.mkdir(parents=True, exist_ok=True)
            for partial in room.glob(".*.json.partial"):
                partial.unlink()
        for partial in (self.folder / _PARTS).glob(".*.parquet.partial"):
            partial.unlink()
        if not (self.folder / MANIFEST).exists() and self.stretches():
            raise StoreError(f"{self.folder}: holds parts without their {MANIFEST}")
        if (self.folder / MANIFEST).exists():
            self.open()
            self._check_same(manifest)
        else:
            _write(self.folder / MANIFEST, _json(manifest))
            self._manifest = manifest

    def _check_same(self, wanted: dict[str, Any]) -> None:
        for what in ("campaign", "scenario"):
            place = _difference(self._manifest[what], wanted[what])
            if place is not None:
                raise StoreError(
                    f"{self.folder}: holds another campaign ({what}{place} differs): use another folder"
                )
        if self._manifest["program"] != wanted["program"]:
            raise StoreError(
                f"{self.folder}: was begun by a program with other sources or libraries, whose runs "
                "must not be mixed with this one's: use another folder"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes meanwhile. Raises StoreError when somebody does, and OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"{self.folder}: another campaign is writing there") from None
            yield

    # --- what is there ---

    @property
    def campaign(self) -> Campaign:
        return Campaign.model_validate(self._manifest["campaign"])

    @property
    def scenario(self) -> Scenario:
        return Scenario.model_validate(self._manifest["scenario"])

    @property
    def program(self) -> str:
        return str(self._manifest["program"])

    @property
    def summary(self) -> dict[str, Any] | None:
        """summary.json, or None while there is none that can be read."""
        try:
            summary: dict[str, Any] = json.loads((self.folder / SUMMARY).read_text(encoding="utf-8"))
            return summary
        except (OSError, ValueError):
            return None

    @property
    def parts(self) -> list[Path]:
        """The files of all parts, in order. Raises StoreError for a strange one."""
        return [self.part(stretch) for stretch in self.stretches()]

    def stretches(self) -> list[Stretch]:
        """(first index, number of runs) of each part, in order. Raises StoreError for a strange file."""
        found: list[Stretch] = []
        end = 0
        for path in sorted((self.folder / _PARTS).glob("*.parquet")):
            try:
                first, count = map(int, path.stem.split("-"))
            except ValueError:
                raise StoreError(f"{path}: is no part of a campaign") from None
            if first < end:
                raise StoreError(f"{path}: holds runs that another part holds too")
            end = first + count
            found.append((first, count))
        return found

    def part(self, stretch: Stretch) -> Path:
        """The file of that stretch."""
        return self.folder / _PARTS / f"{stretch[0]:08d}-{stretch[1]:06d}.parquet"

    def times(self) -> list[dict[str, Any]]:
        """What each stored part took: `session`, `wall_s` since it began, `cpu_s`."""
        found = []
        for first, _ in self.stretches():
            with contextlib.suppress(OSError, ValueError):  # a time that is lost is no run that is lost
                found.append(json.loads(self._time(first).read_text(encoding="utf-8")))
        return found

    def _time(self, first: int) -> Path:
        return self.folder / _TIMES / f"{first:08d}.json"

    # --- writing ---

    def add(self, flown: Flown, session: str, wall_s: float) -> None:
        """Stores one part: the time first, so that no part is ever without. Raises OSError."""
        from host_tools.campaign.parquet import encoded

        content = encoded(flown, VERSION)
        took = {"session": session, "wall_s": round(wall_s, 3), "cpu_s": round(flown.cpu_s, 6)}
        _write(self._time(flown.first), _json(took))
        _write(self.part((flown.first, flown.count)), content)

    def summarise(self, summary: dict[str, Any]) -> None:
        """Writes summary.json. Raises OSError."""
        _write(self.folder / SUMMARY, _json(summary))


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, allow_nan=False) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before it is called done."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _difference(ours: Any, theirs: Any, place: str = "") -> str | None:
    """Where two tables differ first, as .key[0].key; None when they are the same."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            if key not in ours or key not in theirs:
                return f"{place}.{key}"
            found = _difference(ours[key], theirs[key], f"{place}.{key}")
            if found is not None:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((d for i, (a, b) in pairs if (d := _difference(a, b, f"{place}[{i}]"))), None)
    return None if ours == theirs else place
