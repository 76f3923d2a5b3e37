"""The tests' files on a real board's file system, beside its flight files: only what differs is copied."""

import tempfile
from pathlib import Path, PurePosixPath

from host_tools.flash.remote import Remote

_MAKE_FOLDERS = """
import os
for folder in {folders!r}:
    try:
        os.mkdir("/" + folder)
    except OSError as error:
        if error.errno != 17:
            raise
"""


def copy_tests(remote: Remote, files: dict[str, bytes]) -> None:
    """Copy files by path from the root; mpremote leaves out those whose hash is right. Raises RemoteError."""
    folders = sorted({str(parent) for path in files for parent in PurePosixPath(path).parents} - {"."})
    with tempfile.TemporaryDirectory(prefix="plumbline-") as staging:
        commands: list[list[str]] = [["exec", _MAKE_FOLDERS.format(folders=folders)]]
        for path, content in files.items():
            local = Path(staging) / path
            local.parent.mkdir(parents=True, exist_ok=True)
            local.write_bytes(content)
            target = f":/{path.rpartition('/')[0]}"
            target = target if target.endswith("/") else target + "/"
            if commands[-1][-1] == target:
                commands[-1].insert(-1, str(local))
            else:
                commands.append(["fs", "cp", str(local), target])
        remote.run(*commands)
