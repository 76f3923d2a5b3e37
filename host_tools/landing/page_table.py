"""A table that a command makes and a page keeps, between two marks of its own."""

from pathlib import Path

from host_tools.landing.atomic import publish


def put_between(page: Path, marks: tuple[str, str], table: str) -> None:
    """Replace the lines between the marks, whole or not at all. Raises ValueError: the page and why not."""
    begin, end = marks
    try:
        head, found, rest = page.read_text(encoding="utf-8").partition(begin)
        _, also_found, tail = rest.partition(end)
        if not found or not also_found:
            raise ValueError(f"{page}: has no marks for the table")
        text = f"{head}{begin}\n{table.rstrip()}\n{end}{tail}"
        publish(page.parent, {page.name: text.encode()})
    except OSError as error:
        raise ValueError(f"{page}: {error.strerror}") from None
