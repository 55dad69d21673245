"""Which lists there are, and what may be chosen of one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

List = Literal["loss_reasons", "competitors", "objections"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry asks of who chooses it."""

    active: bool
    needs_note: bool


def refusal(entries: Mapping[str, Entry], key: str, *, has_note: bool) -> tuple[str, str] | None:
    """(field, why) unless it may be chosen. Of a list with nothing to choose every code may be."""
    choices = sorted(key for key, entry in entries.items() if entry.active)
    if not choices:
        return None
    entry = entries.get(key)
    if entry is None or not entry.active:
        return "key", f"Not on the list. One of: {', '.join(choices)}."
    if entry.needs_note and not has_note:
        return "note", f"{key} says nothing by itself; say it in a note."
    return None
