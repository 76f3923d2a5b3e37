"""The programs that deployment runs on the board, as text; they need nothing of ours to be there.

They are MicroPython and know no path but those that they are given. Hashes are taken in blocks, because
a file may be larger than the largest free piece of heap.
"""

from collections.abc import Iterable, Mapping

VERIFIED = "plumbline: verified"
NEW = ".new"  # what starts the flight program is copied under this ending and renamed at the end

_HASH = """
import os, hashlib, binascii
def sha256(path, block=bytearray(512)):
    total = hashlib.sha256()
    view = memoryview(block)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(block)
            if not count:
                break
            total.update(view[:count])
    return binascii.hexlify(total.digest()).decode()
"""

# The first line says who is there, before anything can fail for want of memory or of a module.
_INSPECT = """
import sys, json
about = sys.implementation
try:
    from plumbline_flight import HASH as flight
except ImportError:
    flight = ""
print(json.dumps({
    "flight": flight,
    "name": about.name,
    "version": ".".join(str(part) for part in about.version[:3]),
    "mpy": getattr(about, "_mpy", 0),
    "machine": getattr(about, "_machine", ""),
    "build": getattr(about, "_build", ""),
    "platform": sys.platform,
}))
"""

_LIST = """
def walk(folder):
    for entry in os.ilistdir(folder or "/"):
        path = folder + entry[0]
        if entry[1] == 0x4000:
            if path.split("/")[0] == PACKAGE:
                print(json.dumps([path, "folder"]))
                walk(path + "/")
        elif path.split("/")[0] in ROOT_NAMES:
            print(json.dumps([path, sha256(path)]))
import json
os.chdir("/")
walk("")
"""

# The manifest goes first, so that nobody takes what follows for a whole deployment; then what would start it.
_PREPARE = """
import os
os.chdir("/")
for path in REMOVED:
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != 2:
            raise
for path in REMOVED_FOLDERS:
    os.rmdir(path)
for path in MADE_FOLDERS:
    os.mkdir(path)
"""

_COMMIT = """
os.chdir("/")
for path in HASHES:
    if sha256(path) != HASHES[path]:
        raise ValueError(path + " is not as it was sent")
for path in RENAMED:
    os.rename(path + NEW, path)  # littlefs replaces a file in one step
if hasattr(os, "sync"):
    os.sync()
print(VERIFIED)
"""

# The USB line needs a moment for the last answer before the chip that feeds it is gone.
RESET = "import time, machine\ntime.sleep_ms(100)\nmachine.reset()\n"


def inspect(package: str, root_files: Iterable[str]) -> str:
    """Print who the board is, then [path, SHA-256 or "folder"] of each file of ours, one JSON a line."""
    names = [package, *root_files, *(name + NEW for name in root_files)]
    return f"{_INSPECT}PACKAGE = {package!r}\nROOT_NAMES = {names!r}\n{_HASH}{_LIST}"


def prepare(removed: list[str], removed_folders: list[str], made_folders: list[str]) -> str:
    """Remove files and then folders in the order given, and make folders."""
    return (
        f"REMOVED = {removed!r}\nREMOVED_FOLDERS = {removed_folders!r}\nMADE_FOLDERS = {made_folders!r}\n"
        f"{_PREPARE}"
    )


def commit(hashes: Mapping[str, str], renamed: list[str]) -> str:
    """Check every file's hash, then rename each of `renamed` from its .new name, and say VERIFIED."""
    return (
        f"HASHES = {dict(hashes)!r}\nRENAMED = {renamed!r}\nNEW = {NEW!r}\nVERIFIED = {VERIFIED!r}\n"
        f"{_HASH}{_COMMIT}"
    )
