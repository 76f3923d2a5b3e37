"""What is made from the dictionary and kept beside the code: `make dictionary`.

`--check` writes nothing and fails when a file is stale.
"""

import argparse
import os
import sys
from pathlib import Path

from host_tools.ground.codecs import codecs
from host_tools.ground.dictionary import DESCRIPTIONS, load
from host_tools.ground.entries import DictionaryError
from host_tools.ground.limits import TABLES, load_tables
from host_tools.ground.limits_page import limits_page
from host_tools.ground.markdown import markdown
from host_tools.host_board import ROOT

PACKETS = ROOT / "host_tools" / "ground" / "packets.py"
PAGE = DESCRIPTIONS.with_suffix(".md")
LIMITS_PAGE = TABLES.with_suffix(".md")


def contents() -> dict[Path, str]:
    """What each file ought to be. Raises DictionaryError."""
    dictionary = load()
    tables = load_tables(dictionary)
    made = {PACKETS: codecs(dictionary), PAGE: markdown(dictionary), LIMITS_PAGE: limits_page(tables)}
    return made | {table.file: table.text() for table in tables}


def main(arguments: list[str] | None = None) -> int:
    """Write the files; 1 when one is stale and only to be checked, 2 when the dictionary is wrong."""
    parser = argparse.ArgumentParser(prog="generate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    is_check = parser.parse_args(arguments).check
    try:
        wanted = contents()
    except DictionaryError as error:
        print(error, file=sys.stderr)
        return 2
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        if is_check:
            print(f"{path.name} is stale: run `make dictionary`", file=sys.stderr)
            continue
        staged = path.with_name(f".{path.name}.{os.getpid()}")
        staged.write_text(wanted[path])
        os.replace(staged, path)
    return int(is_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
