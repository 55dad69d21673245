"""E-mail addresses as people and programs write them, and which of them are nobody's. Pure."""

import re
from functools import lru_cache
from html import unescape
from pathlib import Path
from unicodedata import category, normalize

from email_validator import EmailNotValidError, validate_email

LISTS = Path(__file__).parent
LONGEST_EMAIL = 254
LONGEST_TEXT = 2000  # of which addresses are picked
MOST = 5  # addresses out of one text
_ATOM = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+"
_USUAL_MAILBOX = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_IN_BRACKETS = re.compile(r"<\s*(?:mailto:)?([^<>\s]{1,254})\s*>", re.IGNORECASE)
_REMARK = re.compile(r"\([^()@]*\)")
_SPACED = re.compile(r"\s*@\s*")
_WRITTEN_AT = re.compile(r"\s*[(\[{]\s*(?:at|ät|arroba)\s*[)\]}]\s*", re.IGNORECASE)
_WRITTEN_DOT = re.compile(r"\s*[(\[{]\s*(?:dot|punkt|point|punto)\s*[)\]}]\s*", re.IGNORECASE)
_CALLED = re.compile(r"^(?:e-?mail|mail|courriel|correo)(?:-?adress?e?)?\s*[:=]\s*", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*[;,|]\s*|\s+/\s+|\s+(?:or|oder|und|and|ou|et|o|y|e|of|en|lub|i)\s+|\s+", re.IGNORECASE
)
_QUOTES = (
    "\"'`\u00b4\u201e\u201c\u201d\u201a\u2018\u2019\u00ab\u00bb\u2039\u203a<>()[]{}"  # around an address
)
_AFTER = _QUOTES + ".,;:!?…*/\\"


def _words(name: str) -> frozenset[str]:
    lines = (LISTS / name).read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


# One mailbox, many readers: who writes from it is not thereby the same person.
ROLE_MAILBOXES = _words("role_mailboxes.txt")
# What people type who want to give no address: mailboxes anywhere, words that are both, and domains.
_NOBODY = _words("placeholders.txt")
_NOBODYS_MAILBOXES = frozenset(one for one in _NOBODY if "@" not in one)
_TWICE = frozenset(one.removesuffix("@") for one in _NOBODY if one.endswith("@"))
_NOBODYS_DOMAINS = frozenset(one.removeprefix("@") for one in _NOBODY if one.startswith("@"))
_DOCUMENTED = frozenset(["example.com", "example.org", "example.net", "example.edu"])
_NO_COMPANY = frozenset(["company", "domain", "email", "example", "mail", "mycompany", "site", "yourcompany"])
_RUNS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "abcdefghij", "01234567890")


def email(text: str) -> str | None:
    """The first address of a text, in lower case with its domain in Unicode form; None when there is none.

    Addresses that stand for none, such as none@none.com, are none.
    """
    return next(iter(emails(text)), None)


def emails(text: str) -> list[str]:
    """Every usable address of a text that holds addresses and nothing else, in order."""
    if not 3 <= len(text) <= LONGEST_TEXT:
        return []
    if not text.isascii():
        text = normalize("NFKC", "".join(char for char in text if category(char) != "Cf"))
    text = text.strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]  # a link may say subject and body, too
    if (found := _read(text)) is not None:
        return [] if is_placeholder(found) else [found]
    several = (_read(one) for one in _candidates(text))
    return list(dict.fromkeys(one for one in several if one and not is_placeholder(one)))


def looks_like_one(text: str) -> bool:
    """Whether a whole value is meant as an address: one word with one sign in it."""
    return len(text) <= LONGEST_EMAIL and text.count("@") == 1 and not any(map(str.isspace, text.strip()))


def _candidates(text: str) -> list[str]:
    """The pieces of a text that may be addresses; none when there is other text between them."""
    if "&" in text:
        text = unescape(text)
    text = " ".join(text.split())  # nothing below looks at long runs of spaces again and again
    bracketed = _IN_BRACKETS.findall(text)
    if any("@" in one for one in bracketed):
        return [_bare(one) for one in bracketed[:MOST]]
    if "@" not in text:
        text = _WRITTEN_DOT.sub(".", _WRITTEN_AT.sub("@", text.replace("%40", "@")))
    text = _SPACED.sub("@", _CALLED.sub("", _REMARK.sub(" ", text)))
    pieces = [bare for one in _BETWEEN.split(text)[: 4 * MOST] if (bare := _bare(one))]
    if len(pieces) > 2 and "@" in pieces[-1] and all(map(str.isalpha, pieces[:-1])):
        return pieces[-1:]  # copied with the name: Eva Muster eva@x.example
    return pieces[:MOST] if all("@" in one for one in pieces) else []


def _bare(piece: str) -> str:
    """A piece without what was copied along with it."""
    piece = piece.strip().strip(_QUOTES).rstrip(_AFTER)
    if piece[:7].lower() == "mailto:":
        piece = piece[7:].partition("?")[0]
    return piece.strip()


def _read(text: str) -> str | None:
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


def is_placeholder(address: str) -> bool:
    """Whether an address says that there is none: it names nobody, and nobody reads it."""
    mailbox, _, domain = address.partition("@")
    if domain in _NOBODYS_DOMAINS or mailbox in _NOBODYS_MAILBOXES:
        return True
    label = domain.partition(".")[0]
    if mailbox == label:
        return _is_filler(mailbox)
    return mailbox in _TWICE and (domain in _DOCUMENTED or label in _NO_COMPANY)


def _is_filler(word: str) -> bool:
    """A word that fills a field: a listed one, one letter again and again, or a run along the keyboard."""
    return word in _TWICE or len(set(word)) == 1 or (len(word) > 2 and any(word in run for run in _RUNS))


def is_role_mailbox(address: str) -> bool:
    """Whether several people read it: its name is what they do, `info` or `buchhaltung`."""
    name = address.partition("@")[0].partition("+")[0]
    return name in ROLE_MAILBOXES or name.replace("-", "").replace(".", "").replace("_", "") in ROLE_MAILBOXES


def mail_domain(address: str) -> str:
    return address.rpartition("@")[2]
