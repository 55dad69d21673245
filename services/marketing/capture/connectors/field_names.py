"""What the names of fields mean: the lists in `field_names/`, one line a name, and how a name is looked up.

A name is tried as it is, then without what tools and people put around it: the parts before its last
one, `q3_` and `_2`, capitals inside of a word, accents, and words such as "your" or "please enter".
"""

import re
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

from services.marketing.capture.connectors import origin

LISTS = Path(__file__).parent / "field_names"
MESSAGE = "message"  # what people wrote: an answer, and known by its name wherever it comes from
_NOT_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBERED = re.compile(r"^(?:[qf]|field|input|item|question)?_?\d{1,4}_(?=\D)|_?\d{1,3}$")
_IN_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\*")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
_MAIL = re.compile(
    r"e_?mail|mail(?!ing|box|_?opt)|courriel|correo|e_?post|correio|posta_elet|sahkoposti|pocta"
    r"|邮|郵|メール|이메일|почт|пошт"
)
_NUMBER = re.compile(
    r"(?<!ho)tel(?!_?aviv|egram)|phone|mobil|handy|\bcell|cellul|cel_|celular|movil|(?:^|_)fon(?:$|_)"
    r"|whats_?app|gsm|rufnummer|puhelin|kannykka|komorka|cep_tel|тел|τηλ|電話|电话|手机|手機|携帯|전화|휴대"
)
HINTED = 9  # the rank of a value that only its kind tells
DOUBTFUL = 6  # from this rank on, a name inside of something needs an address or number beside it
SURE = 3  # up to this rank a name means the field whoever uses it


class Meaning(NamedTuple):
    """The field a name stands for, and how surely: 1 is the surest, beyond SURE nothing better was there."""

    field: str
    rank: int


@lru_cache(4096)
def plain(name: str) -> str:
    """A name as the lists have it: `e_mail` of "E-Mail:"."""
    if not name.isascii():
        name = normalize("NFKC", name)
    return _NOT_WORD.sub("_", name.casefold()).strip("_")


def folded(text: str) -> str:
    """Without accents: `numero` of `número`."""
    if text.isascii():
        return text
    decomposed = normalize("NFKD", text.translate(_LETTERS))
    return normalize("NFC", "".join(char for char in decomposed if not combining(char)))


def _listed(name: str) -> list[str]:
    return [line for line in (LISTS / name).read_text("utf-8").splitlines() if line]


def _read() -> tuple[dict[str, str], frozenset[str]]:
    """Names to fields, and those among the names that mean it only where nothing better does."""
    names = dict(origin.FIELDS)  # hidden fields that say where somebody came from have a list of their own
    vague: set[str] = set()
    for file in sorted(
        LISTS.glob("*.tsv"), key=lambda file: (file.stem not in ("en", "builders"), file.stem)
    ):
        for line in _listed(file.name):
            field, _, name = line.partition("\t")
            usual = plain(name)
            for written in dict.fromkeys((usual, folded(usual), folded(usual.translate(_UMLAUTS)))):
                taken = names.setdefault(written, field.lstrip("~"))
                if field.startswith("~") and taken == field[1:]:
                    vague.add(written)
    return names, frozenset(vague)


NAMES, VAGUE = _read()
_WRAPPERS = frozenset(map(plain, _listed("wrappers.txt")))
_ELSEWHERE = frozenset(map(plain, _listed("elsewhere.txt")))
_NOISE = frozenset(map(folded, map(plain, _listed("noise.txt"))))
_IGNORED = frozenset(one for one in _listed("ignored.txt") if "*" not in one and "[0-9]" not in one)
_IGNORED_LIKE = re.compile("|".join(translate(one) for one in _listed("ignored.txt") if one not in _IGNORED))


@lru_cache(8192)
def meaning(path: tuple[str, ...], label: str | None = None) -> Meaning | None:
    """What a value is by its name; None when the name says nothing."""
    path = _named(path)
    parts = [part for one in path if (part := plain(one))]
    if any(part in _ELSEWHERE for part in parts[:-1]):
        return None
    if label is not None:
        found = _of_word(plain(label)) or _of_words(label)
        by_place = _of_place(path, parts) if not found else None
        return Meaning(found, 2 + 2 * (plain(label) in VAGUE)) if found else by_place
    return _of_place(path, parts)


def _named(path: tuple[str, ...]) -> tuple[str, ...]:
    """The steps that are names, not numbers: `emails` of `emails[0].value`."""
    names = tuple(one for one in path if not one.isdecimal())
    return names[:-1] if len(names) > 1 and names[-1] == "value" else names


def _of_place(path: tuple[str, ...], parts: list[str]) -> Meaning | None:
    if not parts:
        return None
    whole = "_".join(parts)
    field = _of_word(whole)
    if field:
        return Meaning(field, 1 if whole not in VAGUE else 5)
    for length in (3, 2):
        tail = "_".join(_NUMBERED.sub("", part) or part for part in parts[-length:])
        if len(parts) >= length and (field := NAMES.get(tail) or NAMES.get(folded(tail))):
            return Meaning(field, 2 + 2 * (tail in VAGUE))
    return _of_last(path, parts)


def _of_last(path: tuple[str, ...], parts: list[str]) -> Meaning | None:
    named = path[-1]
    last = parts[-1] if _of_word(parts[-1]) else plain(_CAMEL.sub("_", named))
    field = _of_word(last)
    wrapped = any(_NUMBERED.sub("", part) in _WRAPPERS for part in parts[:-1])
    if field and last not in VAGUE:
        return Meaning(field, 2 if wrapped else 3)
    if field:
        return Meaning(field, 4 if wrapped else DOUBTFUL)
    field = _of_words(named)
    return Meaning(field, DOUBTFUL + 1) if field else None


def _of_word(word: str) -> str | None:
    return NAMES.get(word) or (NAMES.get(folded(word)) if not word.isascii() else None)


def _of_words(name: str) -> str | None:
    """The field of a name that people and tools have put something around."""
    word = folded(plain(_CAMEL.sub("_", _IN_PARENTHESES.sub(" ", name))))
    for tried in (word, _NUMBERED.sub("", word)):
        if tried in NAMES:
            return NAMES[tried]
    words = _NUMBERED.sub("", word).split("_")[:12]
    while len(words) > 1 and words[0] in _NOISE:
        words.pop(0)
    while len(words) > 1 and words[-1] in _NOISE:
        words.pop()
    found = "_".join(words)
    if found in VAGUE and (NAMES[found] != "full_name" or found == "contact"):
        return None  # "preferred contact" is no person, "current state" no region
    return NAMES.get(found)


@lru_cache(4096)
def is_ignored(name: str) -> bool:
    """Whether it is a form builder's own matter: tokens, versions, what is no answer of anybody."""
    name = name.lower()
    return name in _IGNORED or _IGNORED_LIKE.match(name) is not None


def is_elsewhere(path: tuple[str, ...]) -> bool:
    """Whether it is of something that is not the person, or below it: the form's owner, a host, a device."""
    words = plain(path[-1]).split("_") if path else [""]
    if words[0] in _ELSEWHERE or words[-1] in _ELSEWHERE:
        return True
    return any(plain(part) in _ELSEWHERE for part in path[:-1])


@lru_cache(8192)
def hint(path: tuple[str, ...], label: str | None = None) -> str | None:
    """What a value might be by a part of its name, if it looks like one: `email` or `phone`."""
    if is_elsewhere(path):
        return None
    name = folded(plain(_CAMEL.sub("_", label or "_".join(_named(path)[-2:]))))
    if _MAIL.search(name):
        return "email"
    return "phone" if _NUMBER.search(name) else None


def fields_known() -> set[str]:
    """Every field that a name leads to."""
    return set(NAMES.values())
