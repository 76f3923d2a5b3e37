"""package.json at the project's root, for `mpremote mip install package.json` from a clone: `make package`.

It lists the flight code as source, under lib/plumbline on the board. Boards that fly are flashed by
`make flash`, which compiles it; this is for those who want a driver or a kernel in a program of their own.
`--check` writes nothing and fails when the file is stale.
"""

import argparse
import json
import os
import sys
import tomllib

from host_tools.checks.mpy_compile import ROOT, is_host_only

PACKAGE = ROOT / "package.json"
_FIRMWARE = ROOT / "firmware"


def content() -> str:
    """What package.json ought to be: every module of firmware/plumbline but the simulated port's."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    paths = sorted(path for path in (_FIRMWARE / "plumbline").rglob("*.py") if not is_host_only(path))
    urls = [[path.relative_to(_FIRMWARE).as_posix(), path.relative_to(ROOT).as_posix()] for path in paths]
    rows = ",\n".join(f"    {json.dumps(row)}" for row in urls)
    return f'{{\n  "version": {json.dumps(version)},\n  "urls": [\n{rows}\n  ],\n  "deps": []\n}}\n'


def main(arguments: list[str] | None = None) -> int:
    """Write package.json; 1 when it is stale and only to be checked."""
    parser = argparse.ArgumentParser(prog="mip_package", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    wanted = content()
    if parser.parse_args(arguments).check:
        stale = not PACKAGE.is_file() or PACKAGE.read_text() != wanted
        if stale:
            print(f"{PACKAGE.name} is stale: run `make package`", file=sys.stderr)
        return int(stale)
    staged = PACKAGE.with_name(f".{PACKAGE.name}.{os.getpid()}")
    staged.write_text(wanted)
    os.replace(staged, PACKAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
