"""What every build of MicroPython needs: its tools, a clean environment, a log, one line when it fails."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from host_tools.flash.private_apt import complaint_of

INSTALL_VARIABLE = "PLUMBLINE_INSTALL"  # "no" forbids apt-get install, also for root
# What would change a build from outside: the user's flags, and `make`'s own when it calls us.
_FOREIGN = ("CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")


class BuildError(Exception):
    """Something cannot be built; the message is one line that says what to do."""


@dataclass(frozen=True)
class Toolchain:
    """What is needed to build for something, and how to get it."""

    missing: str  # the complaint when it does not work: "no compiler for ..."
    packages: tuple[str, ...]  # Debian's
    elsewhere: str  # what to do on a system without apt-get
    works: Callable[[], bool]

    def require(self) -> None:
        """See to it that it works: install it where we may, else BuildError says what to install."""
        if self.works():
            return
        wanted = " ".join(self.packages)
        if shutil.which("apt-get") is None:
            raise BuildError(f"{self.missing}: {self.elsewhere}")
        if os.geteuid() != 0 or os.environ.get(INSTALL_VARIABLE) == "no":
            raise BuildError(f"{self.missing}: apt-get install {wanted}")
        print(f"Installing {wanted} to build MicroPython", file=sys.stderr)
        done = _install(self.packages)
        if done.returncode or not self.works():
            raise BuildError(f"{self.missing}, and apt-get install {wanted} failed: {complaint_of(done)}")


def _install(packages: Iterable[str]) -> subprocess.CompletedProcess[str]:
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(install, env=environment, capture_output=True, text=True)
    if done.returncode:  # the machine's index may be missing or old
        subprocess.run(["apt-get", "update", "--quiet"], env=environment, capture_output=True)
        done = subprocess.run(install, env=environment, capture_output=True, text=True)
    return done


def compiles(command: list[str], program: str) -> bool:
    """Whether a compiler, given as a command that reads from stdin, takes a program."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, input=program.encode(), capture_output=True).returncode == 0


def environment(tree: Path) -> dict[str, str]:
    """The environment of a build: without the caller's flags, and such that the bytes come out the same."""
    clean = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {
        **clean,
        "LC_ALL": "C",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # MicroPython's scripts order the table of modules by a set
        # A tarball's tree in build/ is no repository: git would look upwards and name this clone's commit.
        "GIT_CEILING_DIRECTORIES": str(tree.parent),
    }


def run_logged(
    command: list[str],
    folder: Path,
    log: Path,
    env: dict[str, str],
    *,
    what: str,
    heard: Callable[[str], None] = lambda line: None,
) -> None:
    """Run a part of a build, its output appended to `log` and told to `heard` line by line.

    BuildError names the first error that the log has.
    """
    lines = []
    with (
        open(log, "a") as kept,
        subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                kept.write(line)
                lines.append(line)
                heard(line)
        except BaseException:  # interrupted: nothing may go on writing into a folder that is given up
            process.terminate()
            raise
    if process.returncode:
        said = [line for line in lines if "rror" in line] or lines or [f"{command[0]} failed"]
        raise BuildError(f"{what} cannot be built: {said[0].strip()[:200]} (all of it in {log})")
