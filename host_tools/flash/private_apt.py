"""Packages of a Debian release by name, without touching the machine's own apt.

All state (sources list, index, downloads) is in a folder of its own; the mirror is the machine's, and the
signature is checked with the system's keyring.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CHECKOUT_VARIABLE = "PLUMBLINE_MICROPYTHON"
WAY_OUT = f"or name a MicroPython checkout by {CHECKOUT_VARIABLE}"
_RELEASE_FILE = re.compile(r"^'(?P<mirror>\S+?)/dists/(?P<suite>[^/']+)/InRelease'")


class SourceError(Exception):
    """The sources cannot be had; the message is one line that says what to do."""


class PrivateApt:
    """An apt that knows one suite of the machine's Debian mirror and keeps everything in `folder`."""

    def __init__(self, folder: Path, suite: str) -> None:
        self.folder = folder
        self.suite = suite

    def source(self, package: str) -> Path:
        """A new folder with the files of a source package, "name" or "name=version".

        apt has checked them against the suite's signature.
        """
        return self._download(package, ["source", "--download-only"])

    def package(self, package: str) -> Path:
        """A new folder with the .deb file of a binary package, checked in the same way."""
        return self._download(package, ["download"])

    def _download(self, package: str, command: list[str]) -> Path:
        if shutil.which("apt-get") is None:
            wanted = package.replace("=", " ")
            raise SourceError(f"there is no apt-get here to fetch {wanted}: use Debian, {WAY_OUT}")
        if not KEYRING.is_file():
            raise SourceError(f"Debian's keyring is not here: install debian-archive-keyring, {WAY_OUT}")
        self._update()
        target = Path(tempfile.mkdtemp(prefix=f"{package.partition('=')[0]}-", dir=self.folder))
        try:
            self._run([*command, package], target)
        except BaseException:
            shutil.rmtree(target)
            raise
        return target

    def _update(self) -> None:
        """Fetch the suite's index, from the first of the machine's mirrors that has it."""
        for part in ("lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        complaint = f"this machine's apt knows no Debian mirror: add one, {WAY_OUT}"
        for mirror in machine_mirrors():
            where = f"[signed-by={KEYRING}] {mirror} {self.suite} main\n"
            (self.folder / "sources.list").write_text(f"deb {where}deb-src {where}")
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
                f"apt could not fetch from Debian {self.suite} ({complaint_of(done)}), {WAY_OUT}"
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
