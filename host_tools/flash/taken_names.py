"""What flight code takes of a module by name: the rest of it need not go onto a board."""

import ast
from collections.abc import Iterable


def taken_names(module: str, texts: Iterable[str]) -> set[str]:
    """The names after the dot in `texts`, as in `slots.EST_SIZE` for the module `slots`."""
    taken = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Attribute(ast.Name(found), name) if found == module:
                    taken.add(name)
    return taken
