"""Which channel a touch came by: source, medium, referrer and click ids against rules kept as data. Pure.

The rules are in rules_v2.toml, the lists of sites beside it; docs/channels.md shows them as a table.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

RULES_VERSION = 2  # kept on each touch, so that it can be told later which rules judged it
LONGEST_SAID = 500  # characters of a value that are looked at
MOST_LABELS = 8
_HERE = Path(__file__).parent
_DATA = tomllib.loads((_HERE / f"rules_v{RULES_VERSION}.toml").read_text())
_LISTS = {
    "search": "search_engines",
    "social": "social_networks",
    "video": "video",
    "shopping": "shopping",
    "assistant": "ai_assistants",
    "mail": "mail_clients",
    "nothing": "payment_pages",
    "site": "plain_sites",
}
_REFERRED: Mapping[str, str] = _DATA["referrers"]
# Every channel the rules name -> whether money buys its clicks.
CHANNELS: Mapping[str, bool] = _DATA["channels"]
_NOTHING = frozenset(_DATA["nothing"])
_BOUGHT = frozenset(_DATA["bought"])
_MACRO = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]|%%[^%]*%%|<[^<>]*>")
_SUSPECT = re.compile(r"[{\[<%]|^__")
_TEMPLATE_WORD = re.compile(r"__[A-Z0-9]+(?:_[A-Z0-9]+)*__")
_NOT_WORD = re.compile(r"[\W_]+")
_GENERIC_ENDINGS = frozenset(["ac", "co", "com", "edu", "gov", "gob", "ne", "net", "or", "org"])
_ADDED = frozenset(["ad", "ads", "paid", "cpc", "ppc", "organic", "campaign", "page", "app", "mobile"])


# The house's own sites, which send nobody; the programs put in what the setting OWN_DOMAINS says.
OWN_DOMAINS: set[str] = set()


@dataclass(frozen=True, slots=True)
class ClickId:
    """What a click id says: a channel, if only paid clicks carry it, and which site it is of."""

    name: str
    source: str
    channel: str | None = None
    within: frozenset[str] = frozenset()


CLICK_IDS = tuple(
    ClickId(name, said["source"], said.get("channel"), frozenset(said.get("within", ())))
    for name, said in _DATA["click_ids"].items()
)


def said(text: str | None) -> str:
    """What a tag says, cleaned; nothing for what a template left: `undefined`, `{gclid}`, `(not set)`."""
    if not text:
        return ""
    value = text[:LONGEST_SAID].strip()
    if value.casefold() in _NOTHING:
        return ""
    return value if _SUSPECT.search(value) is None or not _is_macro(value) else ""


@lru_cache(1024)
def _is_macro(value: str) -> bool:
    """Whether nothing is left of it without the places that a template should have filled in."""
    if _TEMPLATE_WORD.fullmatch(value):
        return True
    rest = re.sub("%7b", "{", re.sub("%7d", "}", value, flags=re.IGNORECASE), flags=re.IGNORECASE)
    for _ in range(3):  # macros inside of macros
        rest = _MACRO.sub("", rest)
    return not any(map(str.isalnum, rest))


def classify(utm: Mapping[str, str], click_ids: Mapping[str, str], referrer: str | None = None) -> str:
    """The channel of a touch by its tags, click ids and referrer; `direct` when there is none of them.

    A click id that only paid clicks carry beats the tags, unless they name the kind of the same platform's
    advertising. Tags beat the referrer: whoever tagged a link knew better.
    """
    source, medium = said(utm.get("source")), said(utm.get("medium"))
    if source.lower() == "direct":
        source = ""
    clicked = next((one for one in CLICK_IDS if said(click_ids.get(one.name))), None) if click_ids else None
    tagged = _by_tags(source or (clicked.source if clicked else ""), medium, said(utm.get("campaign")))
    if clicked is not None and clicked.channel is not None:
        return tagged if tagged in clicked.within else clicked.channel
    if source or medium or clicked or tagged == "cross_network":
        return tagged
    referred = channel_of_referrer(referrer) if referrer else None
    if referred is not None:
        return referred
    return "other" if any(said(value) for name, value in utm.items() if name != "source") else "direct"


def _by_tags(source: str, medium: str, campaign: str) -> str:
    if "cross-network" in campaign.lower():
        return "cross_network"
    kind = medium_kind(medium)
    if kind == "none" and not _BOUGHT.isdisjoint(_NOT_WORD.split(source.lower())):
        kind = "paid"
    return _CHANNELS_OF[source_kind(source), kind]


def channel_of_referrer(referrer: str) -> str | None:
    """The channel of who sent somebody here; None for a page that sends nobody: a payment, a sign-in."""
    host = host_of(referrer)
    kind = site_kind(host) or ("site" if "." in host else "nothing")
    if OWN_DOMAINS and any(host == own or host.endswith(f".{own}") for own in OWN_DOMAINS):
        return None
    return _REFERRED.get(kind)


def host_of(address: str) -> str:
    """The host in an address, with or without a scheme; `android-app://` has the app's name there."""
    rest = address[:2000].strip().lower()
    _, there, after = rest.partition("://")
    rest = after if there else rest.removeprefix("//")
    for end in "/?#\\":
        rest = rest.partition(end)[0]
    rest = rest.rpartition("@")[2]
    return rest.partition(":")[0].strip(".")[:253]


def without_query(referrer: str) -> str | None:
    """Host and path of a referrer, for keeping. What a search was for and whose mail it was stays there."""
    host = host_of(referrer)
    if not host or site_kind(host) in ("mail", "nothing"):
        return host or None
    _, _, after = referrer[:2000].strip().partition("://")
    path = re.split("[?#]", after or referrer[:2000].strip(), maxsplit=1)[0].partition("/")[2]
    shown = "".join(char for char in path[:LONGEST_SAID] if char.isprintable())
    return f"{host}/{shown}" if shown else host


@lru_cache(8192)
def site_kind(host: str) -> str | None:
    """The list a host is in, by itself or by what it is below; None when it is in none."""
    labels = host.rsplit(".", MOST_LABELS)[-MOST_LABELS:]
    for start in range(len(labels) - 1):
        if (kind := _HOSTS.get(".".join(labels[start:]))) is not None:
            return kind
    for ending in (1, 2):
        if len(labels) > ending and (ending == 1 or labels[-2] in _GENERIC_ENDINGS):
            names = labels[:-ending]
            for start in range(len(names)):
                if (kind := _ANY_ENDING.get(".".join(names[start:]))) is not None:
                    return kind
    return "mail" if labels[0] == "webmail" else None


@lru_cache(8192)
def source_kind(source: str) -> str:
    """The list a source is in: `unlisted` when it is a word in none, `site` an address in none."""
    text = source.strip().lower()
    if not text:
        return "none"
    if "." in text and " " not in text:
        listed = site_kind(host_of(text)) or "site"
        return "unlisted" if listed == "nothing" else listed
    words = _NOT_WORD.sub("-", text).strip("-").split("-")
    while True:
        if (kind := _NAMES.get("-".join(words))) is not None:
            return kind
        if len(words) < 2 or words[-1] not in _ADDED:
            break
        words.pop()
    return _NAMES.get(words[0], "unlisted") if len(words[0]) > 3 else "unlisted"


@lru_cache(8192)
def medium_kind(medium: str) -> str:
    """What a medium says: the kind that lists it, else the first kind with one of its words."""
    word = _NOT_WORD.sub("-", medium.casefold()).strip("-")
    if not word:
        return "none"
    if (kind := _MEDIA.get(word)) is not None:
        return kind
    words = frozenset(word.split("-"))
    if word.startswith(("facebook-", "instagram-")) and "organic" not in words:
        return "paid_social"  # Meta's names of placements, which only its ads fill in
    bought = "paid" in words or "ads" in words or "ad" in words
    for what in ("social", "search", "video", "shopping", "display"):
        if bought and what in words:
            return "display" if what == "display" else f"paid_{what}"
    for kind, marks in _WORDS:
        if words & marks:
            return kind
    if "cp" in word or word.startswith("paid"):
        return "paid"
    return "video" if "video" in word else "unlisted"


def self_reported(answers: Mapping[str, str]) -> str | None:
    """What somebody answered to "how did you hear about us?", in whatever words it was asked."""
    return next((said(answer) for name, answer in answers.items() if _asks(name) and said(answer)), None)


@lru_cache(8192)
def _asks(name: str) -> bool:
    bare = _bare(name)
    return any(fragment in bare for fragment in _ASKED)


def _bare(text: str) -> str:
    """Letters and digits alone, without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text[:200].casefold()) if char.isalnum())


def _entries(name: str) -> Iterator[str]:
    for line in (_HERE / f"{name}.txt").read_text().splitlines():
        if (entry := line.strip().lower()) and not entry.startswith("#"):
            yield entry


def _channel_for(source: str, medium: str) -> str:
    """The first rule that fits."""
    for rule in _DATA["rules"]:
        if source in rule.get("source", (source,)) and medium in rule.get("medium", (medium,)):
            return str(rule["channel"])
    raise ValueError(f"No rule fits {source} and {medium}.")


_KNOWN = {kind: tuple(_entries(name)) for kind, name in _LISTS.items()}
_ASKED = tuple(map(_bare, _entries("self_reported")))
_HOSTS = {entry: kind for kind, entries in _KNOWN.items() for entry in entries if "." in entry}
_ANY_ENDING = {entry[:-2]: kind for entry, kind in _HOSTS.items() if entry.endswith(".*")}
_NAMES: dict[str, str] = {
    **{entry: kind for kind, entries in _KNOWN.items() for entry in entries if "." not in entry},
    **{name: kind for kind, names in _DATA["sources"].items() for name in names},
}
_MEDIA: dict[str, str] = {name: kind for kind, known in _DATA["media"].items() for name in known["names"]}
_WORDS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (kind, frozenset(known["words"])) for kind, known in _DATA["media"].items() if "words" in known
)
_SOURCE_KINDS = (*_LISTS, *_DATA["sources"], "unlisted", "none")
_MEDIUM_KINDS = (*_DATA["media"], "unlisted", "none")
_CHANNELS_OF = {pair: _channel_for(*pair) for pair in product(_SOURCE_KINDS, _MEDIUM_KINDS)}
