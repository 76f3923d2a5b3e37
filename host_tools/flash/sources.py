"""Source packages of a Debian release by name, without touching the machine's own apt.

A private apt state in build/ (sources list, index, downloads); the mirror is the machine's own and the
signature is checked with the system's keyring. Upstream's tarball is unpacked as it is, without
Debian's patches, and cached by version. A MicroPython checkout named by PLUMBLINE_MICROPYTHON comes first.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from host_tools.flash.versions import DEBIAN_SUITE, DEBIAN_VERSION

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "flash"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CHECKOUT_VARIABLE = "PLUMBLINE_MICROPYTHON"
_WAY_OUT = f"or name a MicroPython checkout by {CHECKOUT_VARIABLE}"
_RELEASE_FILE = re.compile(r"^'(?P<mirror>\S+?)/dists/(?P<suite>[^/']+)/InRelease'")


class SourceError(Exception):
    """The sources cannot be had; the message is one line that says what to do."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold off every other process that wants to make the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # no Debian there: what follows says so
        yield
        return
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def checkout() -> Path | None:
    """The MicroPython checkout that the user has named, or None. SourceError if it is none."""
    named = os.environ.get(CHECKOUT_VARIABLE)
    if not named:
        return None
    path = Path(named).expanduser().resolve()
    for file in ("py/mpconfig.h", "ports/unix/Makefile"):
        if not (path / file).is_file():
            raise SourceError(f"{CHECKOUT_VARIABLE} is {named}, which is no MicroPython checkout: no {file}")
    return path


def micropython() -> Path:
    """The pinned MicroPython's source tree, fetched when it is not there yet (6 MB, and 11 MB of index)."""
    return debian_source("micropython", DEBIAN_VERSION)


def debian_source(package: str, version: str) -> Path:
    """The unpacked upstream sources of a Debian source package, cached by version.

    Raises SourceError when there is no apt, no Debian mirror, no such version, or no network.
    """
    folder = BUILD / "sources" / f"{package}_{version}"
    with locked(BUILD / "apt"):
        if not folder.is_dir():
            apt = PrivateApt(BUILD / "apt", DEBIAN_SUITE)
            _unpack(apt.download(package, version), folder)
    return folder


class PrivateApt:
    """An apt that knows one suite of the machine's Debian mirror and keeps everything in `folder`."""

    def __init__(self, folder: Path, suite: str) -> None:
        self.folder = folder
        self.suite = suite

    def download(self, package: str, version: str) -> Path:
        """A new folder with the source package's files, checked by apt against the suite's signature."""
        if shutil.which("apt-get") is None:
            raise SourceError(
                f"there is no apt-get here to fetch {package} {version}: use Debian, {_WAY_OUT}"
            )
        if not KEYRING.is_file():
            raise SourceError(f"Debian's keyring is not here: install debian-archive-keyring, {_WAY_OUT}")
        self._update()
        target = Path(tempfile.mkdtemp(prefix=f"{package}-", dir=self.folder))
        try:
            self._run(["source", "--download-only", f"{package}={version}"], target)
        except SourceError:
            shutil.rmtree(target)
            raise
        return target

    def _update(self) -> None:
        """Fetch the suite's index, from the first of the machine's mirrors that has it."""
        for part in ("lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        complaint = f"this machine's apt knows no Debian mirror: add one, {_WAY_OUT}"
        for mirror in machine_mirrors():
            entry = f"deb-src [signed-by={KEYRING}] {mirror} {self.suite} main\n"
            (self.folder / "sources.list").write_text(entry)
            try:
                return self._run(["update", "--error-on=any"], self.folder)
            except SourceError as error:
                complaint = str(error)
        raise SourceError(complaint)

    def _run(self, arguments: list[str], folder: Path) -> None:
        settings = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",  # apt's own user may not write into a clone
        }
        options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
        done = subprocess.run(
            ["apt-get", "--quiet", *options, *arguments],
            cwd=folder,
            env=_plain(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SourceError(
                f"apt could not fetch from Debian {self.suite} ({complaint_of(done)}), {_WAY_OUT}"
            )


def machine_mirrors() -> list[str]:
    """The machine's package mirrors, without its security and third-party archives, in apt's order."""
    listed = subprocess.run(
        ["apt-get", "update", "--print-uris"], env=_plain(), capture_output=True, text=True, check=False
    )
    mirrors: dict[
        str, bool
    ] = {}  # whether the mirror has a suite like "trixie-updates": an archive of Debian's form
    for line in listed.stdout.splitlines():
        found = _RELEASE_FILE.match(line)
        if found and not found["suite"].endswith("-security"):
            mirrors[found["mirror"]] = mirrors.get(found["mirror"], False) or found["suite"].endswith(
                "-updates"
            )
    return sorted(mirrors, key=lambda mirror: not mirrors[mirror])


def complaint_of(done: subprocess.CompletedProcess[str]) -> str:
    """apt's first error in one line, without the credentials that a mirror's address may hold."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines()
    said = lines[0].removeprefix("E:").strip() if lines else f"exit code {done.returncode}"
    return re.sub(r"//[^/\s@]+@", "//", said)


def _plain() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def _unpack(download: Path, folder: Path) -> None:
    """Upstream's tarball of a downloaded source package into `folder`, all or nothing."""
    tarball = next(download.glob("*.orig.tar.*"))
    with tarfile.open(tarball) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(download / "unpacked", filter="data")
        else:  # before Python 3.11.4; apt has checked the file
            archive.extractall(download / "unpacked")
    (top,) = (download / "unpacked").iterdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    top.rename(folder)
    shutil.rmtree(download)
