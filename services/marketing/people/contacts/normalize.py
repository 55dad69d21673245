"""What people type, in one form each: e-mail, phone, country, company. Pure; None when it is not usable."""

import re
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email
from tldextract import TLDExtract

# The list of public suffixes in the package; nothing is fetched and nothing is cached on disk.
_extract = TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)
FREE_MAIL = frozenset((Path(__file__).parent / "free_mail.txt").read_text().split())
# One mailbox, many readers: who writes from it is not thereby the same person.
ROLE_MAILBOXES = frozenset(
    [
        "abuse",
        "accounting",
        "accounts",
        "admin",
        "billing",
        "bookings",
        "careers",
        "contact",
        "customerservice",
        "datenschutz",
        "einkauf",
        "enquiries",
        "enquiry",
        "feedback",
        "finance",
        "hallo",
        "hello",
        "help",
        "hostmaster",
        "hr",
        "info",
        "inquiries",
        "it",
        "jobs",
        "kontakt",
        "mail",
        "marketing",
        "media",
        "noreply",
        "no-reply",
        "office",
        "orders",
        "postmaster",
        "presse",
        "press",
        "privacy",
        "purchasing",
        "reception",
        "sales",
        "security",
        "service",
        "shop",
        "support",
        "team",
        "vertrieb",
        "webmaster",
        "welcome",
    ]
)
_ATOM = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+"
_USUAL_MAILBOX = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NUMBER = re.compile(r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+(?!\d)|\d+", re.ASCII)
_MANY_DIGITS = re.compile(r"(?:\d[ ()./-]{0,3}){7,}")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?")
MOST_EMPLOYEES = 10_000_000
LONGEST_EMAIL = 254


def email(text: str) -> str | None:
    """The address in lower case with its domain in Unicode form; None when it can't be one."""
    text = text.strip().removeprefix("mailto:")
    if not 3 <= len(text) <= LONGEST_EMAIL:
        return None
    mailbox, _, domain = text.rpartition("@")
    if _USUAL_MAILBOX.fullmatch(mailbox):
        # Nothing about it depends on its domain, and most people share theirs with others.
        normal, longest = _checked_domain(domain)
        if normal is None or len(mailbox) + longest < LONGEST_EMAIL:
            return f"{mailbox}@{normal}".lower() if normal else None
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        return None


@lru_cache(4096)
def _checked_domain(domain: str) -> tuple[str | None, int]:
    """The domain in Unicode form, or None when it can't be one, and how many bytes its longest form has."""
    try:
        found = validate_email(f"x@{domain}", check_deliverability=False)
    except (EmailNotValidError, ValueError):
        return None, 0
    return found.domain, max(len(found.domain.encode()), len(found.ascii_domain or ""))


def phone(text: str, country: str | None = None) -> str | None:
    """E.164, such as +4915112345678; a national number needs the country. None when it can't be one."""
    if not 4 <= len(text) <= 40:
        return None
    try:
        number = _number(text) if _E164.fullmatch(text) else phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(4096)
def _number(e164: str) -> phonenumbers.PhoneNumber:
    return phonenumbers.parse(e164, None)


@lru_cache(4096)
def phone_is_valid(e164: str) -> bool:
    """Whether the number lies in a range its country has given out."""
    return phonenumbers.is_valid_number(_number(e164))


def phone_country(e164: str) -> str | None:
    """The ISO country of a number; None where several share a code and the number doesn't tell."""
    region = phonenumbers.region_code_for_number(_number(e164))
    return region if region and region != "001" else None


def is_role_mailbox(address: str) -> bool:
    return address.partition("@")[0].partition("+")[0] in ROLE_MAILBOXES


def mail_domain(address: str) -> str:
    return address.rpartition("@")[2]


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
    return domain if 3 < len(domain) <= 190 and domain not in FREE_MAIL else None


@cache
def _countries(language: str) -> dict[str, str]:
    names = Locale(language).territories
    return {name.casefold(): code for code, name in names.items() if len(code) == 2 and code.isalpha()}


def country(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a code or of a name in English or German."""
    text = text.strip()
    known = _countries("en")
    if len(text) == 2 and text.upper() in known.values():
        return text.upper()
    wanted = text.casefold()
    usual = {"uk": "GB", "usa": "US", "u.s.": "US", "u.s.a.": "US", "united states of america": "US"}
    return usual.get(wanted) or known.get(wanted) or _countries("de").get(wanted)


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
    return zone if zone in _zones() else None


@cache
def _zones() -> frozenset[str]:
    """Those of the system or of the package tzdata, without the system's names for its own choice."""
    return frozenset(available_timezones()) - {"Factory", "localtime", "posixrules"}


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
    word = _NOT_WORD.sub("_", text.casefold()).strip("_")[:60]
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
        text = "".join(char if char.isprintable() else " " for char in text)
    clean = " ".join(text.split())
    return clean[:longest].strip() or None
