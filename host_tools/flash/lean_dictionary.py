"""The link dictionary as a board gets it: without what only people, the ground and other boards need.

Gone are the names of packets, fields and events, commands for other boards that this one does not send, and
events that it does not emit: many kilobytes of a Pico's memory. What the flight code does with the rest
stays: constants, identifications, layouts, severities, what a port takes and what it refuses.
"""

import ast
from collections.abc import Iterable
from typing import Any

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.flash.taken_names import taken_names
from plumbline.link import dictionary
from plumbline.link.packet import PacketType

PATH = "plumbline/link/dictionary.py"


def names_used(texts: Iterable[str]) -> set[str]:
    """What modules take of the dictionary, as in `dictionary.BOOT`."""
    return taken_names("dictionary", texts)


def lean(text: str, boards: Iterable[str], used: set[str]) -> str:
    """The text of dictionary.py for boards of these names, as in "NAVIGATION", whose modules take `used`.

    Layouts and sizes are those of the dictionary that is imported here.
    """
    tree = ast.parse(text)
    numbers = _numbers(tree)
    _drop_foreign_commands(tree, set(boards) | {"ANY_BOARD"}, used)
    _drop_events(tree, numbers, used)
    for node in tree.body:
        packet = _packet(node)
        if packet is not None:
            whole: PacketType = getattr(dictionary, _target(node))
            packet.args[0] = ast.Constant("")
            nothing = ast.Tuple([], ast.Load())
            packet.args[4:] = [nothing, ast.Constant(whole.layout), ast.Constant(whole.size)]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _target(node: ast.stmt) -> str:
    """The name that a statement assigns, or nothing."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _packet(node: ast.stmt) -> ast.Call | None:
    """The call of PacketType that a statement assigns."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        call = node.value
        if isinstance(call.func, ast.Name) and call.func.id == "PacketType" and len(call.args) == 5:
            return call
    return None


def _numbers(tree: ast.Module) -> dict[str, int]:
    """The constants."""
    found: dict[str, int] = {}
    for node in tree.body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name("const"), [ast.Constant(int(value))])):
                found[name] = value
    return found


def _drop_foreign_commands(tree: ast.Module, own: set[str], used: set[str]) -> None:
    dropped = set()
    for node in list(tree.body):
        packet = _packet(node)
        if packet is None or _target(node) in used:
            continue
        kind, board = (ast.unparse(part) for part in packet.args[2:4])
        if kind == "COMMAND" and board not in own:
            dropped.add(_target(node))
            tree.body.remove(node)
    for node in tree.body:
        if _target(node) == "PACKETS":
            rows: Any = node.value  # pyright: ignore[reportAttributeAccessIssue]  (an assignment has one)
            rows.elts = [row for row in rows.elts if ast.unparse(row) not in dropped]


def _drop_events(tree: ast.Module, numbers: dict[str, int], used: set[str]) -> None:
    """The table of events becomes their severities by number, as bytes."""
    table = bytearray(1)
    dropped = {"EVENTS"}
    for node in tree.body:
        if _target(node) == "EVENTS":
            rows: Any = node.value  # pyright: ignore[reportAttributeAccessIssue]  (an assignment has one)
            for row in rows.elts:
                event, severity = row.elts[0].id, row.elts[2].id
                table += bytes(max(0, numbers[event] + 1 - len(table)))
                table[numbers[event]] = numbers[severity]
                if event not in used:
                    dropped.add(event)
        elif _target(node) == "EVENT_SEVERITY":
            node.value = ast.Constant(bytes(table))  # pyright: ignore[reportAttributeAccessIssue]
    tree.body = [node for node in tree.body if _target(node) not in dropped]
