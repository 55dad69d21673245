"""A body of any shape as a plain list of named values. Pure, bounded, and never raises on any input.

Form tools wrap their answers: as members of members (`payload.data.Email`), in names with brackets
(`form_fields[email]`), as lists of objects that carry a name and a value each. Here they all become the same.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

LONGEST = 65_536  # characters kept of one answer: more than a form's whole body may have
LONGEST_NAME = 100
MOST = 200  # named values of one lead
MOST_VISITED = 4000  # objects and values looked at for them
DEEPEST = 12
_BRACKETS = re.compile(r"[^\[\]\s]+(?:\[[^\[\]]*\])+")
_STEPS = re.compile(r"[\[\].$'\"]+")
# What an object calls its own name, and what it calls the value, the surest first.
_NAMED = ("label", "question", "title", "name", "key", "field", "ref", "id", "column_name")
_VALUED = ("value", "values", "answer", "answers", "string_value", "text")
_TYPED = "text email phone_number number boolean date url file_url choice choices"
_TYPED_VALUES = frozenset(_TYPED.split())
_PERSONAL = re.compile(r"mail|phone|mobile|(?:first|last|given|family).?name|company", re.IGNORECASE)
# What a question's own description is made of, and what stands beside an answer without being one.
_DESCRIBING = (
    "id ref key type title label question name properties validations required options choices layout "
    "attachment placeholder description order position page allow_multiple_selections"
)
_DESCRIBES = frozenset(_DESCRIBING.split())
_BESIDE = frozenset(["options", "field", "properties", "validations", "versions", "choices", "label"])
_PACKED = frozenset(["rawRequest", "raw_request", "payload", "data", "form_data", "formData", "json"])


class Named(NamedTuple):
    """One value: where it stood, what it calls itself, and what kind of answer its tool says it is."""

    path: tuple[str, ...]
    values: tuple[str, ...]
    label: str | None = None
    kind: str | None = None

    @property
    def text(self) -> str:
        return self.values[0] if len(self.values) == 1 else clean(", ".join(self.values))


def clean(text: str) -> str:
    """Text PostgreSQL can store: no NULs, no lone surrogates, not endless, and marked where it was cut."""
    if len(text) > LONGEST:
        kept = LONGEST - LONGEST_NAME  # with its mark it is short enough not to be cut again
        text = f"{text[:kept]}…({len(text) - kept} more)"
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode()
    return text


def as_text(value: Any) -> str:
    """One answer as text. Lists of plain values become one line; deeper things stay JSON."""
    if isinstance(value, str):
        return clean(value).strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # JSON of a spreadsheet: a phone number is no fraction
    if isinstance(value, int | float):
        return str(value)[:LONGEST_NAME]
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return clean(", ".join(_texts(value)))
    try:
        return clean(orjson.dumps(value).decode())
    except (TypeError, ValueError, RecursionError):
        return ""


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    """What is in a list of plain values, each once: a page may have the same field twice."""
    return tuple(dict.fromkeys(filter(None, map(as_text, values))))


def flatten(values: Mapping[str, Any]) -> list[Named]:
    """Every named value in a body, in order: `MOST` of them at most, out of `DEEPEST` levels."""
    found: list[Named] = []
    if all(type(value) is str for value in values.values()) and not _PACKED & values.keys():
        for name, value in values.items():
            if (text := clean(value).strip()) and (path := steps(name[: 2 * LONGEST_NAME])):
                found.append(Named(path, (text,)))
        return found[:MOST]
    walk = _Walk(found)
    walk.members((), values, 0)
    return [walk.titled(one) for one in found]


@lru_cache(8192)  # a form names its fields the same every time
def steps(name: str) -> tuple[str, ...]:
    """The steps of a field's name: `a[b]`, `a.b` and `$.a['b']` are two; a question in words is one."""
    name = clean(name).strip()
    if any(char.isspace() for char in name) and not _BRACKETS.fullmatch(name) and not name.startswith("$"):
        return (name[:LONGEST_NAME],)
    parts = [part.strip()[:LONGEST_NAME] for part in _STEPS.split(name)]
    kept = tuple(part for part in parts if part)
    return kept[-DEEPEST:] or ((name[:LONGEST_NAME],) if name else ())


class _Walk:
    """Goes through a body once. Whatever it is made of, the work is bounded."""

    def __init__(self, found: list[Named]) -> None:
        self.found = found
        self.left = MOST_VISITED
        self.titles: dict[str, str] = {}

    def members(self, path: tuple[str, ...], values: Mapping[str, Any], depth: int) -> None:
        for name, value in values.items():
            if len(self.found) >= MOST or self.left <= 0:
                return
            self.value((*path, *steps(str(name)[: 2 * LONGEST_NAME])), value, depth)

    def value(self, path: tuple[str, ...], value: Any, depth: int) -> None:
        """What stands at a place: plain, or more of the same below it."""
        self.left -= 1
        if isinstance(value, str) and path and path[-1] in _PACKED:
            value = _unpacked(value)
        if isinstance(value, dict) and depth < DEEPEST:
            self._object(path, value, depth + 1)
        elif isinstance(value, list) and depth < DEEPEST and any(isinstance(item, dict) for item in value):
            for number, item in enumerate(value):
                if len(self.found) >= MOST or self.left <= 0:
                    return
                self.value((*path, str(number)), item, depth + 1)
        else:
            texts = _texts(value) if isinstance(value, list) and _is_plain(value) else (as_text(value),)
            if path and (texts := tuple(filter(None, texts))):
                self.found.append(Named(path, texts))

    def _object(self, path: tuple[str, ...], value: dict[str, Any], depth: int) -> None:
        """An object of members, or one that stands for a single answer."""
        label, said = _label(value), _answer(value)
        if label and _is_somebody(value):
            self.members(path, value, depth)
        elif said is not None and (label or path):
            if isinstance(value[said], dict) and said not in _TYPED_VALUES:
                self.members((*path, *steps(label or "")), value[said], depth)
            elif texts := _chosen(value, value[said]):
                self.found.append(Named(path, texts, label, _kind(value)))
            self.members(path, _others(value, said, named=label is not None), depth)
        elif label and "value" not in value and value.keys() <= _DESCRIBES:
            for name in ("id", "ref", "key"):
                if isinstance(value.get(name), str):
                    self.titles.setdefault(value[name], label)
        else:
            asked = label is not None and "value" in value
            self.members(path, _others(value, "value", named=True) if asked else value, depth)

    def titled(self, one: Named) -> Named:
        """Some tools name an answer by an id, and the questions beside it."""
        title = self.titles.get(one.label or "") or self.titles.get(one.path[-1] if one.path else "")
        return one._replace(label=title) if title else one


def _unpacked(text: str) -> Any:
    """JSON inside of a field, as some tools send the whole form."""
    if len(text) <= LONGEST and text[:1] == "{":
        try:
            return orjson.loads(text)
        except (orjson.JSONDecodeError, RecursionError):
            return text
    return text


def _is_plain(values: list[Any]) -> bool:
    return all(isinstance(item, str | int | float) or item is None for item in values)


def _label(value: dict[str, Any]) -> str | None:
    """What an object says its name is: a Typeform answer says it of its field."""
    for name in _NAMED:
        said = value.get(name)
        if isinstance(said, dict) and name in ("field", "question", "label"):
            said = next(
                (said[n] for n in ("title", "text", "ref", "id") if isinstance(said.get(n), str)), None
            )
        if isinstance(said, str | int) and not isinstance(said, bool) and str(said).strip():
            return clean(str(said)).strip()[: 2 * LONGEST_NAME]
    return None


def _is_somebody(value: dict[str, Any]) -> bool:
    """Whether an object with a name is a person, not a question: its other members say so."""
    kind = value.get("type")
    if isinstance(kind, str) and kind in _TYPED_VALUES and kind in value:
        return False
    return any(map(_PERSONAL.search, value)) or value.keys() <= {"name", "text"}


def _answer(value: dict[str, Any]) -> str | None:
    """The member that is the answer an object stands for; None when it is an object of several members."""
    kind = value.get("type")
    for name in (kind, *_VALUED) if isinstance(kind, str) and kind in _TYPED_VALUES else _VALUED:
        said = value.get(name)
        if isinstance(said, str | int | float) or (isinstance(said, list) and said and _is_plain(said)):
            return name
        if isinstance(said, dict) and name in ("choice", "choices", "answer"):
            return name
    return None


def _others(value: dict[str, Any], said: str, *, named: bool) -> dict[str, Any]:
    """What else is in an object that is an answer: of one with a name of its own only what is nested."""
    others = {name: other for name, other in value.items() if name != said and name not in _BESIDE}
    return {n: o for n, o in others.items() if isinstance(o, dict | list)} if named else others


def _chosen(value: dict[str, Any], said: Any) -> tuple[str, ...]:
    """The texts of an answer: of chosen options their texts, not their ids."""
    if isinstance(said, dict):
        said = said.get("label") or said.get("labels") or said
    several = said if isinstance(said, list) and _is_plain(said) else [said]
    options = value.get("options")
    if isinstance(options, list):
        texts = {
            option["id"]: option.get("text") or option.get("label")
            for option in options[:MOST]
            if isinstance(option, dict) and isinstance(option.get("id"), str)
        }
        several = [texts.get(one) or one if isinstance(one, str) else one for one in several]
    return _texts(several)


def _kind(value: dict[str, Any]) -> str | None:
    kind = value.get("type")
    kind = kind.lower() if isinstance(kind, str) else ""
    return "email" if "email" in kind else "phone" if "phone" in kind or kind == "tel" else None
