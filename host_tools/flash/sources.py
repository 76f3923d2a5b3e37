"""MicroPython's source tree, and what Debian keeps apart from it.

A checkout named by PLUMBLINE_MICROPYTHON, or the pinned version from Debian: upstream's tarball as it is,
without Debian's patches, unpacked in build/ and kept by version.
"""

import contextlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from host_tools.flash.private_apt import CHECKOUT_VARIABLE, WAY_OUT, PrivateApt, SourceError, complaint_of
from host_tools.flash.versions import DEBIAN_SUITE, DEBIAN_VERSION

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "flash"


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
    """The pinned MicroPython's source tree, fetched when it is not there yet (6 MB, and 20 MB of index)."""
    return debian_source("micropython", DEBIAN_VERSION)


def micropython_tests() -> Path:
    """The folder of MicroPython's own tests, with `basics`, `float`, `micropython` and so on in it."""
    return (checkout() or micropython()) / "tests"


def debian_source(package: str, version: str) -> Path:
    """The unpacked upstream sources of a Debian source package, cached by version.

    Raises SourceError when there is no apt, no Debian mirror, no such version, or no network.
    """
    return _cached(f"{package}_{version}", lambda apt: apt.source(f"{package}={version}"), _unpack_tarball)


def debian_package(package: str, version: str) -> Path:
    """The unpacked files of a Debian binary package, cached by version; raises as debian_source does."""
    return _cached(f"{package}_{version}", lambda apt: apt.package(f"{package}={version}"), _unpack_deb)


def debian_series(package: str, series: str) -> Path:
    """As debian_source, for what gets security updates: they take the version before off the mirror.

    Whatever the suite has of a series ("3.6"), cached until the build folder goes.
    """

    def unpack(download: Path) -> Path:
        top = _unpack_tarball(download)
        if not top.name.startswith(f"{package}-{series}."):
            raise SourceError(f"Debian {DEBIAN_SUITE} has {top.name}, but {series} is wanted: {WAY_OUT[3:]}")
        return top

    return _cached(f"{package}_{series}", lambda apt: apt.source(package), unpack)


def _cached(name: str, fetch: Callable[[PrivateApt], Path], unpack: Callable[[Path], Path]) -> Path:
    """A folder in build/ with an unpacked package, all or nothing."""
    folder = BUILD / "sources" / name
    with locked(BUILD / "apt"):
        if not folder.is_dir():
            download = fetch(PrivateApt(BUILD / "apt", DEBIAN_SUITE))
            try:
                folder.parent.mkdir(parents=True, exist_ok=True)
                unpack(download).rename(folder)
            finally:
                shutil.rmtree(download)
    return folder


def _unpack_tarball(download: Path) -> Path:
    """Unpack upstream's tarball of a downloaded source package beside it; the answer is its one folder."""
    tarball = next(download.glob("*.orig.tar.*"))
    with tarfile.open(tarball) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(download / "unpacked", filter="data")
        else:  # before Python 3.11.4; apt has checked the file
            archive.extractall(download / "unpacked")
    (top,) = (download / "unpacked").iterdir()
    return top


def _unpack_deb(download: Path) -> Path:
    """Unpack a downloaded binary package beside it: nothing is installed."""
    (deb,) = download.glob("*.deb")
    unpacked = download / "unpacked"
    done = subprocess.run(["dpkg-deb", "--extract", deb, unpacked], capture_output=True, text=True)
    if done.returncode:
        raise SourceError(f"dpkg-deb cannot unpack {deb.name} ({complaint_of(done)}), {WAY_OUT}")
    return unpacked
