"""What a generic webhook's settings say: how it is signed, and where in its body things are. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.marketing.capture.connectors.generic.paths import PATH_HELP, Path, parse_path
from services.marketing.capture.sources.rules import IGNORE, OUR_FIELDS, SettingError

SIGNED = ("{body}", "{timestamp}.{body}", "{timestamp}:{body}", "{id}.{timestamp}.{body}")
ENCODINGS = ("hex", "base64")
SECRET_ENCODINGS = ("text", "base64")
UNITS = ("s", "ms")
MOST_PATHS = 100
MOST_EVENTS = 50
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_ELEMENT = re.compile(r"[A-Za-z0-9_]{1,20}")
_PREFIX = re.compile(r"[!-~]{0,40}")
_ANSWER = re.compile(r"[a-z0-9_]{1,100}")


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


@dataclass(frozen=True, slots=True)
class Lookup:
    """A list of things with an id and a text: where it is, and where in a thing the two are."""

    list: Path
    id: Path
    text: Path


@dataclass(frozen=True, slots=True)
class Questions:
    """A list of questions with their answers; the first value that is there is the answer.

    `titles` says the questions' texts by their names, `options` (in an item) those of chosen answers.
    """

    list: Path
    name: Path
    values: tuple[Path, ...]
    titles: Lookup | None = None
    options: Lookup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericSettings:
    """A generic connection's settings, checked."""

    signature: Signature
    fields: Mapping[str, Path] = field(default_factory=dict)
    answers: Mapping[str, Path] = field(default_factory=dict)
    root: Path = ()
    questions: Questions | None = None
    external_id: Path | None = None
    occurred_at: Path | None = None
    campaign: Path | None = None
    event: Path | None = None
    events: frozenset[str] = frozenset()


def parse_settings(given: Mapping[str, Any]) -> GenericSettings:
    """Raises SettingError for what can't be."""
    paths = ("fields", "answers", "root", "questions", "external_id", "occurred_at", "campaign", "event")
    known = ("preset", "signature", *paths, "events")
    _refuse_others(given, known, "")
    event, events = _path(given, "event"), given.get("events", [])
    texts = isinstance(events, list) and all(isinstance(event, str) for event in events)
    if not texts or len(events) > MOST_EVENTS:
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
        questions=_parse_questions(given.get("questions")),
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


def _parse_questions(given: Any) -> Questions | None:
    if given is None:
        return None
    pointer = "/questions"
    if not isinstance(given, dict):
        raise SettingError(pointer, "It says where the `list` is, and in an item `name` and `values`.")
    _refuse_others(given, ("list", "name", "values", "titles", "options"), pointer)
    values = given.get("values")
    if not isinstance(values, list) or not 0 < len(values) <= MOST_PATHS:
        raise SettingError(f"{pointer}/values", f"It is a list of 1 to {MOST_PATHS} paths.")
    return Questions(
        _parsed(given.get("list"), f"{pointer}/list"),
        _parsed(given.get("name"), f"{pointer}/name"),
        tuple(_parsed(one, f"{pointer}/values/{number}") for number, one in enumerate(values)),
        _parse_lookup(given.get("titles"), f"{pointer}/titles"),
        _parse_lookup(given.get("options"), f"{pointer}/options"),
    )


def _parse_lookup(given: Any, pointer: str) -> Lookup | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise SettingError(pointer, "It says where the `list` is, and in an item `id` and `text`.")
    _refuse_others(given, ("list", "id", "text"), pointer)
    return Lookup(*(_parsed(given.get(part), f"{pointer}/{part}") for part in ("list", "id", "text")))


def _path(given: Mapping[str, Any], name: str) -> Path | None:
    value = given.get(name)
    return _parsed(value, f"/{name}") if value is not None else None


def _parsed(value: Any, pointer: str) -> Path:
    path = parse_path(value) if isinstance(value, str) else None
    if path is None:
        raise SettingError(pointer, PATH_HELP)
    return path
