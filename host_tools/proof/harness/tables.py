"""What a run leaves behind: a table, a JSON file, plots of the errors."""

import json
import os
import re
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from host_tools.proof.harness.comparison import Comparison
from host_tools.proof.harness.sweep import Outcome


def table_of(outcomes: list[Outcome]) -> Table:
    """One row a check."""
    table = Table(title="Kernels against their references (host tier, numba)", header_style="bold")
    table.add_column("kernel")
    table.add_column("domain", max_width=44)
    for heading in ("vectors", "exhaustive", "worst, LSB", "bound, LSB", "proved", "seconds"):
        table.add_column(heading, justify="right")
    for outcome in outcomes:
        style = None if outcome.passed else "bold red"
        table.add_row(
            outcome.kernel,
            outcome.domain,
            f"{outcome.vectors:,}",
            "yes" if outcome.exhaustive else "no",
            lsb(outcome.worst_error_lsb),
            lsb(outcome.bound_lsb),
            "yes" if outcome.proved else "no",
            f"{outcome.seconds:.1f}",
            style=style,
        )
    return table


def comparison_table(rows: list[Comparison]) -> Table:
    """Ours beside the published limits."""
    table = Table(title="Beside CMSIS-DSP's test limits for q31", header_style="bold")
    table.add_column("operation")
    table.add_column("kernel")
    table.add_column("ours, LSB (as they measure: against the exact word)", justify="right", max_width=22)
    table.add_column("ours against the real number, LSB", justify="right", max_width=18)
    table.add_column("their limit, LSB of 2^31", justify="right", max_width=14)
    table.add_column("their limit scaled to our result word, LSB", justify="right", max_width=20)
    for row in rows:
        table.add_row(
            row.operation,
            row.kernel,
            "-" if row.ours_lsb is None else lsb(row.ours_lsb),
            "-" if row.real_lsb is None else f"{row.real_lsb:.6f}",
            f"{row.limit_lsb:,}",
            "-" if row.ours_lsb is None else f"{row.scaled_limit_lsb:.3g} of 2^{row.word_bits}",
        )
    return table


def lsb(value: float) -> str:
    """0 where it is exact."""
    return "0" if value == 0 else f"{value:,.3g}" if value < 10 else f"{value:,.0f}"


def show(outcomes: list[Outcome], rows: list[Comparison], console: Console) -> None:
    """Both tables, then where a check failed."""
    console.print(table_of(outcomes))
    console.print(comparison_table(rows))
    for outcome in outcomes:
        if not outcome.passed:
            console.print(
                f"FAILED {outcome.kernel}: {outcome.bad:,} vectors; {outcome.where}", soft_wrap=True
            )


def write_json(outcomes: list[Outcome], path: Path) -> None:
    """All rows, or the old file: never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".part")
    staged.write_text(json.dumps([outcome.row() for outcome in outcomes], indent=1) + "\n")
    os.replace(staged, path)


def draw(outcomes: list[Outcome], folder: Path) -> list[Path]:
    """One picture a room: the error of each approximate check over its first argument, and its bound."""
    folder.mkdir(parents=True, exist_ok=True)
    rooms: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.points:
            rooms.setdefault(outcome.kernel.split(".")[0], []).append(outcome)
    return [_draw_room(room, found, folder / f"{room}.png") for room, found in rooms.items()]


def _draw_room(room: str, outcomes: list[Outcome], path: Path) -> Path:
    columns = 3
    lines = -(-len(outcomes) // columns)
    figure = Figure(figsize=(5 * columns, 3 * lines + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{room}.py: distance from the reference, LSB (line: bound)")
    for place, outcome in enumerate(outcomes):
        axes = figure.add_subplot(lines, columns, place + 1)
        x, y = zip(*outcome.points, strict=True)
        axes.plot(x, y, ",", color="tab:blue")
        axes.axhline(outcome.bound_lsb, color="tab:red", linewidth=0.8)
        axes.set_yscale("symlog", linthresh=0.1)
        axes.set_ylim(bottom=0)
        axes.set_title(f"{outcome.kernel.split('.')[1]}: {outcome.domain}", fontsize=8)
        axes.set_xlabel(outcome.against, fontsize=7)
        axes.tick_params(labelsize=7)
    figure.savefig(path, dpi=110)
    return path


# --- the table in the documentation --------------------------------------------------------

MARKS = ("<!-- crosscheck table: begin -->", "<!-- crosscheck table: end -->")


def markdown(outcomes: list[Outcome]) -> str:
    """Rows that do not change from run to run, then the run's figures."""
    lines = [
        "| kernel | domain | bound, LSB | worst, LSB | vectors | whole domain |",
        "|---|---|---:|---:|---:|---|",
    ]
    for o in outcomes:
        domain = o.domain.replace("|", "\\|")
        whole = "yes" if o.exhaustive else "no"
        lines.append(
            f"| {o.kernel} | {domain} | {o.bound_lsb:g} | {lsb(o.worst_error_lsb)} "
            f"| {o.vectors:,} | {whole} |"
        )
    return "\n".join(lines)


def rows_in(text: str) -> list[tuple[str, str, float]]:
    """(kernel, domain, bound) of every row between the markers."""
    table = text.partition(MARKS[0])[2].partition(MARKS[1])[0]
    rows = []
    for line in table.strip().splitlines()[2:]:
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        rows.append((cells[0], cells[1], float(cells[2])))
    return rows
