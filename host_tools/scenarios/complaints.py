"""What pydantic complains of, as a key and a reason in the words of the file."""

import difflib
from typing import Any

from pydantic import BaseModel

_TAGS = ("laser", "radar")  # stand in the place of an error, but are no keys of the file


def urgency(complaint: Any) -> int:
    """A misspelt key first: it explains the missing one."""
    return {"extra_forbidden": 0, "missing": 2}.get(complaint["type"], 1)


# pydantic's kind of error -> the key below the place, and what to say; {got} is the value in the file.
_REASONS = {
    "missing": ("", "is missing"),
    "union_tag_not_found": ("kind", "is missing (laser or radar)"),
    "union_tag_invalid": ("kind", "must be 'laser' or 'radar' (got {tag!r})"),
    "literal_error": ("", "must be {expected} (got {got})"),
    "model_type": ("", "must be a table (got {got})"),
    "model_attributes_type": ("", "must be a table (got {got})"),
    "dict_type": ("", "must be a table (got {got})"),
    "list_type": ("", "must be an array of tables (got {got})"),
    "string_type": ("", "must be text (got {got})"),
    "string_pattern_mismatch": ("", "must be letters, digits, '_', '-' and '.' (got {got})"),
}


def explain(model: type[BaseModel], complaint: Any) -> tuple[str, str]:
    """Key and reason of one of pydantic's complaints."""
    context = complaint.get("ctx", {})
    kind = complaint["type"]
    below = ""
    if kind == "at":
        below, reason = context["key"], context["reason"]
    elif kind == "extra_forbidden":
        reason = "unknown key" + _suggestion(model, complaint["loc"])
    elif kind in _REASONS:
        below, form = _REASONS[kind]
        reason = form.format(got=_shortened(complaint["input"]), **context)
    else:
        reason = complaint["msg"].removeprefix("Value error, ")
        reason = reason[0].lower() + reason[1:]
    key = _key(complaint["loc"])
    return ".".join(part for part in (key, below) if part), reason


def _key(loc: tuple[Any, ...]) -> str:
    """A place as people write it: altimeter[1].beam_deg."""
    key = ""
    for part in loc:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part not in _TAGS:
            key += f".{part}" if key else str(part)
    return key


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _suggestion(model: Any, loc: tuple[Any, ...]) -> str:
    """', did you mean ...' from the keys that the table at `loc` has."""
    for part in loc[:-1]:
        if part in _TAGS or isinstance(part, int):
            continue
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        model = _table_in(field.annotation, loc) if field else None
        if model is None:
            return ""
    known = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(str(loc[-1]), known, 1, 0.6)
    return f", did you mean '{close[0]}'?" if close else ""


def _table_in(annotation: Any, loc: tuple[Any, ...]) -> Any:
    """The table class inside list[...], Annotated[...] and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [found for arg in getattr(annotation, "__args__", ()) if (found := _table_in(arg, loc))]
    tagged = [table for table in inner if table.__name__.lower().startswith(tuple(map(str, loc[-2:-1])))]
    return (tagged or inner or [None])[0]
