"""Names of people as one text: given and family name, without titles, letters after it, company. Pure."""

import re
from functools import cache, lru_cache
from html import unescape
from pathlib import Path
from typing import NamedTuple

from nameparser import Lexicon, Parser, Policy

LONGEST = 200
_LIST = Path(__file__).parent / "name_words.tsv"
_MARKS = re.compile(r"[,;|()\"“”@/&<>\d]")
_COMPANY_FOLLOWS = re.compile(r"\s+[\u2013\u2014|-]\s+|\s*\|\s*|\s+@\s+")
_LEGAL_FORMS = frozenset(
    [
        "gmbh",
        "ggmbh",
        "ag",
        "kg",
        "ohg",
        "gbr",
        "ltd",
        "limited",
        "llc",
        "inc",
        "corp",
        "plc",
        "bv",
        "nv",
        "oy",
        "aps",
        "sarl",
        "srl",
        "kft",
    ]
)
_GLUED = re.compile(r"^(Dr|Prof|Mr|Mrs|Ms|Hr|Fr|Ing|Mag)\.(?=\w{2})", re.IGNORECASE)
_IN_PARENTHESES = re.compile(r"\(([^()]*)\)")
_BORN = ("geb", "geborene", "née", "nee", "born", "nata")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_FAMILY_FIRST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u3005]+")


class Name(NamedTuple):
    """A person's name in two parts; the company is what stood behind a comma, if it is one."""

    given: str | None = None
    family: str | None = None
    company: str | None = None


@cache
def _words() -> dict[str, frozenset[str]]:
    """Words by what they are: salutation, title, title_of_three, suffix, particle, company."""
    found: dict[str, set[str]] = {}
    for line in _LIST.read_text("utf-8").splitlines():
        kind, _, word = line.partition("\t")
        if word:
            found.setdefault(kind, set()).add(_bare(word))
    return {kind: frozenset(words) for kind, words in found.items()}


def _bare(word: str) -> str:
    return word.casefold().replace(".", "").strip()


def unescaped(text: str) -> str:
    """`J&ouml;rg` as it is meant. Once only: what is still escaped was typed so."""
    return unescape(text) if "&" in text and _ENTITY.search(text) else text


def is_salutation(text: str) -> bool:
    """Whether it says how to address somebody, and no job: Frau, Mr., Dr., "keine Angabe"."""
    if len(text) > 40:
        return False
    known = _titles()
    whole = _bare(text)
    return whole in known or all(_bare(word) in known for word in re.split(r"[\s/,]+", text.strip()))


@lru_cache(4096)
def read_name(text: str) -> Name:
    """Given and family name out of a whole one.

    Two plain words are just these; anything else is read by the library, which knows particles ("van der"),
    titles and letters after names in many languages.
    """
    text = _GLUED.sub(r"\1. ", text)
    words = text.split()
    apart = _MARKS.search(text) or _COMPANY_FOLLOWS.search(text)
    if len(words) > 1 and _bare(words[-1]) in _LEGAL_FORMS and not apart:
        return Name(None, None, text)
    is_plain = not _MARKS.search(text)
    while is_plain and len(words) > 2 and _bare(words[0]) in _titles():
        del words[0]
    if len(words) == 2 and is_plain and not _is_special(words):
        if _FAMILY_FIRST.fullmatch(words[0]) and _FAMILY_FIRST.fullmatch(words[1]):
            return Name(words[1], words[0])
        return Name(words[0], words[1])
    if len(words) < 2:
        return Name(text.strip() or None)
    company, kept = _without_extras(text)
    if not kept:
        return Name(None, None, company)
    given, family = _parsed(", ".join(kept[:2]))
    return Name(given, family, company)


@cache
def _titles() -> frozenset[str]:
    return _words()["salutation"] | _words()["title"] | _words()["title_of_three"]


def _is_special(words: list[str]) -> bool:
    known = _words()
    if words[0].casefold() in ("fr.", "fam."):
        return True
    return any(_bare(word) in known[kind] for word in words for kind in ("salutation", "title", "particle"))


def _without_extras(text: str) -> tuple[str | None, list[str]]:
    """The parts between commas that are names, and the company among the others."""
    known = _words()
    whole, _, behind = _COMPANY_FOLLOWS.sub("\n", text, count=1).partition("\n")
    company, kept = behind.strip() or None, list[str]()
    for inner in _IN_PARENTHESES.findall(whole)[:2]:
        if not known["company"].isdisjoint(map(_bare, inner.split())):
            company, whole = company or inner.strip(), whole.replace(f"({inner})", " ")
    for number, part in enumerate(re.split(r"\s*[,;]\s*", whole.strip(" ,;"))):
        words = part.split()
        bare = [_bare(word) for word in words]
        if number and words and _is_no_name(bare):
            continue
        if number and not known["company"].isdisjoint(bare):
            company = company or part
        elif part:
            kept.append(part)
    return company, kept


def _is_no_name(words: list[str]) -> bool:
    """Whether what stands behind a comma is letters after a name, a job, or the name before marriage."""
    known = _words()
    if words[0] in _BORN or not known["job"].isdisjoint(words):
        return True
    return all(word in known["suffix"] or word in known["title"] for word in words)


def _parsed(text: str) -> tuple[str | None, str | None]:
    first, comma, _ = text.partition(", ")
    if not comma and len(first.split()) < 2:
        return first or None, None
    found = _parser().parse(text)
    given, family = found.given_names, found.family
    if not given and not family:
        return text, None
    if (
        found.title and given and not family
    ):  # "Frau Schmidt": who is addressed so is called by the family name
        return None, given
    return given or None, family or None


@cache
def _parser() -> Parser:
    titles = (word for word in _titles() if word.replace("-", "").isalpha())
    return Parser(Lexicon.default().add(titles=titles), Policy(strip_emoji=False))
