"""What was typed in a correction, in the one form each field has. Pure: what can't be used is named.

A correction is typed by somebody who meant it: what the doors would read leniently, or leave out, is refused
here with what to do.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from services.marketing.people.contacts import normalize
from shared.errors import FieldError

Values = dict[str, Any]
# What a rep may correct of the person whose lead they hold: those they hear it from.
OF_A_REP = frozenset({"phone", "given_name", "family_name"})
EMAIL = "It is no e-mail address that somebody can have. Send one address, or null."
PHONE = "It is no phone number. Send it with its country's code, as +49 30 901820, or send `country` as well."
COUNTRY = "It is no country. Send its ISO code, as DE, or its name."
LANGUAGE = "It is no language. Send its ISO 639 code, as de."
TIME_ZONE = "It is no time zone. Send an IANA name, as Europe/Berlin."
DOMAIN = "It is no company's own domain, as muster-gmbh.example. Those of mail providers are nobody's."
TEXT = "There is nothing to read in it. Send null to clear it."
FACT = "It must not have an e-mail address or a phone number in it: it goes into events, which name nobody."
INDUSTRY = "It is no word of letters and digits, as financial_services."
CONTROL = "It has control characters, or a line's end. Send one line of text."
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
Reading = Callable[[str], Any]
OF_CONTACTS: Mapping[str, tuple[Reading, str]] = {
    "email": (normalize.email, EMAIL),
    "given_name": (normalize.line, TEXT),
    "family_name": (normalize.line, TEXT),
    "job_title": (normalize.line, TEXT),
    "company_name": (normalize.fact, FACT),
    "country": (normalize.country, COUNTRY),
    "region": (lambda text: normalize.fact(text, 100), FACT),
    "language": (normalize.language, LANGUAGE),
    "time_zone": (normalize.time_zone, TIME_ZONE),
}
OF_COMPANIES: Mapping[str, tuple[Reading, str]] = {
    "name": (normalize.fact, FACT),
    "industry": (normalize.code, INDUSTRY),
    "country": (normalize.country, COUNTRY),
    "domain": (normalize.company_domain, DOMAIN),
}


def contact_values(given: Values, *, country: str | None) -> tuple[Values, list[FieldError]]:
    """The fields given, each in its form, and what can't be used. A phone is read by the new country, if any.

    `country` is the contact's own.
    """
    values, faults = _read(given, OF_CONTACTS)
    if (phone := given.get("phone")) is not None:
        values["phone"] = normalize.phone(phone, values.get("country") or country)
        if values["phone"] is None or _CONTROL.search(phone):
            faults.append({"pointer": "/phone", "detail": PHONE})
    return values, faults


def company_values(given: Values) -> tuple[Values, list[FieldError]]:
    """The same of a company. Its domain can't be cleared: it is known by it."""
    values, faults = _read(given, OF_COMPANIES)
    if "domain" in given and given["domain"] is None:
        faults.append({"pointer": "/domain", "detail": "A company is known by its domain: send another one."})
    return values, faults


def beyond_a_rep(given: Collection[str]) -> list[str]:
    """The fields that are not a rep's to correct."""
    return sorted(set(given) - OF_A_REP)


def _read(given: Values, fields: Mapping[str, tuple[Reading, str]]) -> tuple[Values, list[FieldError]]:
    values = dict(given)
    faults: list[FieldError] = []
    for name in given.keys() & fields.keys():
        read, fault = fields[name]
        if given[name] is None:
            continue
        values[name] = read(given[name])
        if not given[name] or _CONTROL.search(given[name]):
            faults.append({"pointer": f"/{name}", "detail": CONTROL if given[name] else TEXT})
        elif values[name] is None:
            faults.append({"pointer": f"/{name}", "detail": fault})
    return values, sorted(faults, key=lambda one: one["pointer"])
