"""The story as files: story.html with picture and timeline, story.json, story.png and the images."""

import base64
import html
import json
from pathlib import Path
from typing import Any

from host_tools.landing.atomic import publish
from host_tools.story.player import Told

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }}
body {{ color: #222 }}
h1 {{ margin-bottom: .2rem }} .good {{ color: #2a7f3f }} .bad {{ color: #b3261e }} .quiet {{ color: #6b6b6b }}
img.whole {{ width: 100% }} .images img {{ width: 19%; min-width: 160px; image-rendering: pixelated }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
td, th {{ padding: .2rem .8rem .2rem 0; text-align: left }}
th {{ border-bottom: 1px solid #aaa }}
</style></head><body>
<h1>{title}</h1>
<p class="{mood}">{outcome}</p>
<p class="quiet">{facts}</p>
<p><img class="whole" alt="descent, power, the rover's way, its track, and its images" src="{picture}"></p>
<h2>Timeline</h2>
<table><tr><th>#</th><th>time, s</th><th>after touchdown, s</th><th>step</th></tr>{steps}</table>
<h2>Images</h2><p class="images">{images}</p>
<h2>Figures</h2><table>{figures}</table>
<h2>Events</h2>
<table><tr><th>time, s</th><th>board</th><th>event</th><th>argument</th><th>severity</th></tr>{events}</table>
</body></html>
"""


def write(told: Told, folder: Path) -> None:
    """All files into `folder`, whole or not at all. Raises OSError."""
    from host_tools.story.picture import draw  # matplotlib takes a second to import

    picture = draw(told)
    files = {f"image_{number}.jpg": image for number, image in told.images.items()}
    files |= {"story.png": picture, "story.html": page(told, picture).encode()}
    publish(folder, {**files, "story.json": (json.dumps(summary(told), indent=2) + "\n").encode()})


def summary(told: Told) -> dict[str, Any]:
    """What story.json holds; units are in the names."""
    return {
        "story": told.script.name,
        "seed": told.seed,
        "late_start": told.late,
        "complete": told.complete,
        "outcome": told.outcome,
        "steps": [{"name": m.name, "title": m.title, "time_s": round(m.time_s, 2)} for m in told.marks],
        "figures": told.figures,
        "images": [
            {
                "number": n,
                "bytes": len(image),
                **{k: told.stations[n][k] for k in ("station", "scoop_mrad", "tick")},
            }
            for n, image in told.images.items()
        ],
        "events": [e._asdict() | {"time_s": round(e.time_s, 2)} for e in told.events],
        "trace": told.trace,
    }


def page(told: Told, picture: bytes) -> str:
    """One page that needs nothing else."""
    touchdown_s = next((mark.time_s for mark in told.marks if mark.name == "touchdown"), None)
    return _PAGE.format(
        title=html.escape(told.script.title),
        mood="good" if told.complete else "bad",
        outcome=html.escape(("Complete: " if told.complete else "Not complete: ") + told.outcome),
        facts=html.escape(
            f"{told.script.description.strip()} Seed {told.seed}; tier: {told.figures['tier']};"
            " five boards on one bus." + (" Begun late: the descent starts low." if told.late else "")
        ),
        picture=_embedded("image/png", picture),
        steps="".join(
            _row([number, f"{mark.time_s:.2f}", _after(mark.time_s, touchdown_s), mark.title])
            for number, mark in enumerate(told.marks, start=1)
        ),
        images=" ".join(
            f'<img alt="image {number}" src="{_embedded("image/jpeg", image)}">'
            for number, image in told.images.items()
        ),
        figures="".join(
            _row([name.replace("_", " "), _shown(value)]) for name, value in told.figures.items()
        ),
        events="".join(
            _row([f"{e.time_s:.2f}", e.board, e.name, e.argument, e.severity]) for e in told.events
        ),
    )


def _after(time_s: float, touchdown_s: float | None) -> str:
    return "" if touchdown_s is None else f"{time_s - touchdown_s:+.1f}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,}" for name, number in value.items()) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _row(cells: list[Any]) -> str:
    made = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
    return f"<tr>{made}</tr>"


def _embedded(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
