"""Any run of a campaign again, as a full landing: the command, and the scenario file that it needs."""

import shlex
from typing import Any

import tomli_w

from host_tools.campaign import keys
from host_tools.campaign.draw import Run, draw
from host_tools.campaign.store import Store
from host_tools.landing.atomic import publish
from host_tools.scenarios import library
from host_tools.scenarios.library import ScenarioError
from host_tools.scenarios.schema import Scenario

FOLDER = "replay"


class NoSuchRun(Exception):
    """The store does not hold that run; one line."""


def prepare(store: Store, index: int) -> str:
    """The command that flies run `index` again; what it needs is written into the store's folder.

    Raises NoSuchRun, StoreError and OSError.
    """
    if not any(first <= index < first + count for first, count in store.stretches()):
        raise NoSuchRun(f"{store.folder}: holds no run {index}")
    return Replays(store).command(index)


class Replays:
    """Commands for the runs of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._campaign, self._scenario = store.campaign, store.scenario
        self._drawn = bool(self._campaign.dispersions or self._campaign.faults)
        self._built_in = not self._drawn and _is_built_in(self._campaign.scenario, self._scenario)

    def command(self, index: int) -> str:
        """As in `plumbline land resilience_nominal --seed 7`; writes a scenario's file where it needs one."""
        run = draw(self._campaign, self._scenario, index)
        if self._built_in:
            return f"plumbline land {self._campaign.scenario} --seed {run.seed}"
        folder = self._store.folder / FOLDER
        name = f"run-{index:08d}.toml" if self._drawn else "scenario.toml"
        content = written(run, self._campaign.name).encode()
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            publish(folder, {name: content})
        return f"plumbline land {shlex.quote(str(path))} --seed {run.seed}"


def _is_built_in(name: str, scenario: Scenario) -> bool:
    """Whether the program's own scenario of that name still is the one that was flown."""
    try:
        return name in library.names() and library.load(name) == scenario
    except ScenarioError:
        return False


def written(run: Run, campaign: str) -> str:
    """The run's scenario as a file that library.load reads to the same scenario."""
    head = f"# Run {run.index} of campaign {campaign}; it was flown with seed {run.seed}.\n"
    return head + tomli_w.dumps(_without_none(keys.tables(run.scenario)), multiline_strings=True)


def _without_none(value: Any) -> Any:
    """TOML has no null."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value
