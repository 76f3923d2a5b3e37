"""`python -m host_tools.proof.crosscheck [--full | --quick]`: every kernel against its reference.

Prints a table, writes build/crosscheck.json and build/crosscheck/*.png. `--docs` renews the table
in host_tools/proof/README.md; `--vectors FILE --kernel NAME` judges the vectors of a file instead.
Exit code 0 when every vector is within its bound, 1 when one is not, 2 for bad input.
"""

import argparse
import os
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

import host_tools.host_board  # noqa: F401  (makes the kernels importable)
from host_tools.landing.page_table import put_between
from host_tools.proof.harness import tables, vector_files
from host_tools.proof.harness.check import judge
from host_tools.proof.harness.comparison import comparisons
from host_tools.proof.harness.proved import proved_functions
from host_tools.proof.harness.sweep import FULL, QUICK, USUAL, Effort, Outcome, sweep
from host_tools.proof.suites import all_checks

BUILD = Path(__file__).resolve().parents[2] / "build"
README = Path(__file__).resolve().parent / "README.md"
# rooms of the first of two processes, which take as long as each other; the rest go to the second
FIRST_HALF = {
    *("fixed", "altitude", "verdicts", "dispute", "levels", "following"),
    *("attitude", "inertial", "contest", "thermistor", "abort", "touchdown"),
    *("heartbeat", "power", "arm_supply", "limits"),
    *("heater", "contact", "arming"),
    *("rover_drive", "rover_mode"),
}


def sweep_number(number: int, effort: Effort) -> Outcome:
    """A check by its place in the list: what crosses to another process must be plain."""
    return sweep(all_checks()[number], effort)


def sweep_all(effort: Effort) -> list[Outcome]:
    """All checks in the order of the list, half of the rooms in each of two processes.

    Each process has a cache of machine code of its own: numba's index is not made for two writers.
    """
    shared = os.environ["NUMBA_CACHE_DIR"]
    futures: dict[int, Future[Outcome]] = {}
    with ExitStack() as stack:
        try:
            for half in (0, 1):
                os.environ["NUMBA_CACHE_DIR"] = str(Path(shared) / f"crosscheck-{half}")
                pool = stack.enter_context(ProcessPoolExecutor(1, get_context("spawn")))
                for number, check in enumerate(all_checks()):
                    if (check.kernel.split(".")[0] in FIRST_HALF) == (half == 0):
                        futures[number] = pool.submit(sweep_number, number, effort)
        finally:
            os.environ["NUMBA_CACHE_DIR"] = shared
        outcomes = [futures[number].result() for number in range(len(all_checks()))]
    proved = proved_functions()
    for outcome in outcomes:
        outcome.proved = bool(proved.get(outcome.kernel, False))
    return outcomes


def judge_file(path: Path, name: str, console: Console) -> int:
    """Exit code 0 or 1; VectorFileError for what cannot be judged."""
    named = {check.kernel: check for check in reversed(all_checks())}
    if name not in named:
        raise vector_files.VectorFileError(
            f"{path}: no kernel is named {name!r}; one of {', '.join(sorted(named))}"
        )
    check = named[name]
    judgement = judge(check, vector_files.read(path, check))
    error, row, place = judgement.worst()
    count = judgement.error.size
    console.print(
        f"{name}: {count:,} vectors, worst {tables.lsb(error)} LSB at row {row + 1} {place}".rstrip()
    )
    console.print(
        f"bound {tables.lsb(check.bound_lsb)} LSB, {judgement.bad:,} vectors beyond what is allowed"
    )
    return 1 if judgement.bad else 0


def print_throughput(console: Console) -> None:
    """Steps per second; a figure of this machine, at this moment."""
    from host_tools.proof.harness.throughput import TARGET_STEPS_S, measure

    for found in measure():
        console.print(
            f"{found.kernel} ({found.what}): {found.steps_per_second:.3g} steps/s on one core"
            f" (target {TARGET_STEPS_S:.0e})"
        )


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="crosscheck", description="Every kernel against its reference.")
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument(
        "--full", action="store_true", help="the long run: whole domains, 10^8 random vectors"
    )
    effort.add_argument("--quick", action="store_true", help="what the tests run")
    parser.add_argument("--docs", action="store_true", help=f"renew the table in {README.name}")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help=".npy or .csv, one row a vector")
    parser.add_argument("--kernel", metavar="NAME", help="for --vectors, such as fixed.divide")
    found = parser.parse_args(words)
    if (found.vectors is None) != (found.kernel is None):
        parser.error("--vectors and --kernel go together")
    return found


def main(words: list[str] | None = None) -> int:
    """The command; its exit code."""
    wanted = _arguments(sys.argv[1:] if words is None else words)
    console = Console()
    if wanted.vectors is not None:
        try:
            return judge_file(wanted.vectors, wanted.kernel, console)
        except vector_files.VectorFileError as error:
            print(error, file=sys.stderr)
            return 2
    effort = FULL if wanted.full else QUICK if wanted.quick else USUAL
    began = time.perf_counter()
    outcomes = sweep_all(effort)
    report(outcomes, wanted.docs, console)
    console.print(f"{sum(o.vectors for o in outcomes):,} vectors in {time.perf_counter() - began:.0f} s")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def report(outcomes: list[Outcome], docs: bool, console: Console) -> None:
    """Table, file, pictures, throughput; the documentation when asked."""
    tables.show(outcomes, comparisons(outcomes), console)
    tables.write_json(outcomes, BUILD / "crosscheck.json")
    for picture in tables.draw(outcomes, BUILD / "crosscheck"):
        console.print(f"drawn: {picture.relative_to(BUILD.parent)}")
    print_throughput(console)
    if docs:
        put_between(README, tables.MARKS, tables.markdown(outcomes))


if __name__ == "__main__":
    sys.exit(main())
