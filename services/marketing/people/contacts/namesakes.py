"""Whether two names can be one person's. Pure.

Spelling in Latin letters does not matter (Müller, Mueller; Stefan, Stephan), nor do further parts
(Hans-Peter, Hans) and usual short forms, which stand in short_names.txt: a full name and its short forms
a line. An initial says nothing against a name, and nothing for it.
"""

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from itertools import chain
from pathlib import Path

Name = tuple[str | None, str | None]  # given, family
# Letters that Unicode does not take apart, as people without them on their keyboard type them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "a", "œ": "o", "þ": "th", "ð": "d"}
    | dict.fromkeys("'\u2019`\u00b4\u200c\u200d")
)
# Spellings of one sound: ue of ü, the ph of Stephan, the th of Mathilde, the two t of Matthias.
_SOUNDS = (
    (re.compile("([aou])e"), r"\1"),
    (re.compile("(?<=.)ph"), "f"),
    (re.compile("th"), "t"),
    (re.compile("([b-df-hj-np-tv-z])\\1"), r"\1"),
)
_ALIKE = str.maketrans("cy", "ki")
_BETWEEN = re.compile(r"[\s.,;/&\-\u2010-\u2015]+")


class Likeness(Enum):
    """What two names say of being one person's."""

    DIFFERENT = "different"
    UNKNOWN = "unknown"
    SAME = "same"


def _lines() -> list[list[str]]:
    text = (Path(__file__).parent / "short_names.txt").read_text()
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(8192)
def parts(name: str) -> tuple[str, ...]:
    """The words of a name in one spelling."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    for spelling, usual in _SOUNDS:
        plain = spelling.sub(usual, plain)
    return tuple(part for part in _BETWEEN.split(plain.translate(_ALIKE)) if part)


def _of_names() -> dict[str, set[int]]:
    """The lines each name stands in."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_lines()):
        for part in chain.from_iterable(map(parts, line)):
            found.setdefault(part, set()).add(number)
    return found


_FAMILIES = _of_names()


def compare(mine: Name, theirs: Name) -> tuple[Likeness, Likeness]:
    """How alike the given names and the family names are."""
    given, family = _alike(mine[0], theirs[0]), _alike(mine[1], theirs[1])
    if Likeness.DIFFERENT not in (given, family):
        if given is Likeness.SAME and bool(mine[1]) is not bool(theirs[1]):
            # One of them may have written both names where the given one goes.
            both, apart = (theirs[0], mine[1]) if mine[1] else (mine[0], theirs[1])
            return given, _alike(both, apart) if _alike(both, apart) is Likeness.SAME else family
        return given, family
    if all((*mine, *theirs)):  # the two may stand in each other's place
        turned = _alike(mine[0], theirs[1]), _alike(mine[1], theirs[0])
        return turned if turned == (Likeness.SAME, Likeness.SAME) else (given, family)
    # Somebody who gave one name only may have given it in the place of the other.
    whole = _alike(" ".join(filter(None, mine)), " ".join(filter(None, theirs)))
    return (Likeness.UNKNOWN, whole) if whole is Likeness.SAME else (given, family)


@lru_cache(8192)
def _alike(one: str | None, other: str | None) -> Likeness:
    few, many = sorted((parts(one or ""), parts(other or "")), key=len)
    if not few:
        return Likeness.UNKNOWN
    found = [max((_rank(part, there) for there in many), default=0) for part in few]
    if 0 in found:
        return Likeness.DIFFERENT
    return Likeness.SAME if 2 in found else Likeness.UNKNOWN


def _rank(one: str, other: str) -> int:
    """2 for the same word, 1 when one may be the other's initial, 0 for different ones."""
    short, long = sorted((one, other), key=len)
    if _is_initial(short):
        return 1 if long.startswith(short) else 0
    if one == other or _FAMILIES.get(one, set()) & _FAMILIES.get(other, set()):
        return 2
    return 0


def _is_initial(part: str) -> bool:
    """Where letters have no case, one of them can be a whole name."""
    return len(part) == 1 and part.upper() != part
