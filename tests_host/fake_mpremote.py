"""A stand-in for mpremote whose board is a folder, and whose MicroPython is the unix port.

`python fake_mpremote.py BOARD_FOLDER MICROPYTHON connect PORT + exec SCRIPT + fs cp ...`: the same command
line, the same words on the way. BOARD_FOLDER.about says what the board is; the number in BOARD_FOLDER.fuse
is how many changes to its files succeed before the power fails, in the middle of the next one.
"""

import subprocess
import sys
from pathlib import Path

_CUT = 3  # a copy that the power cut hits leaves this part of the file
_CHANGES = ("os.remove(", "os.rename(", "os.rmdir(", "os.mkdir(")
_POWER_FAILED = 86
# What scripts on the board change burns the fuse too.
_PRELUDE = f"""
import sys
def _change(function, *arguments):
    try:
        with open(FUSE) as file:
            left = int(file.read())
    except OSError:
        return function(*arguments)
    with open(FUSE, "w") as file:
        file.write(str(left - 1))
    if left == 0:
        sys.exit({_POWER_FAILED})
    function(*arguments)
"""


class PowerFailure(Exception):
    pass


class Board:
    def __init__(self, folder: Path, micropython: str) -> None:
        self.folder = folder
        self.micropython = micropython
        self.about = Path(f"{folder}.about")
        self.fuse = Path(f"{folder}.fuse")

    def burn(self) -> bool:
        """One step less to live; True in the step that is not finished."""
        if not self.fuse.exists():
            return False
        left = int(self.fuse.read_text())
        self.fuse.write_text(str(left - 1))
        return left == 0

    def execute(self, script: str, no_follow: bool) -> None:
        if no_follow:  # machine.reset()
            with open(f"{self.folder}.resets", "a") as log:
                log.write("reset\n")
            return
        if self.about.exists() and "sys.implementation" in script:
            print(self.about.read_text(), flush=True)
        # The unix port has no root of its own: the folder takes its place.
        script = script.replace('os.chdir("/")', "pass").replace('folder or "/"', 'folder or "."')
        for change in _CHANGES:
            script = script.replace(change, f"_change({change[:-1]}, ")
        script = f"FUSE = {str(self.fuse)!r}\n{_PRELUDE}{script}"
        done = subprocess.run(
            [self.micropython, "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=20
        )
        print(done.stdout, end="", flush=True)
        if done.returncode == _POWER_FAILED:
            raise PowerFailure
        if done.returncode:
            sys.exit(done.stderr)

    def copy(self, sources: list[str], target: str) -> None:
        for source in sources:
            print(f"cp {source} {target}", flush=True)
            content = Path(source).read_bytes()
            place = self.folder / target[1:]
            if target.endswith("/"):
                place = place / Path(source).name
            if self.burn():
                place.write_bytes(content[: len(content) // _CUT])
                raise PowerFailure
            place.write_bytes(content)


def main(arguments: list[str]) -> None:
    board = Board(Path(arguments[0]), arguments[1])
    commands: list[list[str]] = [[]]
    for word in arguments[2:]:
        if word == "+":
            commands.append([])
        else:
            commands[-1].append(word)
    assert commands[0][0] == "connect"
    for command in commands[1:]:
        match command:
            case ["exec", "--no-follow", script]:
                board.execute(script, no_follow=True)
            case ["exec", script]:
                board.execute(script, no_follow=False)
            case ["fs", "cp", "--force", *sources, target]:
                board.copy(sources, target)
            case _:
                raise AssertionError(f"mpremote was asked for {command}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except PowerFailure:
        sys.exit("serial.serialutil.SerialException: device reports readiness to read but returned no data")
