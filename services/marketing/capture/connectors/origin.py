"""Where somebody came from, as hidden fields, the landing page's address and the referrer say it. Pure.

Addresses come as pages write them: with `&amp;`, with tags in the fragment or after a second `?`, with
hundreds of parameters. Known names are picked out of any length in one pass; nothing else is kept.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, unquote_plus

from services.marketing.acquisition.campaigns.rules import CampaignReference, references
from services.marketing.acquisition.channels import rules as channels
from services.marketing.acquisition.channels.rules import (
    channel_of_referrer,
    host_of,
    said,
    without_query,
)
from services.marketing.people.contacts import normalize

LONGEST_ADDRESS = 256 * 1024
LONGEST_PATH = 500
LONGEST_NAME = 40
_UTM = tuple((f"utm_{part}", part) for part in ("source", "medium", "campaign", "term", "content"))


def _names() -> Iterator[tuple[str, str, list[str]]]:
    """Where a name counts, what it says, and how it is written, from origin_names.txt."""
    for line in (Path(__file__).parent / "origin_names.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            target, _, aliases = line.partition(":")
            where, _, target = target.partition(" ")
            yield where, target, aliases.split()


FIELDS = {alias: target for where, target, known in _names() if where != "address" for alias in known}
_IN_ADDRESSES = {alias: target for where, target, known in _names() if where != "field" for alias in known}
ADDRESSES = frozenset(["landing_url", "page", "url", "referrer"])
_PLACES = frozenset(target for where, target, _ in _names() if where == "field")
_TARGETS = frozenset(FIELDS.values())
_IDS = ("utm_id", "hsa_cam", "hsa_net", "hsa_src", "campaignid")
CLICK_IDS = tuple(one.name for one in channels.CLICK_IDS)
_ENTITY = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_SEPARATOR = re.compile(r"[?&#]")
_NOT_WORD = re.compile(r"[\W_]+")
_COOKIE = re.compile(r"(?:GCL\.\d{1,20}|fb\.\d{1,3}\.\d{1,20})\.(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What was said of where somebody came from. `unused` are fields that said nothing of it."""

    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
    landing_host: str | None = None
    landing_path: str | None = None
    referrer: str | None = None
    campaigns: tuple[CampaignReference, ...] = ()
    visitor_id: str | None = None
    unused: Mapping[str, str] = field(default_factory=dict)


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart: `tags` are the known parameters in it, wherever they stand."""

    host: str | None
    path: str | None
    tags: Mapping[str, str]


def read_origin(known: Mapping[str, str], own_hosts: Collection[str] = ()) -> Origin:
    """What the fields of a form say, by the names in FIELDS. A field beats the address it is missing in."""
    if known.keys().isdisjoint(_TARGETS):
        return NOWHERE
    page = next((name for name in ("landing_url", "page", "url") if _is_page(name, known)), None)
    landing = read_address(known[page]) if page else Address(None, None, {})
    told = known.get("referrer", "")
    sender = read_address(told) if told and is_address(told) else None
    ours = sender is not None and _is_ours(sender.host, landing.host, own_hosts)
    # A form in a frame sees only its own page; the page around it, with the tags, is its referrer.
    tags = {**(sender.tags if sender and ours else {}), **landing.tags}
    here = known.keys() | tags.keys()
    utm = {part: value for name, part in _UTM if name in here and (value := _said(known, tags, name, 200))}
    clicks = {name: value for name in CLICK_IDS if name in here and (value := _clicked(known, tags, name))}
    ids = {name: value for name in _IDS if name in here and (value := _said(known, tags, name, 200))}
    referrer = _without_query(sender) if sender and not ours else None
    return Origin(
        utm=utm,
        click_ids=clicks,
        landing_host=landing.host,
        landing_path=landing.path,
        referrer=referrer,
        campaigns=tuple(dict.fromkeys(references(utm, clicks, ids))),
        visitor_id=normalize.line(said(known.get("visitor_id", ""))),
        unused={
            name: text
            for name, text in known.items()
            if (name.startswith("utm_") or name in _UNUSED)
            and not (name in ids or name[4:] in utm or name in clicks or name == page)
            and not (name == "referrer" and sender)
            and not (name == "visitor_id" and said(text))
        },
    )


_UNUSED = frozenset([*CLICK_IDS, *_IDS]) | _PLACES


def _is_page(name: str, known: Mapping[str, str]) -> bool:
    """Whether this field has the landing page. `url` mostly asks for the visitor's own site: tags tell."""
    text = known.get(name)
    if not text or not is_address(text):
        return False
    return name != "url" or bool(read_address(text).tags)


def is_address(text: str) -> bool:
    head = _SEPARATOR.split(text[:2000].strip(), maxsplit=1)[0]
    if not text.strip() or any(map(str.isspace, head)):
        return False
    return "://" in head or head.startswith("/") or "." in head or (not head and "=" in text)


def read_address(text: str) -> Address:
    """An address taken apart, in one pass; relative ones have no host. Never raises."""
    text = text.strip()[:LONGEST_ADDRESS]
    if (
        "%3f" in text[:2000].lower()
        and "?" not in text
        and text[:12].lower().startswith(("http%3a", "https%3a"))
    ):
        text = unquote(text, errors="replace")
    for _ in range(3):  # a page that escapes what is escaped
        shorter = _ENTITY.sub("&", text)
        if shorter == text:
            break
        text = shorter
    place, *parameters = _SEPARATOR.split(text)
    host, path = _host_and_path(place)
    tags: dict[str, str] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals or not value or len(name) > LONGEST_NAME:
            continue
        target = _IN_ADDRESSES.get(_plain(name))
        if target is not None and target not in tags:
            told = unquote_plus(value[:2000], errors="replace")
            if said(told):
                tags[target] = told
    return Address(host, path, tags)


@lru_cache(4096)
def _plain(name: str) -> str:
    return _NOT_WORD.sub("_", unquote(name).casefold().removeprefix("amp;")).strip("_")


def _host_and_path(place: str) -> tuple[str | None, str | None]:
    scheme, there, rest = place.partition("://")
    if not there:
        rest = place.removeprefix("//")
        if place.startswith("/") and rest == place:
            return None, _clean(place)
        if "." not in rest.partition("/")[0]:
            return None, _clean(place) if place else None
    host = host_of(rest)
    path = "/" + rest.partition("/")[2] if "/" in rest else "/"
    if scheme.lower() == "android-app":
        path = "/"
    return _ascii(host) or None, _clean(path)


def _clean(path: str) -> str:
    shown = path[:LONGEST_PATH]
    return shown if shown.isprintable() else "".join(filter(str.isprintable, shown)) or "/"


@lru_cache(1024)
def _ascii(host: str) -> str:
    """A host as the wire has it: `münchen.example` and `xn--mnchen-3ya.example` are one."""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return normalize.line(host, 253) or ""


def _is_ours(host: str | None, landing: str | None, own_hosts: Collection[str]) -> bool:
    if host is None:
        return True  # a relative address is of the same site
    if host == landing or host in own_hosts:
        return True
    mine = _domain(host)
    others = (landing, *own_hosts) if landing else own_hosts
    return mine is not None and any(mine == _domain(other) for other in others)


@lru_cache(4096)
def _domain(host: str) -> str | None:
    return normalize.company_domain(host)


def _without_query(sender: Address) -> str | None:
    """Host and path of a referrer; nothing of a page that sends nobody."""
    if sender.host is None or channel_of_referrer(sender.host) is None:
        return None
    return without_query(f"{sender.host}{sender.path or ''}")


def _said(known: Mapping[str, str], tags: Mapping[str, str], name: str, longest: int) -> str | None:
    value = said(known.get(name, "")) or said(tags.get(name, ""))
    line = normalize.line(value, longest) if value else None
    return line.encode("utf-8", "replace").decode() if line else None


def _clicked(known: Mapping[str, str], tags: Mapping[str, str], name: str) -> str | None:
    """A click id, also out of the cookie that keeps it: `GCL.<time>.<gclid>`, `fb.1.<time>.<fbclid>`."""
    value = _said(known, tags, name, 500)
    cookie = _COOKIE.fullmatch(value) if value else None
    return cookie[1] if cookie else value
