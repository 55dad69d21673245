"""Paths into a JSON body, such as `$.form_response.answers[?(@.field.ref=='email')].email`. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST_PATH = 300
_WORD = r"[A-Za-z_][A-Za-z0-9_-]*"
_QUOTED = r"""(?:'([^'\\]{0,200})'|"([^"\\]{0,200})")"""
_STEP = re.compile(
    rf"\.({_WORD})|\[(\d{{1,4}})\]|\[{_QUOTED}\]|\[\?\(?@((?:\.{_WORD}){{1,5}}) ?== ?{_QUOTED}\)?\]"
)
PATH_HELP = (
    "A path is $ and steps such as .name, ['name'], [0] or [?(@.field.ref=='email')], "
    "which takes the first item that fits."
)


@dataclass(frozen=True, slots=True)
class Fitting:
    """A step to the first item of a list in which these names lead to this text."""

    names: tuple[str, ...]
    text: str


Path = tuple[str | int | Fitting, ...]


@lru_cache(4096)
def parse_path(text: str) -> Path | None:
    """The steps of a path; None when it is none. A small part of RFC 9535: what leads to one value."""
    if not text.startswith("$") or len(text) > LONGEST_PATH:
        return None
    steps: list[str | int | Fitting] = []
    at = 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        word, index, single, double, names, one, other = match.groups()
        if index is not None:
            steps.append(int(index))
        elif names is not None:
            steps.append(Fitting(tuple(names[1:].split(".")), one if one is not None else other))
        else:
            steps.append(next(name for name in (word, single, double) if name is not None))
        at = match.end()
    return tuple(steps)


def find(value: Any, path: Path | None) -> Any:
    """What a path leads to; None when it leads nowhere."""
    if path is None:
        return None
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        elif not isinstance(value, list):
            return None
        elif isinstance(step, int):
            value = value[step] if step < len(value) else None
        else:
            value = next((item for item in value if find(item, step.names) == step.text), None)
    return value
