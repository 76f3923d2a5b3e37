"""What has to be done to a board's file system, decided from what is there and what is wanted.

A copy may be cut off at any moment. The manifest and main.py are therefore the first things to go and
the last to come, so that a board with half a flight program stands at its prompt and flies nothing;
and because each run looks at the board anew, the next one finishes the work.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from host_tools.flash.board_files import MANIFEST, PROGRAMS, is_ours
from host_tools.flash.on_board import NEW

FOLDER = "folder"  # in place of a hash
_MAIN = "main.py"


@dataclass(frozen=True)
class Plan:
    """Paths on the board, in the order of the work."""

    copied: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)  # of the copied: they arrive under NEW
    removed: list[str] = field(default_factory=list)
    removed_folders: list[str] = field(default_factory=list)
    made_folders: list[str] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)  # of every file, as they are when all is done
    files: dict[str, bytes] = field(default_factory=dict, repr=False)  # all of them

    @property
    def nothing_to_do(self) -> bool:
        """Whether the board holds exactly what it should."""
        return not self.copied

    @property
    def stale(self) -> list[str]:
        """What is removed for good."""
        return [path for path in self.removed if path not in self.hashes]

    def verified(self) -> dict[str, str]:
        """Path and hash of every file, by the names that they have before the last step."""
        return {path + NEW if path in self.renamed else path: it for path, it in self.hashes.items()}


def make(files: dict[str, bytes], there: dict[str, str], force: bool = False) -> Plan:
    """The way from what is on the board to `files`.

    there: path and SHA-256 of each file of ours on the board, FOLDER for a folder.
    force: copy also what is there already.
    """
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    wanted_folders = {str(parent) for path in files for parent in PurePosixPath(path).parents} - {"."}
    folders = {path for path, it in there.items() if it == FOLDER}
    stale = [path for path in there if is_ours(path) and path not in files and path not in folders]
    stale_folders = sorted(folders - wanted_folders, key=_depth, reverse=True)
    changed = [path for path in files if force or there.get(path) != hashes[path]]
    if not (changed or stale or stale_folders):
        return Plan(hashes=hashes, files=files)
    starters = [path for path in PROGRAMS if path in files and (path == _MAIN or path in changed)]
    last = [*starters, MANIFEST]
    return Plan(
        copied=[path for path in changed if path not in last] + last,
        renamed=last,
        removed=[MANIFEST, _MAIN, *stale],
        removed_folders=stale_folders,
        made_folders=sorted(wanted_folders - folders, key=_depth),
        hashes=hashes,
        files=files,
    )


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
