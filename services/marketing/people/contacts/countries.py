"""Countries as people write them, in many languages. Pure."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import combining, normalize

from babel import Locale
from babel.core import get_global

_ALIASES = Path(__file__).parent / "country_names.tsv"
# The first to know a name decides: a few names mean different countries in different languages.
_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "tr", "nb", "fi", "ro", "hu", "el"),
    *("ru", "uk", "zh", "zh_Hant", "ja", "ko", "ar", "he", "hr", "sk", "sl", "bg", "ca", "id", "vi", "th"),
)
# Two letters that CLDR has names for and that are no country: unions, parts of countries, pseudo ones.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_APART = re.compile(r"\s*[/|,;]\s*|\s+[-\u2013\u2014]\s+")
_NOT_WORD = re.compile(r"[\W_]+")
_CODED = re.compile(r"([A-Z]{2,3})\s*[-_:]|[a-z]{2}[-_]([A-Z]{2})$")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
LONGEST = 100


def country(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a code of two letters or three, of a name in many languages, or of a flag."""
    text = text.strip()
    if len(text) == 2 and text.isascii():
        code = text.upper()
        return code if code in _codes() else _aliases().get(text.casefold())
    return _named(text) if len(text) <= LONGEST else None


@lru_cache(4096)
def _named(text: str) -> str | None:
    for tried in _tries(text):
        if found := _found(tried):
            return found
    return None


def _tries(text: str) -> list[str]:
    """The text, what stands in parentheses and around them, its parts: "Korea, Republic of" is one name."""
    flag = _FLAG.search(text)
    letters = "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in flag[0]) if flag else ""
    inner = _PARENTHESES.findall(text)[:2]
    outer = _PARENTHESES.sub(" ", text)
    last, _, first = outer.partition(",")
    parts = [part for part in _APART.split(outer) if part][:4]
    coded = _CODED.match(text)
    code = (coded[1] or coded[2]) if coded else ""
    return [text, outer, f"{first} {last}" if first else "", *inner, *parts, letters, code]


def _found(text: str) -> str | None:
    wanted = _key(text)
    if len(wanted) == 2 and wanted.upper() in _codes():
        return wanted.upper()
    if len(wanted) == 3 and (code := _alpha3().get(wanted.upper())):
        return code
    return _aliases().get(wanted) or _names().get(wanted) if wanted else None


def _key(name: str) -> str:
    """A name without accents, punctuation, capitals and its article."""
    decomposed = normalize(
        "NFKD", name.replace("\u0131", "i").replace("ł", "l").replace("ø", "o").replace("&", " and ")
    )
    bare = "".join(char for char in decomposed.casefold() if not combining(char)).replace(".", "")
    words = _NOT_WORD.sub(" ", bare).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "die", "la", "le", "el") else words)


@cache
def _codes() -> frozenset[str]:
    names = map(str, Locale("en").territories)
    return frozenset(code for code in names if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


@cache
def _alpha3() -> dict[str, str]:
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return {
        code: to[0] for code, to in aliases.items() if len(code) == 3 and code.isalpha() and to[0] in _codes()
    }


@cache
def _aliases() -> dict[str, str]:
    rows = (line.split("\t") for line in _ALIASES.read_text("utf-8").splitlines() if "\t" in line)
    return {_key(name): code for code, name in rows}


@cache
def _names() -> dict[str, str]:
    """Names to codes. It takes half a second, once, and only for whoever writes no code and no usual name."""
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in _codes():
                found.setdefault(_key(name), code)
    return found
