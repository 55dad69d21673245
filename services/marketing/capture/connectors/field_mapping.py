"""From whatever names a form gives its fields to a captured lead. Pure, and never raises on any input."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.marketing.acquisition.channels.rules import said, self_reported
from services.marketing.capture.connectors import origin
from services.marketing.capture.connectors.field_names import (
    DOUBTFUL,
    HINTED,
    SURE,
    Meaning,
    hint,
    is_ignored,
    meaning,
    plain,
)
from services.marketing.capture.connectors.flattening import (
    LONGEST_NAME,
    Named,
    as_text,
    clean,
    flatten,
    steps,
)
from services.marketing.capture.connectors.person_reading import Found, read_person
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.sources.rules import IGNORE
from services.marketing.people.consents.rules import read_consent
from services.marketing.people.contacts import normalize

__all__ = ["Defaults", "as_text", "clean", "identifier", "moment", "named_fields", "read_lead"]

LONGEST_ID = 280  # as it is; ids are opaque and can be longer
_AREAS = ("area", "area_code", "areacode")
_PART_OF_GRAVITY = re.compile(r"input_(\d+)_([1-8])")
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the form or connection says for all its leads."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    country: str | None = None
    hand_raiser: bool = False
    own_hosts: frozenset[str] = frozenset()  # of the pages the form stands on: no referrer


def read_lead(values: Mapping[str, Any], defaults: Defaults) -> CapturedLead:
    """The lead in a set of named values: known fields by mapping and usual names, the rest as answers."""
    found = Found()
    mapping = {plain(name): target for name, target in defaults.mapping.items()}
    for one in _with_areas(flatten(values)):
        found_as = _meaning(one, mapping)
        if found_as is None:
            found.others.append(one)
        elif found_as.field != IGNORE:
            found.fields.setdefault(found_as.field, []).append((found_as.rank, one))
    if any("input_" in one.path[0] for one in found.others if one.path):
        _name_parts_of_gravity(found)
    _set_strangers_aside(found)
    read = read_person(found, language=defaults.language, country=defaults.country)
    known = {name: several[0][1].text for name, several in found.fields.items()}
    came = origin.read_origin(known, defaults.own_hosts)
    answers = {**read.answers, **{name: clean(text) for name, text in came.unused.items()}}
    return CapturedLead(
        person=read.person,
        campaigns=came.campaigns,
        hand_raiser=defaults.hand_raiser,
        utm=came.utm,
        click_ids=came.click_ids,
        landing_path=came.landing_path,
        landing_host=came.landing_host,
        referrer=came.referrer,
        session_id=normalize.line(said(known.get("session_id", ""))),
        visitor_id=came.visitor_id,
        self_reported=self_reported(answers),
        consent=read_consent(answers),
        answers=answers,
        faults=read.faults,
    )


def _with_areas(named: list[Named]) -> list[Named]:
    """A number that stands beside its area's is one with it, as Jotform sends them."""
    areas = {one.path[:-1]: one.text for one in named if len(one.path) > 1 and plain(one.path[-1]) in _AREAS}
    if not areas:
        return named
    return [
        one._replace(values=(f"{areas[one.path[:-1]]} {one.text}",))
        if one.path[:-1] in areas and plain(one.path[-1]) in ("phone", "number")
        else one
        for one in named
    ]


def _set_strangers_aside(found: Found) -> None:
    """A `name` in a part of a body with no address or number beside it is a form's, a page's, a list's."""
    doubtful = [
        (name, rank, one)
        for name, several in found.fields.items()
        if name not in ("email", "phone")
        for rank, one in several
        if rank >= DOUBTFUL and len(one.path) > 1
    ]
    if not doubtful:
        return
    reachable = [one for name in ("email", "phone") for _, one in found.fields.get(name, ())]
    reachable += [one for one in found.others if hint(one.path, one.label)]
    beside = {one.path[:-1] for one in reachable}
    for name, rank, one in doubtful:
        if one.path[:-1] not in beside:
            found.fields[name].remove((rank, one))
            found.others.append(one)
    found.fields = {name: several for name, several in found.fields.items() if several}


def _name_parts_of_gravity(found: Found) -> None:
    """Gravity Forms numbers the parts of a name (2 title, 3 first, 4 middle, 6 last) and of an address."""
    parts: dict[str, dict[str, Named]] = {}
    for one in found.others:
        if match := _PART_OF_GRAVITY.fullmatch(plain("_".join(one.path))):
            parts.setdefault(match[1], {})[match[2]] = one
    for numbers in parts.values():
        if "1" in numbers or "5" in numbers:
            names = {"4": "region", "6": "country"}
        else:
            names = {"3": "given_name", "6": "family_name"} if "3" in numbers else {}
        for number in names.keys() & numbers.keys():
            found.others.remove(numbers[number])
            found.fields.setdefault(names[number], []).append((SURE + 1, numbers[number]))


def named_fields(values: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str | None]:
    """The names of a post's fields, as the form has them, and which of ours each is by its name.

    What form builders say to each other (`_wpcf7`, nonces) is left out.
    """
    ours = {plain(name): target for name, target in mapping.items()}
    written = {steps(name[: 2 * LONGEST_NAME]): name for name in values}
    found: dict[str, str | None] = {}
    for one in flatten(values):
        if len(one.path) < 3 and is_ignored("_".join(one.path)):
            continue
        means = _meaning(one, ours)
        name = one.label or written.get(one.path) or ".".join(one.path)
        found[name] = means.field if means else None
    return found


def _meaning(one: Named, mapping: Mapping[str, str]) -> Meaning | None:
    """What a value is: by the form's own mapping, else by its name, else by the kind its tool says it is."""
    if mapping and (mapped := _mapped(one, mapping)):
        return mapped
    if len(one.path) < 3 and is_ignored("_".join(one.path)):
        return Meaning(IGNORE, 1)
    return meaning(one.path, one.label) or (Meaning(one.kind, HINTED) if one.kind else None)


def _mapped(one: Named, mapping: Mapping[str, str]) -> Meaning | None:
    """What the form's own mapping says of a value: by its whole path, its label, its last name."""
    whole = plain("_".join(one.path))
    names = [whole, f"{whole}_value", *(f"{whole}_{number}" for number in range(min(len(one.values), 5)))]
    if one.label:
        names.append(plain(one.label))
    names += [plain(one.path[-1])] if one.path else []
    return next((Meaning(mapping[name], 0) for name in names if name and name in mapping), None)


def moment(value: Any) -> datetime | None:
    """An aware time from ISO 8601 text or unix seconds; None when it is none after the year 2000."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdecimal()):
            found = datetime.fromtimestamp(float(value), UTC)
        elif isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
        else:
            return None
        if found.tzinfo is None:
            return None
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found >= OLDEST else None


def identifier(value: Any) -> str | None:
    """An id of another system, which sends it as a number or as text. A very long one becomes its hash."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    if len(text) > LONGEST_ID:
        return "sha256:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return clean(text) or None
