"""The budget's figures as two tables, of ticks and of memory: on the terminal and in the README."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from host_tools.landing.page_table import put_between

README = Path(__file__).with_name("README.md")
NS_PER_CYCLE = 8
TICK_CYCLES = 1_250_000  # 10 ms at 125 MHz
_MARKS = ("<!-- budget: begin -->", "<!-- budget: end -->")
_SIZES = ("heap_free_bytes", "largest_free_block_bytes", "flash_bytes", "static_ram_bytes")


def cells(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[str]], list[str], list[list[str]]]:
    """Headings and cells of the two tables, ticks and memory."""
    ticks, memory = [], []
    for row in rows:
        if "memory" in row:
            has = row["memory"]
            pause_ms = f"{has['collector_pause_cycles'] * NS_PER_CYCLE * 1e-6:.1f} ms"
            sizes = ["unknown" if has[key] is None else f"{has[key]:,}" for key in _SIZES]
            free, largest, flash, ram = sizes
            memory.append([row["board"], free, largest, pause_ms, flash, ram])
            continue
        numbers = [row[key] for key in ("median_cycles", "p999_cycles", "worst_cycles")]
        shares = [f"{n:,} ({n / TICK_CYCLES:.1%})" for n in numbers]
        ticks.append([row["board"], row["rate_group"], *shares, f"{row['allocated_bytes']}"])
    return (
        ["board", "rate group", "median cycles", "99.9 %", "worst", "bytes allocated"],
        ticks,
        ["board", "heap free", "largest block", "collector pause", "firmware flash", "static RAM"],
        memory,
    )


def markdown(rows: list[dict[str, Any]]) -> str:
    """The tables as they stand in the README."""
    heading, ticks, memory_heading, memory = cells(rows)
    tables = []
    for names, lines in ((heading, ticks), (memory_heading, memory)):
        head = f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
        tables.append(head + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    return "\n".join(tables)


def write_readme(rows: list[dict[str, Any]], readme: Path = README) -> None:
    """Put the tables between the marks."""
    put_between(readme, _MARKS, markdown(rows))


def show(rows: list[dict[str, Any]]) -> None:
    """The tables on the terminal."""
    heading, ticks, memory_heading, memory = cells(rows)
    for names, lines in ((heading, ticks), (memory_heading, memory)):
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for name in names:
            table.add_column(name)
        for line in lines:
            table.add_row(*line)
        Console().print(table)
    print("tier: emulated RP2040 at 125 MHz; percent of a 100 Hz tick")
