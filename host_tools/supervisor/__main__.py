"""`python -m host_tools.supervisor`: write services/supervisor.md from the table of the flight code.

With --check it writes nothing and fails when the page is not what the table says.
"""

import sys

from host_tools.supervisor.page import PAGE, markdown


def main(arguments: list[str]) -> int:
    """The command; exit code 1 for a page that is out of date, 2 for an argument that is not known."""
    if arguments not in ([], ["--check"]):
        print(f"supervisor: {arguments[0]}: the only option is --check", file=sys.stderr)
        return 2
    if not arguments:
        PAGE.write_text(markdown())
    elif not PAGE.is_file() or PAGE.read_text() != markdown():
        print(f"{PAGE.name}: is not what modes.py says: python -m host_tools.supervisor", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
