"""The flight code as each runtime gets it: one source, and for bytecode and native another decorator.

A copy in which `@micropython.viper` reads `@micropython.native` or `@micropython.bytecode`, or in
which small functions are unfolded as deployment does it: nothing else differs. A test may plant a
change in one runtime's copy.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.flash.inliner import Library, inlined, unfolded

ROOT = Path(__file__).resolve().parents[3]
FIRMWARE = ROOT / "firmware"
VIPER = "@micropython.viper"


@dataclass(frozen=True)
class Runtime:
    """One way to run the flight code. `decorator` is None on the host; `unfolded` is as boards get it."""

    name: str
    title: str
    decorator: str | None = None
    unfolded: bool = False


RUNTIMES = (
    Runtime("plain", "CPython"),
    Runtime("numba", "numba"),
    Runtime("bytecode", "MicroPython bytecode", "@micropython.bytecode"),
    Runtime("native", "MicroPython native", "@micropython.native"),
    Runtime("viper", "MicroPython viper", VIPER),
    Runtime("unfolded", "viper as deployed", VIPER, unfolded=True),
)


@dataclass(frozen=True)
class Plant:
    """A change in one runtime's copy: in `path` below firmware/, `old` becomes `new`, `old` occurs once."""

    runtime: str
    path: str
    old: str
    new: str


@dataclass
class Copies:
    """Folders that stand for firmware/, one a runtime; on the host firmware/ itself, unless planted."""

    folder: Path
    plants: tuple[Plant, ...] = ()
    made: dict[str, Path] = field(default_factory=dict)

    def of(self, runtime: Runtime) -> Path:
        """The copy for one runtime, made when it is first asked for."""
        if runtime.name not in self.made:
            self.made[runtime.name] = self._make(runtime)
        return self.made[runtime.name]

    def _make(self, runtime: Runtime) -> Path:
        if runtime.decorator is None and not any(plant.runtime == runtime.name for plant in self.plants):
            return FIRMWARE  # numba has compiled it already
        target = self.folder / runtime.name
        texts = {path.relative_to(FIRMWARE).as_posix(): path.read_text() for path in FIRMWARE.rglob("*.py")}
        shutil.rmtree(target, ignore_errors=True)
        for path, text in as_run_by(runtime, texts, self.plants).items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text)
        return target


def as_run_by(
    runtime: Runtime,
    texts: Mapping[str, str],
    plants: Sequence[Plant] = (),
    callers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The flight code's texts, by path below firmware/, as one runtime gets them, plants included.

    callers: texts from which the flight code is called. Given these, what was unfolded and is called no more
    is left out, as in a deployment.
    """
    changed = dict(texts)
    for plant in plants:
        if plant.runtime == runtime.name:
            changed[plant.path] = planted(changed, plant)
    if runtime.unfolded and callers is not None:
        with_callers = unfolded({**changed, **callers})
        changed = {path: with_callers[path] for path in changed}
    elif runtime.unfolded:
        library = Library(changed)
        changed = {path: inlined(path, library) for path in changed}
    return {path: text.replace(VIPER, runtime.decorator or VIPER) for path, text in changed.items()}


def planted(texts: Mapping[str, str], plant: Plant) -> str:
    """The file's text with the change. ValueError unless the text to change is there just once."""
    text = texts[plant.path]
    if text.count(plant.old) != 1:
        raise ValueError(f"{plant.path} has {plant.old!r} {text.count(plant.old)} times, not once")
    return text.replace(plant.old, plant.new)
