"""Bytes as text, whatever was said of them. Pure, and never raises: one odd letter beats no lead.

What is declared is believed; else it is UTF-8, and what is not even that is what Windows calls Latin-1.
"""

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r";[ \t]*charset[ \t]*=[ \t]*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# Those that browsers know (encoding.spec.whatwg.org), by the names of Python's modules. Others, of which some
# cost more than their size and some are no encodings of text at all, are not asked for.
_KNOWN = frozenset(
    (
        *("utf_8", "utf_16", "utf_16_le", "utf_16_be", "koi8_r", "koi8_u", "mac_roman", "mac_cyrillic"),
        *(f"iso8859_{n}" for n in (*range(2, 12), 13, 14, 15, 16)),
        *(f"cp{n}" for n in (866, 874, *range(1250, 1259))),
        *("gbk", "gb2312", "gb18030", "big5", "big5hkscs", "shift_jis", "cp932", "euc_jp"),
        *("iso2022_jp", "euc_kr", "cp949", "johab", "tis_620"),
    )
)
# What says Latin-1 or ASCII means the larger set that Windows has, and browsers read it so.
_WINDOWS = frozenset({"latin_1", "iso8859_1", "ascii"})
FALLBACK = "cp1252"


def codec(name: str | None) -> str | None:
    """Python's name of an encoding that is declared; None for one that is not known."""
    if not name or not name.isascii():
        return None
    # Looked up here and not by `codecs`, which looks through the disk for each name that there is not.
    plain = normalize_encoding(name[:40].strip(" \t\"'")).lower().replace(".", "_")
    found = aliases.get(plain, plain)
    if found in _WINDOWS:
        return FALLBACK
    return found if found in _KNOWN else None


def declared(content_type: str | None) -> str | None:
    """The encoding a content type names."""
    match = _CHARSET.search(content_type or "")
    return codec(match[1]) if match is not None else None


def text_of(data: bytes, encoding: str | None = None) -> str:
    """The text in these bytes, which PostgreSQL can store: no NUL, no half of a surrogate pair."""
    for mark, marked in _BOMS:
        if data.startswith(mark):
            return tidy(data[len(mark) :].decode(marked, "replace"))
    if encoding is not None and encoding != "utf_8":
        try:
            return tidy(data.decode(encoding))
        except UnicodeDecodeError:
            pass
    return tidy(_decode(data))


def tidy(text: str) -> str:
    """Without NULs, without a mark at its start; each half of a surrogate pair is U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.startswith("\ufeff"):
        text = text[1:]
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        # Cut in the middle of a letter, by a program that counts bytes.
        if error.reason == "unexpected end of data" and not data[: error.start].isascii():
            return data.decode(errors="replace")
    return _with_surrogates(data) or data.decode(FALLBACK, "replace")


def _with_surrogates(data: bytes) -> str | None:
    """UTF-8 in which surrogates are letters, as some programs write what is outside of the first plane."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
