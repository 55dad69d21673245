"""Who the person is, out of what a body says of each field. Pure, and never raises on any input.

Of several values for one field the first usable one wins, in the order in which the names are sure and
then in the body's; the others stay answers. Where no name led to an address or a number, a value decides
that is one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from services.marketing.capture.connectors.field_names import MESSAGE, SURE, hint, is_elsewhere, plain
from services.marketing.capture.connectors.flattening import Named
from services.marketing.people.contacts import normalize
from services.marketing.people.contacts.rules import Person

T = TypeVar("T")
LONGEST_NAME = 100
LONGEST_TEXT = 2000  # looked at for a name
MOST_KEYS = 6
MOST_TRIED = 20  # values of one field; a body of two hundred addresses is no person's
# Values of these that can't be used are kept under the field's name: somebody may still make sense of them.
_TYPED = (
    *("email", "phone", "full_name", "given_name", "family_name", "company_name", "company_domain"),
    *("company_size", "industry", "job_title", "country", "region", "language", "time_zone"),
)
_TEXTS = ("full_name", "given_name", "family_name", "company_name", "company_domain", "job_title", MESSAGE)
_NOTHING = frozenset(
    ["-", "--", "---", ".", "..", "?", "/", "n/a", "n.a.", "k.a.", "undefined", "[object object]"]
)
_NO_COMPANY = _NOTHING.union(
    ["none", "null", "na", "nan", "nil", "no", "keine", "privat", "private", "aucune", "ninguna"]
)
_CODE = re.compile(r"code|prefix|vorwahl|dial|country")
_CALLING_CODE = re.compile(r"(?:\+|00)([1-9]\d{0,2})")
_SIGNED_NUMBER = re.compile(r"(?:\+|00)[\d\s()./-]{6,24}")


@dataclass(slots=True)
class Found:
    """What a body says of each field, with how surely, and the values no name tells anything of."""

    fields: dict[str, list[tuple[int, Named]]] = field(default_factory=dict)
    others: list[Named] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """The person, the answers that are left, and what was said and can't be used."""

    person: Person
    answers: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_person(found: Found, *, language: str | None, country: str | None) -> Read:
    """What can't be used is in the answers."""
    for several in found.fields.values():
        several.sort(key=lambda one: one[0])
    reader = _Reader(found)
    own_country = reader.first("country", normalize.country) or country
    emails = reader.emails()
    phones = reader.phones(own_country)
    given, family, company = reader.names()
    person = Person(
        email=emails[0] if emails else None,
        phone=phones[0] if phones else None,
        given_name=given,
        family_name=family,
        job_title=reader.first("job_title", _job_title),
        company_name=reader.first("company_name", _company_name) or company,
        company_domain=reader.first("company_domain", _website)
        or reader.first("url", _website)
        or reader.typed_as_url(),
        company_size=reader.first("company_size", normalize.company_size),
        industry=reader.first("industry", normalize.code),
        country=own_country or (normalize.phone_country(phones[0]) if phones else None),
        region=reader.first("region", lambda text: normalize.fact(text, 100)),
        language=reader.first("language", normalize.language) or language,
        time_zone=reader.first("time_zone", normalize.time_zone),
        more_keys=(*(("email", one) for one in emails[1:]), *(("phone", one) for one in phones[1:])),
    )
    return Read(person, reader.answers(person), reader.faults)


class _Reader:
    """Reads field after field, and remembers which values were used."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.used: dict[str, Named] = {}
        self.faults: list[str] = []

    def first(self, name: str, read: Callable[[str], T | None]) -> T | None:
        """The first value of a field that can be used."""
        for _, one in self.found.fields.get(name, ()):
            for text in one.values:
                if (value := read(text)) is not None:
                    self.used[name] = one
                    return value
        return None

    def emails(self) -> list[str]:
        """The address, and further ones of the same person."""
        good = self._keys("email", normalize.emails)
        good = good or self._by_value("email", normalize.emails, normalize.looks_like_one)
        if not good and (texts := self._texts("email")):
            stands_for_none = any(normalize.is_placeholder(text.lower()) for text in texts)
            self.faults.append("email_placeholder" if stands_for_none else "email_invalid")
        return good

    def phones(self, country: str | None) -> list[str]:
        """The number, and further ones."""
        country = country or self._dialled()
        read = partial(normalize.phones, country=country)
        good = self._keys("phone", read) or self._by_value(
            "phone", partial(read, valid=True), _is_whole_number
        )
        if not good:
            tried = self._texts("phone")
            hinted = [one.text for one in self.found.others if hint(one.path, one.label) == "phone"]
            if country is None and any(map(normalize.is_national, (*tried, *hinted[:MOST_TRIED]))):
                self.faults.append("phone_unclear")
            elif tried:
                self.faults.append("phone_invalid")
        return good

    def _dialled(self) -> str | None:
        """The country whose calling code stands in a field of its own: `phone_country=+49`."""
        told = [one for _, one in self.found.fields.get("country", ())]
        told += [one for one in self.found.others if _CODE.search(plain("_".join(one.path)))]
        codes = (match[1] for one in told if (match := _CALLING_CODE.fullmatch(one.text)))
        return next((country for code in codes if (country := normalize.country_called(code))), None)

    def _keys(self, name: str, read: Callable[[str], list[str]]) -> list[str]:
        """All values that are one: the first, and others whose names leave no doubt whose they are."""
        good: list[str] = []
        for rank, one in self.found.fields.get(name, [])[:MOST_TRIED]:
            # Of a list of people the second is somebody else.
            is_theirs = rank <= SURE and not any(map(str.isdecimal, one.path[:-1]))
            for text in one.values[:MOST_TRIED] if not good or is_theirs else ():
                values = read(text)
                if values and not good:
                    self.used[name] = one
                good += [value for value in values if value not in good]
        return good[:MOST_KEYS]

    def _texts(self, name: str) -> list[str]:
        several = self.found.fields.get(name, [])[:MOST_TRIED]
        return [text for _, one in several for text in one.values[:MOST_TRIED]]

    def _by_value(
        self, name: str, read: Callable[[str], list[str]], is_whole: Callable[[str], bool]
    ) -> list[str]:
        """A value that is one, under a name no list has: one that speaks of such a thing goes first."""
        others = [one for one in self.found.others if not is_elsewhere(one.path)]
        hinted = [one for one in others if hint(one.path, one.label) == name]
        whole = [one for one in others if one not in hinted and any(map(is_whole, one.values))]
        for one in (*hinted[:MOST_TRIED], *whole[:MOST_TRIED]):
            for text in one.values[:MOST_TRIED]:
                if values := read(text):
                    self.found.others.remove(one)
                    self.found.fields.setdefault(name, []).append((SURE + 1, one))
                    self.used[name] = one
                    return values[:1]
        misplaced = (one.text for field in _TEXTS for _, one in self.found.fields.get(field, ()))
        return next((values[:1] for text in misplaced if is_whole(text) and (values := read(text))), [])

    def names(self) -> tuple[str | None, str | None, str | None]:
        """Given and family name, and a company that was written behind the name."""
        given, family = self.first("given_name", _name), self.first("family_name", _name)
        whole = self.first("full_name", _name)
        if not whole or (given and family):
            return given, family, None
        if given or family:
            return *_completed(given, family, whole), None
        name = normalize.read_name(whole)
        return name.given, name.family, name.company

    def typed_as_url(self) -> str | None:
        """The domain of a company whose name was typed as the address of its site."""
        for _, one in self.found.fields.get("company_name", ()):
            for text in one.values:
                if normalize.is_address(text) and (domain := normalize.website_domain(text)):
                    return domain
        return None

    def answers(self, person: Person) -> dict[str, str]:
        """Everything that is not in a field: other values of it, unusable ones, and all other questions."""
        answers: dict[str, str] = {}
        for one in self.found.others:
            _keep(answers, _own_name(one), one.text)
        for name, several in self.found.fields.items():
            used = self.used.get(name) or several[0][1]
            unusable = name in _TYPED and name not in self.used
            if unusable or name == MESSAGE or (name == "job_title" and person.job_title):
                _keep(answers, name, person.job_title if name == "job_title" and not unusable else used.text)
            elif len(used.values) > 1:
                _keep(answers, _own_name(used), used.text)
            for _, one in several:
                if one is not used and one.text != used.text:
                    _keep(answers, _own_name(one), one.text)
        return answers


def _keep(answers: dict[str, str], name: str, text: str | None) -> None:
    while text and answers.setdefault(name, text) != text:
        name += "_2"


def _own_name(one: Named) -> str:
    said = (one.label or "_".join(one.path))[: 2 * LONGEST_NAME]
    return plain(said)[:LONGEST_NAME] or said


def _is_whole_number(text: str) -> bool:
    return _SIGNED_NUMBER.fullmatch(text) is not None


def _name(text: str) -> str | None:
    text = normalize.unescaped(text[:LONGEST_TEXT])
    is_none = text.casefold() in _NOTHING or normalize.looks_like_one(text)
    return None if is_none else normalize.line(text)


def _job_title(text: str) -> str | None:
    text = normalize.unescaped(text[:LONGEST_TEXT])
    return None if text.casefold() in _NOTHING or normalize.is_salutation(text) else normalize.line(text)


def _company_name(text: str) -> str | None:
    text = normalize.unescaped(text[:LONGEST_TEXT])
    return None if text.casefold() in _NO_COMPANY or normalize.is_address(text) else normalize.fact(text)


def _website(text: str) -> str | None:
    """An address with parameters is where somebody came from, whatever the field is called."""
    return normalize.website_domain(text) if "?" not in text and "#" not in text else None


def _completed(given: str | None, family: str | None, whole: str) -> tuple[str | None, str | None]:
    """One name and the whole: in many forms `nombre` or `Name` is only what the other field leaves."""
    words, known = whole.split(), (given or family or "").split()
    if given and words[: len(known)] == known:
        return given, " ".join(words[len(known) :]) or None
    if family and words[-len(known) :] == known:
        return " ".join(words[: -len(known)]) or None, family
    return (given, whole) if given else (whole, family)
