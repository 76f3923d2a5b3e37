"""`plumbline report`: from a store to its page."""

import numpy as np

from host_tools.campaign import parquet
from host_tools.campaign.findings import Findings
from host_tools.campaign.page import Content, Shown, page
from host_tools.campaign.program import fingerprint
from host_tools.campaign.replay import Replays
from host_tools.campaign.store import VERSION, Store, StoreError
from host_tools.landing.atomic import publish

PAGE = "report.html"
_FAILURES_SHOWN = 50
_WORST_SHOWN = 10


def write(store: Store) -> str:
    """Writes the page and the scenario files of its replays; returns the page's name.

    Raises StoreError, PartError and OSError.
    """
    from host_tools.campaign import pictures  # matplotlib takes a second to import

    found = findings(store)
    scenario = store.scenario
    replays = Replays(store)

    def shown(rows: np.ndarray) -> list[Shown]:
        return [Shown(int(row), replays.command(int(found.columns["index"][row]))) for row in rows]

    content = Content(
        campaign=store.campaign,
        scenario=scenario,
        findings=found,
        summary=store.summary,
        failures=shown(found.failed()[:_FAILURES_SHOWN]),
        worst=shown(found.worst(scenario, _WORST_SHOWN)),
        touchdowns=pictures.touchdowns(found),
        histograms=pictures.histograms(found, scenario),
        same_program=store.program == fingerprint(),
    )
    publish(store.folder, {PAGE: page(content)})
    return PAGE


def findings(store: Store) -> Findings:
    """All stored runs. Raises StoreError when there is none, and PartError."""
    parts = store.parts
    if not parts:
        raise StoreError(f"{store.folder}: no run has been stored yet")
    runs = parquet.table(parts, VERSION)
    return Findings({name: runs[name].to_numpy() for name in runs.column_names})
