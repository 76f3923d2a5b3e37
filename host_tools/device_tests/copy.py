"""The tests' files on a real board's file system, beside its flight files: only what differs is copied.

What earlier tests have left in the tests' folder goes first: vectors and code of two runtimes would not fit.
"""

import tempfile
from pathlib import Path, PurePosixPath

from host_tools.device_tests.files import FOLDER
from host_tools.flash.remote import Remote

_MAKE_ROOM = """
import os
def clear(folder):
    for name, kind, *_ in list(os.ilistdir("/" + folder)):
        path = folder + "/" + name
        if kind == 0x4000:
            clear(path)
            if path not in {folders!r}:
                os.rmdir("/" + path)
        elif path not in {files!r}:
            os.remove("/" + path)
if {root!r} in os.listdir("/"):
    clear({root!r})
for folder in {folders!r}:
    try:
        os.mkdir("/" + folder)
    except OSError as error:
        if error.errno != 17:
            raise
"""


def copy_tests(remote: Remote, files: dict[str, bytes]) -> None:
    """Make `files`, by path from the root, what the tests' folder holds; those that are right stay.

    Raises RemoteError.
    """
    folders = sorted({str(parent) for path in files for parent in PurePosixPath(path).parents} - {"."})
    with tempfile.TemporaryDirectory(prefix="plumbline-") as staging:
        room = _MAKE_ROOM.format(folders=folders, files=sorted(files), root=FOLDER)
        commands: list[list[str]] = [["exec", room]]
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
