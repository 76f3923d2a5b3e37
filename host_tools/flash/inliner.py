"""Flight code for a board with its small functions unfolded: the same arithmetic, without the calls.

A call between viper functions costs some 350 instructions on a Cortex-M0+, often more than what it calls.
Kernels stay written as named functions, which is what is proved and flown on the host; for the
board `inlined` puts the body of each small viper function in place of its call. Python source in,
Python source out. Whatever cannot be unfolded without changing its meaning stays a call.
"""

import ast
from collections.abc import Mapping

from host_tools.flash.unfolding import Unfolding
from host_tools.flash.viper_library import Library, module_of, named_calls, vipers

__all__ = ["Library", "inlined", "unfolded"]


def unfolded(texts: Mapping[str, str]) -> dict[str, str]:
    """Sources of a board's whole program, unfolded, without the viper functions that nobody calls any more.

    texts: by path below firmware/, as in "plumbline/kernels/fixed.py".
    """
    library = Library(texts)
    trees = {module_of(path): ast.parse(inlined(path, library)) for path in texts}
    uncalled = dict(zip(trees, _uncalled(list(trees.values())), strict=True))
    gone = {module: {node.name for node in nodes} for module, nodes in uncalled.items()}
    for module, tree in trees.items():
        tree.body = [node for node in tree.body if node not in uncalled[module]]
        for node in [node for node in tree.body if isinstance(node, ast.ImportFrom)]:
            node.names = [alias for alias in node.names if alias.name not in gone.get(node.module or "", ())]
            if not node.names:
                tree.body.remove(node)
    return {
        path: ast.unparse(trees[module_of(path)]) + "\n"
        if library.functions[module_of(path)]
        else texts[path]
        for path in texts
    }


def _uncalled(trees: list[ast.Module]) -> list[list[ast.FunctionDef]]:
    """Of each module the viper functions whose names occur in no other code that is called.

    Names are compared without their modules: one that is kept too many does no harm.
    """
    found = [list(vipers(tree)) for tree in trees]
    wanted: set[str] = set()
    for tree, own in zip(trees, found, strict=True):
        for node in tree.body:
            if node not in own:
                wanted |= _names(node)
    grown = True
    while grown:
        called = {name for own in found for node in own if node.name in wanted for name in _names(node)}
        grown = not called <= wanted
        wanted |= called
    return [[node for node in own if node.name not in wanted] for own in found]


def _names(node: ast.AST) -> set[str]:
    """The names that a piece of code uses; what it only imports is not used yet, but under another name."""
    names = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            names.add(each.id)
        elif isinstance(each, ast.Attribute):
            names.add(each.attr)
        elif isinstance(each, ast.alias) and each.asname is not None:
            names.add(each.name)
    return names


def inlined(path: str, library: Library) -> str:
    """One of the library's sources with its viper functions unfolded; all else is left as it is."""
    own = library.functions[module_of(path)]
    if not own:
        return library.texts[path]
    tree = ast.parse(library.texts[path])
    imports: dict[str, ast.stmt] = {}
    for i, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name in own:
            unfolded = Unfolding(library).function(own[node.name])
            unfolded.decorator_list = node.decorator_list
            tree.body[i] = unfolded
            _import_callees(unfolded, module_of(path), library, imports)
    first = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef))
    tree.body[first:first] = imports.values()
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _import_callees(
    node: ast.FunctionDef, module: str, library: Library, imports: dict[str, ast.stmt]
) -> None:
    """What is still called from unfolded bodies of other modules gets a name here."""
    for call in named_calls(node):
        callee = library.callee(call)
        if callee is None or library.visible[module].get(call.func.id) is callee:
            continue
        alias = f"{callee.module.rsplit('.', 1)[1]}_{callee.node.name}"
        call.func.id = alias
        imports[alias] = ast.ImportFrom(callee.module, [ast.alias(callee.node.name, alias)], 0)
