"""Files of readings and votes appear whole or not at all. Light: no flight code is imported here."""

from pathlib import Path

from host_tools.landing.atomic import publish, refusal


class BadInput(Exception):
    """One line: the file's name first, or the option's."""


def check_file(path: Path, option: str) -> None:
    """Refuse a file that cannot be written, before anything is done for it. Raises BadInput."""
    if path.is_dir():
        raise BadInput(f"{option} {path}: is a folder, not a file")
    reason = refusal(path.parent)
    if reason is not None:
        where = f"{path.parent} " if reason.startswith("is ") else ""
        raise BadInput(f"{option} {path}: {where}{reason}")


def write_file(path: Path, content: bytes, option: str) -> None:
    """The whole file, or what was there before. Raises BadInput."""
    try:
        publish(path.parent, {path.name: content})
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be written: {error.strerror or error}") from None
