"""Phone numbers as people, spreadsheets and platforms write them. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import category, normalize

import phonenumbers

LONGEST_TEXT = 300
MOST = 5  # numbers tried out of one text
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_DECIMALS = re.compile(r"(?<=\d)[.,]0+$")
_REMARK = re.compile(r"\([^()]*[^\W\d_][^()]*\)|\[[^\[\]]*[^\W\d_][^\[\]]*\]")
_EXTENSION = re.compile(r"\(\s*(?:ext|x|durchwahl|dw|app|poste)\b", re.IGNORECASE)
_ABROAD = re.compile(r"^\(?\+?00[\s)]*(?=[1-9(])")
_NOT_ABROAD = re.compile(r"^\+\s*(?=0[1-9])")
_NORTH_AMERICAN_ABROAD = re.compile(r"^011\s*(?=[1-9])")
_DOUBLED = re.compile(r"^\+(\d{1,3})[\s()./-]*(?:\+|00)\s*\1(?=\D*\d)|^\+(\d{2,3})[\s-]*\2(?=[\s(/-])")
_BETWEEN = re.compile(
    r"\s*[;,|]\s*|\s+/\s+|\s+(?:or|oder|und|and|ou|et|o|bzw\.?|of|en|lub|i|&)\s+", re.IGNORECASE
)
_NATIONAL = re.compile(r"[\d\s()./\\\-\u2013]{6,25}")
_LEADING = re.compile(r"^(?:p|tel|phone|mobile?|handy|fon|whatsapp)\s*[.:]+\s*(?://)?", re.IGNORECASE)
FULLY_WRITTEN = 12  # digits of a number that has its country's code without a sign for it


def phone(text: str, country: str | None = None) -> str | None:
    """E.164, such as +4915112345678; a national number needs the country. None when it can't be one.

    Of several numbers, and of several ways to read one, it is the first that its country gives out.
    """
    if _E164.fullmatch(text):
        return _written(_number(text)) if phonenumbers.is_possible_number(_number(text)) else None
    return next(iter(phones(text, country)), None)


def phones(text: str, country: str | None = None, *, valid: bool = False) -> list[str]:
    """All numbers of a text of numbers and remarks, in order; valid ones only, if any is or is asked for."""
    if not 4 <= len(text) <= LONGEST_TEXT:
        return []
    if _E164.fullmatch(text) and phone_is_valid(text):
        return [_written(_number(text))]
    text = _tidied(text)
    number, is_given_out = _best(text, country)
    if number and is_given_out:
        return [number]
    several = [_best(piece, country) for piece in _pieces(text)]
    good = [one for one, is_valid in several if one and is_valid]
    if good or valid:
        return list(dict.fromkeys(good))
    return [number] if number else [one for one, _ in several if one][:1]


def _tidied(text: str) -> str:
    """The digits as they are meant: without a spreadsheet's decimals, invisible characters and remarks."""
    if not text.isascii():
        text = normalize("NFKC", "".join(char for char in text if category(char) != "Cf"))
    text = _LEADING.sub("", " ".join(text.replace("\n", ";").split()))
    text = _DECIMALS.sub("", text) if text.count(".") + text.count(",") == 1 else text
    return text if _EXTENSION.search(text) else _REMARK.sub(" ", text).strip()


def _pieces(text: str) -> Iterator[str]:
    pieces = [piece for piece in _BETWEEN.split(text)[: 2 * MOST] if piece]
    if len(pieces) > 1:
        yield from pieces[:MOST]
        return
    signs = [at for at, char in enumerate(text) if char == "+"]
    if len(signs) > 1:
        yield from (text[at:end] for at, end in zip(signs[:MOST], [*signs[1:], None], strict=False))
    if "/" in text:
        yield from [piece.strip() for piece in text.split("/")][:MOST]
    if (end := re.search(r"[^\W\d_]{2}|[!?]", text)) and sum(map(str.isdigit, text[: end.start()])) >= 7:
        yield text[: end.start()]
    elif end and any(map(str.isdigit, text)):
        yield text[next(at for at, char in enumerate(text) if char.isdigit() or char == "+") :]


def _best(text: str, country: str | None) -> tuple[str | None, bool]:
    """A text read as one number, and whether that number is one its country has given out."""
    possible = None
    for written, home in _readings(text, country):
        number = _parsed(written, home)
        if number is None:
            continue
        found = _written(number)
        if phone_is_valid(found):  # which is asked again, of what is written so
            return found, True
        possible = possible or found
    return possible, False


def _readings(text: str, country: str | None) -> Iterator[tuple[str, str | None]]:
    text = _NOT_ABROAD.sub("", text)
    abroad = _ABROAD.sub("+", text)
    if abroad != text:
        yield abroad, country
    if (once := _DOUBLED.sub(lambda match: f"+{match[1] or match[2]} ", abroad)) != abroad:
        yield once, country
    digits = text.replace(" ", "")
    whole = digits.isascii() and digits.isdecimal() and digits[0] != "0"
    if whole and len(digits) >= FULLY_WRITTEN:
        yield f"+{digits}", None
    yield text, country
    if country is None:
        american = _NORTH_AMERICAN_ABROAD.sub("+", text)
        if american != text:
            yield american, None
    elif whole:
        yield f"+{digits}", None


def _parsed(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _written(number: phonenumbers.PhoneNumber) -> str:
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


def country_called(code: str) -> str | None:
    """The (main) country of a calling code: DE of 49."""
    region = phonenumbers.region_code_for_country_code(int(code))
    return region if len(region) == 2 and region != "ZZ" else None


def is_national(text: str) -> bool:
    """Whether it may well be a number that only lacks its country: `0900 111222`."""
    text = _tidied(text) if 4 <= len(text) <= LONGEST_TEXT else ""
    return any(
        _NATIONAL.fullmatch(piece) and 6 <= sum(map(str.isdigit, piece)) <= 15
        for piece in (text, *_BETWEEN.split(text))
    )


def is_international(text: str) -> bool:
    """Whether it is written with its country's code: nothing but a phone number is written so."""
    text = text.strip()
    return len(text) <= LONGEST_TEXT and (text.startswith("+") or text.startswith("00"))
