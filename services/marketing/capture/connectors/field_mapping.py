"""From whatever names a form gives its fields to a captured lead. Pure, and never raises on any input."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.sources.rules import IGNORE
from services.marketing.people.contacts import normalize
from services.marketing.people.contacts.rules import Person

LONGEST = 4000  # characters kept of one answer
MOST = 200
LONGEST_ID = 280  # as it is; ids are opaque and can be longer
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
CLICK_IDS = ("gclid", "gbraid", "wbraid", "fbclid", "li_fat_id", "ttclid", "msclkid")
_UTM = ("source", "medium", "campaign", "term", "content")
_NOT_WORD = re.compile(r"[\W_]+")
_TYPED = (
    *("email", "phone", "company_name", "company_domain", "company_size", "industry"),
    *("country", "region", "language", "time_zone"),
)
# Our field <- the usual names of it, as `_plain` writes them.
_NAMES = {
    "email": "email e_mail mail email_address emailaddress e_mail_address work_email business_email",
    "phone": "phone phone_number phonenumber telephone tel mobile mobile_number work_phone telefon",
    "full_name": "name full_name fullname your_name contact_name",
    "given_name": "given_name first_name firstname fname vorname forename",
    "family_name": "family_name last_name lastname lname surname nachname",
    "company_name": "company company_name companyname organization organisation employer firma unternehmen",
    "company_domain": "company_domain company_website website domain company_url homepage",
    "company_size": "company_size employees employee_count number_of_employees companysize headcount",
    "industry": "industry branche sector",
    "job_title": "job_title jobtitle title position job_role role",
    "country": "country country_code land",
    "region": "region state province bundesland",
    "language": "language locale lang",
    "time_zone": "time_zone timezone tz",
    "session_id": "session_id sessionid client_id",
    "landing_url": "landing_url landing_page page_url page_location url",
}
FIELDS = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
FIELDS |= {f"utm_{part}": f"utm_{part}" for part in _UTM} | {name: name for name in CLICK_IDS}
FIELDS["gcl_id"] = "gclid"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the form or connection says for all its leads."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    country: str | None = None
    hand_raiser: bool = False


def clean(text: str) -> str:
    """Text PostgreSQL can store: no NULs, no lone surrogates, not endless."""
    text = text[:LONGEST]
    if "\x00" in text:
        text = text.replace("\x00", "")
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
    if isinstance(value, int | float):
        return str(value)[:LONGEST]
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return clean(", ".join(filter(None, (as_text(item) for item in value))))
    try:
        return clean(orjson.dumps(value).decode())
    except (TypeError, ValueError, RecursionError):
        return ""


def flatten(values: Mapping[str, Any]) -> dict[str, str]:
    """Names to texts. A nested object's members are named with their parent: `utm.source`."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        inner = value if isinstance(value, dict) else {"": value}
        for part, item in inner.items():
            if len(flat) >= MOST:
                return flat
            text = as_text(item)
            key = clean(str(name))[:100] + (f".{clean(str(part))[:100]}" if part else "")
            if text and key:
                flat[key] = text
    return flat


@lru_cache(4096)  # a form names its fields the same every time
def _plain(name: str) -> str:
    return _NOT_WORD.sub("_", name.casefold()).strip("_")


def read_lead(values: Mapping[str, Any], defaults: Defaults) -> CapturedLead:
    """The lead in a set of named values: known fields by mapping and usual names, the rest as answers."""
    known: dict[str, str] = {}
    answers: dict[str, str] = {}
    for name, text in flatten(values).items():
        plain = _plain(name)
        target = defaults.mapping.get(name) or defaults.mapping.get(plain) or FIELDS.get(plain)
        if target == IGNORE:
            continue
        if target is None or target in known:
            answers[plain[:100] or name] = text
        else:
            known[target] = text
    return _read_known(known, answers, defaults)


def named_fields(values: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str | None]:
    """The names of a post's fields, as the form has them, and which of ours each is by its name."""
    return {
        name: mapping.get(name) or mapping.get(_plain(name)) or FIELDS.get(_plain(name))
        for name in flatten(values)
    }


def _read_known(known: Mapping[str, str], others: Mapping[str, str], defaults: Defaults) -> CapturedLead:
    utm, click_ids, path = _origin(known)
    country = normalize.country(known.get("country", "")) or defaults.country
    email = normalize.email(known["email"]) if "email" in known else None
    phone = normalize.phone(known["phone"], country) if "phone" in known else None
    faults = [
        f"{name}_invalid"
        for name, value in (("email", email), ("phone", phone))
        if name in known and not value
    ]
    given, family = _names(known)
    title = _line(known, "job_title")
    person = Person(
        email=email,
        phone=phone,
        given_name=given,
        family_name=family,
        job_title=title,
        company_name=normalize.fact(known.get("company_name", "")),
        company_domain=normalize.company_domain(known.get("company_domain", "")),
        company_size=normalize.company_size(known.get("company_size", "")),
        industry=normalize.code(known.get("industry", "")),
        country=country or (normalize.phone_country(phone) if phone else None),
        region=normalize.fact(known.get("region", ""), 100),
        language=normalize.language(known.get("language", "")) or defaults.language,
        time_zone=normalize.time_zone(known.get("time_zone", "")),
    )
    # What can't be used is kept as an answer: somebody may still make sense of it.
    answers = {**others}
    answers |= {name: known[name] for name in _TYPED if name in known and getattr(person, name) is None}
    if title:
        answers["job_title"] = title
    return CapturedLead(
        person=person,
        campaigns=(CampaignReference("utm", utm["campaign"]),) if utm.get("campaign") else (),
        hand_raiser=defaults.hand_raiser,
        utm=utm,
        click_ids=click_ids,
        landing_path=path,
        session_id=normalize.line(known.get("session_id", "")),
        answers=answers,
        faults=faults,
    )


def _line(known: Mapping[str, str], name: str) -> str | None:
    return normalize.line(known.get(name, ""))


def _names(known: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Given and family name; one name for both is cut after its first word, or at "Family, Given"."""
    given, family = _line(known, "given_name"), _line(known, "family_name")
    whole = _line(known, "full_name")
    if given or family or not whole:
        return given, family
    if "," in whole:
        last, _, first = whole.partition(",")
        return first.strip() or None, last.strip() or None
    first, _, last = whole.partition(" ")
    return first, last or None


def _origin(known: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], str | None]:
    """UTM values, click ids and the landing path: as fields, else out of the landing page's address."""
    address = known.get("landing_url", "")
    try:
        parts = urlsplit(address)
        query = {name.lower(): value for name, value in parse_qsl(parts.query, max_num_fields=100)}
        path = parts.path[:500] or ("/" if parts.netloc else None)
    except ValueError:
        query, path = {}, None
    said = {**query, **known}
    utm = {part: value for part in _UTM if (value := _marked(said, f"utm_{part}", 200))}
    click_ids = {name: value for name in CLICK_IDS if (value := _marked(said, name, 500))}
    return utm, click_ids, clean(path) if path else None


def _marked(said: Mapping[str, str], name: str, longest: int) -> str | None:
    text = said.get(name)
    value = normalize.line(text, longest) if text else None
    return clean(value) if value else None


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
