"""The table of slots as a board gets it: only the names that its own modules, or tests on it, take.

A kernel repeats the slots that it uses as constants of its own, which the compiler folds. What a module
takes by name, as in `slots.EST_SIZE`, stays; the rest is for the prover and for tests on the host, and
would take ten kilobytes of a Pico's memory.
"""

import ast
from collections.abc import Iterable
from pathlib import Path

from host_tools.flash.taken_names import taken_names

PATH = "plumbline/kernels/slots.py"
_ROOT = Path(__file__).resolve().parents[2]
_ON_BOARDS = ("tests_device", "host_tools/proof/runtimes/replayed")  # what else runs on a board


def names_used(texts: Iterable[str]) -> set[str]:
    """What modules take of the table, as in `slots.EST_SIZE`."""
    return taken_names("slots", texts)


def used_by_tests() -> set[str]:
    """What the programs take that tests put onto a board."""
    files = (path for folder in _ON_BOARDS for path in sorted((_ROOT / folder).glob("*.py")))
    return names_used(path.read_text() for path in files)


def lean(text: str, used: set[str]) -> str:
    """The text of slots.py with only the constants that are `used`."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Assign) or _name(node) in used]
    return ast.unparse(tree) + "\n"


def _name(node: ast.Assign) -> str:
    """The name that a statement assigns."""
    return ast.unparse(node.targets[0])
