"""`python -m host_tools.proof.runtimes`: five runtimes, one hash, as a table and as build/runtimes.json.

Exit code 0 when all agree, 1 when they differ, 2 when they cannot be run.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from host_tools.flash.unix_port import PortError, unix_port
from host_tools.proof.declared import DeclarationError
from host_tools.proof.runtimes.run import Outcome, Row, Run, RunError
from host_tools.proof.runtimes.variants import ROOT, RUNTIMES

PROGRAMS = ("flight", "kernels", "link", "drivers", "ports")
_JSON = ROOT / "build" / "runtimes.json"
_WORK = ROOT / "build" / "runtimes"


def main(arguments: list[str] | None = None) -> int:
    """The command; see --help."""
    parser = argparse.ArgumentParser(
        prog="host_tools.proof.runtimes", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--steps", type=_positive, default=2000, help="steps of each program in a round")
    parser.add_argument("--rounds", type=_positive, default=1, help="rounds, each with other vectors")
    parser.add_argument("--seed", type=int, default=1, help="the first round's")
    parser.add_argument("--out", type=Path, default=_JSON, help="the JSON file to write")
    given = parser.parse_args(arguments)
    try:
        port = unix_port()
        rows, differences = [], []
        for seed in range(given.seed, given.seed + given.rounds):
            outcome = one_round(port.program, seed, given.steps)
            rows += outcome.rows
            differences += [(seed, difference) for difference in outcome.differences]
            if differences:
                break
    except (PortError, RunError, DeclarationError) as error:
        print(error, file=sys.stderr)
        return 2
    print_table(rows, port.version)
    for seed, difference in differences:
        print(f"seed {seed}: {difference}")
    written = {
        "micropython": port.version,
        "seed": given.seed,
        "agree": not differences,
        "runtimes": totals(rows),
        "programs": [asdict(row) for row in rows],
        "differences": [{"seed": seed, **asdict(difference)} for seed, difference in differences],
    }
    _write(given.out, written)
    return 1 if differences else 0


def one_round(program: Path, seed: int, steps: int) -> Outcome:
    """Every program's `steps`, in a folder that is gone afterwards (a round of 20,000 writes 900 MB)."""
    _WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_WORK) as folder:
        return Run(Path(folder), program, seed).outcome(dict.fromkeys(PROGRAMS, steps))


def totals(rows: list[Row]) -> list[dict[str, Any]]:
    """One row a runtime: all of its steps, and one hash of all that it wrote."""
    total = []
    for runtime in RUNTIMES:
        own = [row for row in rows if row.runtime == runtime.name]
        digest = hashlib.sha256("".join(row.hash for row in own).encode()).hexdigest()
        steps, seconds = sum(row.steps for row in own), round(sum(row.seconds for row in own), 3)
        agree = all(row.agree for row in own)
        total.append(
            {"runtime": runtime.title, "steps": steps, "hash": digest, "seconds": seconds, "agree": agree}
        )
    return total


def print_table(rows: list[Row], version: str) -> None:
    """Seconds are those of the replay alone, its reading and writing included."""
    print(f"MicroPython {version}, 32-bit unix port on x86")
    print(f"{'runtime':<22}{'steps':>9}  {'hash':<16}{'seconds':>9}  agree")
    for row in totals(rows):
        agree = "yes" if row["agree"] else "NO"
        print(
            f"{row['runtime']:<22}{row['steps']:>9,}  {row['hash'][:14]:<16}{row['seconds']:>9.2f}  {agree}"
        )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return value


def _write(path: Path, written: dict[str, Any]) -> None:
    """All or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(written, indent=1) + "\n")
    os.replace(draft, path)


if __name__ == "__main__":
    sys.exit(main())
