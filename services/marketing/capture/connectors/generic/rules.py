"""What a generic webhook's settings say: how it is signed, and where in its body things are. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from services.marketing.capture.sources.rules import IGNORE, OUR_FIELDS, SettingError

SIGNED = ("{body}", "{timestamp}.{body}", "{timestamp}:{body}", "{id}.{timestamp}.{body}")
ENCODINGS = ("hex", "base64")
SECRET_ENCODINGS = ("text", "base64")
UNITS = ("s", "ms")
LONGEST_PATH = 300
MOST_PATHS = 100
MOST_EVENTS = 50
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_ELEMENT = re.compile(r"[A-Za-z0-9_]{1,20}")
_PREFIX = re.compile(r"[!-~]{0,40}")
_ANSWER = re.compile(r"[a-z0-9_]{1,100}")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How the sender signs. An element is a part of the header such as `v1` in `t=1700000000,v1=0a1b…`."""

    header: str
    prefix: str = ""
    encoding: str = "hex"
    signed: str = "{body}"
    element: str | None = None
    timestamp_header: str | None = None
    timestamp_element: str | None = None
    timestamp_unit: str = "s"
    id_header: str | None = None
    secret_encoding: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericSettings:
    """A generic connection's settings, checked."""

    signature: Signature
    fields: Mapping[str, Path] = field(default_factory=dict)
    answers: Mapping[str, Path] = field(default_factory=dict)
    root: Path = ()
    external_id: Path | None = None
    occurred_at: Path | None = None
    campaign: Path | None = None
    event: Path | None = None
    events: frozenset[str] = frozenset()


def parse_settings(given: Mapping[str, Any]) -> GenericSettings:
    """Raises SettingError for what can't be."""
    known = (
        "signature",
        "fields",
        "answers",
        "root",
        "external_id",
        "occurred_at",
        "campaign",
        "event",
        "events",
    )
    _refuse_others(given, known, "")
    event, events = _path(given, "event"), given.get("events", [])
    if (
        not isinstance(events, list)
        or len(events) > MOST_EVENTS
        or not all(isinstance(e, str) for e in events)
    ):
        raise SettingError("/events", f"It is a list of up to {MOST_EVENTS} texts.")
    if bool(events) != bool(event):
        raise SettingError(
            "/events", "`event` says where the kind of news stands, `events` which make leads."
        )
    return GenericSettings(
        signature=_parse_signature(given.get("signature")),
        fields=_paths(given, "fields", OUR_FIELDS - {IGNORE}),
        answers=_paths(given, "answers", None),
        root=_path(given, "root") or (),
        external_id=_path(given, "external_id"),
        occurred_at=_path(given, "occurred_at"),
        campaign=_path(given, "campaign"),
        event=event,
        events=frozenset(events),
    )


def _refuse_others(given: Mapping[str, Any], known: Sequence[str], pointer: str) -> None:
    for name in given:
        if name not in known:
            raise SettingError(
                f"{pointer}/{name[:60]}", f"There is no such setting; there are {', '.join(known)}."
            )


def _parse_signature(given: Any) -> Signature:
    if not isinstance(given, dict):
        raise SettingError("/signature", "Say how the sender signs: at least the name of the `header`.")
    patterns = {
        "prefix": _PREFIX,
        "element": _ELEMENT,
        "timestamp_header": _HEADER,
        "timestamp_element": _ELEMENT,
        "id_header": _HEADER,
    }
    choices = {
        "encoding": ENCODINGS,
        "signed": SIGNED,
        "timestamp_unit": UNITS,
        "secret_encoding": SECRET_ENCODINGS,
    }
    _refuse_others(given, ("header", *patterns, *choices), "/signature")
    if not isinstance(given.get("header"), str) or not _HEADER.fullmatch(given["header"]):
        raise SettingError("/signature/header", "It is the name of a header, such as Typeform-Signature.")
    for name, pattern in patterns.items():
        value = given.get(name)
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            raise SettingError(f"/signature/{name}", "It is a short plain text, as it stands in the request.")
    for name, several in choices.items():
        if given.get(name, several[0]) not in several:
            raise SettingError(f"/signature/{name}", f"It is one of {', '.join(several)}.")
    found = Signature(**{name: value for name, value in given.items() if value is not None})
    _check_together(found)
    return found


def _check_together(found: Signature) -> None:
    """A time or an id that is not signed could be anybody's; what is signed has to come from somewhere."""
    times = [name for name in (found.timestamp_header, found.timestamp_element) if name]
    if ("{timestamp}" in found.signed) != bool(times) or len(times) > 1:
        detail = "`{timestamp}` is signed with one of timestamp_header and timestamp_element, and only then."
        raise SettingError("/signature/signed", detail)
    if ("{id}" in found.signed) != (found.id_header is not None):
        raise SettingError("/signature/id_header", "It goes with a `signed` that has `{id}`, and only then.")


def _paths(given: Mapping[str, Any], name: str, targets: frozenset[str] | None) -> dict[str, Path]:
    value = given.get(name, {})
    if not isinstance(value, dict) or len(value) > MOST_PATHS:
        raise SettingError(f"/{name}", f"It is an object of up to {MOST_PATHS} paths.")
    for target in value:
        if targets is not None and target not in targets:
            detail = f"There is no such field; there are {', '.join(sorted(targets))}."
            raise SettingError(f"/{name}/{target[:60]}", detail)
        if targets is None and not _ANSWER.fullmatch(target):
            raise SettingError(f"/{name}/{target[:60]}", "An answer's name is a-z, 0-9 and _.")
    return {target: _parsed(path, f"/{name}/{target}") for target, path in value.items()}


def _path(given: Mapping[str, Any], name: str) -> Path | None:
    value = given.get(name)
    return _parsed(value, f"/{name}") if value is not None else None


def _parsed(value: Any, pointer: str) -> Path:
    path = parse_path(value) if isinstance(value, str) else None
    if path is None:
        raise SettingError(pointer, PATH_HELP)
    return path


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
