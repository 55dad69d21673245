"""What people type, in one form each: e-mail, phone, country, company. Pure; None when it is not usable."""

import re
from functools import cache
from pathlib import Path

from babel import Locale
from tldextract import TLDExtract

from services.marketing.people.contacts.addresses import (
    ROLE_MAILBOXES,
    email,
    emails,
    is_placeholder,
    is_role_mailbox,
    looks_like_one,
    mail_domain,
)
from services.marketing.people.contacts.countries import country
from services.marketing.people.contacts.names import Name, is_salutation, read_name, unescaped
from services.marketing.people.contacts.numbers import (
    country_called,
    is_international,
    is_national,
    phone,
    phone_country,
    phone_is_valid,
    phones,
)
from shared.time_zones import zones

__all__ = [
    "FREE_MAIL",
    "ROLE_MAILBOXES",
    "Name",
    "code",
    "company_domain",
    "company_size",
    "country",
    "country_called",
    "email",
    "emails",
    "fact",
    "is_address",
    "is_international",
    "is_national",
    "is_placeholder",
    "is_role_mailbox",
    "is_salutation",
    "language",
    "line",
    "looks_like_one",
    "mail_domain",
    "names_somebody",
    "phone",
    "phone_country",
    "phone_is_valid",
    "phones",
    "read_name",
    "time_zone",
    "unescaped",
    "website_domain",
]

# The list of public suffixes in the package; nothing is fetched and nothing is cached on disk.
_extract = TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)


def _listed(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


FREE_MAIL = _listed("free_mail.txt")
_PUBLIC_HOSTS = _listed("public_hosts.txt")
# Providers with a domain in most countries.
_FREE_EVERYWHERE = frozenset(
    ["gmail", "gmx", "googlemail", "hotmail", "outlook", "protonmail", "yahoo", "ymail"]
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NUMBER = re.compile(r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+(?!\d)|\d+", re.ASCII)
_MANY_DIGITS = re.compile(r"(?:\d[ ()./-]{0,3}){7,}")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?")
_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S+\s*", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # belong to words of Persian and Indian scripts, and hold an emoji together
MOST_EMPLOYEES = 10_000_000


def company_domain(text: str) -> str | None:
    """The registrable domain of an address, a URL or a host: acme.co.uk of https://www.acme.co.uk/x."""
    if not 3 <= len(text) <= 500:
        return None
    try:
        found = _extract(text.strip())
    except ValueError:  # such as the brackets of half an IPv6 address
        return None
    domain = found.top_domain_under_public_suffix.lower()
    if not found.suffix and found.subdomain and found.domain.isalpha():
        # The list's own rule for a top level it does not know is `*`; `.example` never will be in it.
        domain = f"{found.subdomain.rpartition('.')[2]}.{found.domain}".lower()
    if not 3 < len(domain) <= 190 or domain.partition(".")[0] in _FREE_EVERYWHERE:
        return None
    host = ".".join(filter(None, (found.subdomain, found.domain, found.suffix))).lower()
    while host != domain and host not in FREE_MAIL and "." in host:
        host = host.partition(".")[2]
    return domain if domain not in FREE_MAIL and host not in FREE_MAIL else None


def website_domain(text: str) -> str | None:
    """The domain of somebody's own website: a page at a network or a shop system is nobody's own."""
    domain = company_domain(text)
    return domain if domain not in _PUBLIC_HOSTS else None


def is_address(text: str) -> bool:
    """Whether a whole text is one URL."""
    return _ADDRESS.fullmatch(text) is not None


def language(text: str) -> str | None:
    """The language of a tag: `de` of `de-AT`."""
    match = _LANGUAGE.fullmatch(text.strip())
    found = match[1].lower() if match else None
    return found if found in _languages() else None


@cache
def _languages() -> frozenset[str]:
    """The ISO 639 codes of what CLDR has an English name for, without those that mean none in particular."""
    return frozenset(Locale("en").languages) - {"mul", "und", "zxx"}


def time_zone(text: str) -> str | None:
    """An IANA name such as Europe/Berlin."""
    zone = text.strip()
    return zone if zone in zones() else None


def company_size(text: str) -> int | None:
    """Employees as one number; of a range its lower end: 51 of "51-200", 10001 of "10,001+"."""
    match = _NUMBER.search(text)
    if match is None:
        return None
    digits = re.sub(r"\D", "", match[0])
    size = int(digits[:12])
    return size if 0 < size <= MOST_EMPLOYEES else None


def code(text: str) -> str | None:
    """A short machine word, as events carry it: `financial_services` of "Financial services"."""
    word = _NOT_WORD.sub("_", text.casefold()).strip("_")[:60].strip("_")
    return word if word and not names_somebody(text) else None


def fact(text: str, longest: int = 200) -> str | None:
    """One line about an organisation or a place. It may travel in events, so it must not name a person."""
    clean = line(text, longest)
    return clean if clean and not names_somebody(clean) else None


def names_somebody(text: str) -> bool:
    """Whether it looks like an e-mail address or a phone number, typed into the wrong field."""
    return "@" in text or _MANY_DIGITS.search(text) is not None


def line(text: str, longest: int = 200) -> str | None:
    """One line of text without control characters and outer space."""
    text = text[: 4 * longest]
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char in _JOINERS else " " for char in text)
    clean = " ".join(text.split())
    return clean[:longest].strip(f" {_JOINERS}") or None
