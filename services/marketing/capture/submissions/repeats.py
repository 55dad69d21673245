"""What was said before: the same again, a change to it, or something new. Pure.

An external id stands for one lead of its source: the same content again is nothing new, other content changes
that lead. Without one, the same person saying the same at the same form within minutes has clicked twice.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.submissions import rules
from services.marketing.capture.submissions.rules import Item

SAME_VISIT = timedelta(minutes=10)
# Where somebody came from, and which visit it was: of these, a page gives new values to the same words.
_OF_THE_VISIT = frozenset({"landing_host", "landing_path", "referrer", "session_id", "visitor_id"})
_OF_THE_CLICK = frozenset({"utm", "first_utm", "click_ids"})
# Hidden fields that are new with each page view, by what is in their names, or by the whole of it.
_IN_A_NAME = re.compile(
    "nonce|(^|_)token$|csrf|xsrf|captcha|turnstile|honeypot|time_?stamp|session_?id|page_?view|request_?id"
    "|visitor_?id|unit_?tag|wpcf7|form_build_id|submitted_at|submission_id"
)
_WHOLE_NAME = re.compile(
    "_.*|(utm|hsa|gad)_.*|ga|gid|fbp|fbc|ts|cid|sid|rand|random|uuid|referr?er|http_referer|page_url|client_id"
)


class Key(NamedTuple):
    """What a source calls one of its leads."""

    source_id: UUID
    external_id: str


class Said(NamedTuple):
    """Who said what at which form."""

    source_id: UUID
    contact_id: UUID
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Earlier:
    """A submission from before, as far as it decides about the next one."""

    id: UUID
    delivery_id: UUID
    state: str
    waits_for: str | None
    content_hash: bytes | None
    contact_id: UUID | None
    lead_id: UUID | None
    occurred_at: datetime

    @property
    def stands(self) -> bool:
        """Whether its lead is there, or will be when its details have come."""
        return self.state in ("created", "merged") or self.waits_for == "details"


def content_hash(lead: CapturedLead) -> bytes:
    """Of what was told, without what a page makes up anew with each view.

    A lead with an external id is corrected by its sender, so there the link belongs to it.
    """
    told = rules.captured(lead)
    left_out = _OF_THE_VISIT if lead.external_id else _OF_THE_VISIT | _OF_THE_CLICK
    content: dict[str, Any] = {name: value for name, value in told.items() if name not in left_out}
    content["answers"] = {name: text for name, text in lead.answers.items() if not is_volatile(name)}
    written = orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    return blake2b(written, digest_size=16).digest()


@lru_cache(4096)  # a form names its fields the same every time
def is_volatile(name: str) -> bool:
    """Whether a field of this name is one that people don't see and that differs with each page view."""
    plain = name.casefold()
    return _WHOLE_NAME.fullmatch(plain) is not None or _IN_A_NAME.search(plain) is not None


def key_of(item: Item) -> Key | None:
    return Key(item.raw.source_id, item.lead.external_id) if item.lead.external_id else None


def sort_out(items: Iterable[Item], known: Mapping[Key, Sequence[Earlier]]) -> list[Item]:
    """Judge each item and compare it with what stands for its external id, before it or in this batch.

    Answers those to be identified as people of their own; what became of the others is written into them.
    """
    standing: dict[Key, Item | Earlier] = {
        key: stands[-1]
        for key, several in known.items()
        if (stands := [one for one in several if one.stands])
    }
    accepted: list[Item] = []
    for item in items:
        item.content_hash = content_hash(item.lead)
        key = key_of(item)
        before = standing.get(key) if key else None
        if before is not None and before.id == item.id:
            before = None
        if before is not None and (item.lead.awaits_details or before.content_hash == item.content_hash):
            item.repeats = before
        elif not _is_refused(item, changes=before is not None and _is_known(before)):
            if item.lead.awaits_details:
                item.waits_for = "details"
            elif before is not None and _is_known(before):
                item.changes = before
            else:
                accepted.append(item)
            if key is not None:
                standing[key] = item
    return accepted


def _is_known(before: Item | Earlier) -> bool:
    """Whether it has a contact, or gets one with this batch."""
    return before.contact_id is not None if isinstance(before, Earlier) else before.waits_for is None


def _is_refused(item: Item, *, changes: bool) -> bool:
    """A change to somebody known need not say again how to reach them."""
    verdict = (
        None
        if item.lead.awaits_details
        else rules.judge(item.lead, released=item.released, mark=item.raw.mark)
    )
    if verdict is None or (changes and verdict.reason == "no_contact"):
        return False
    item.refuse(verdict)
    return True


def clicked_again(items: Iterable[Item], recent: Mapping[Said, Sequence[Earlier]]) -> None:
    """Mark those that say what their contact said at the same form minutes before: one visit, one touch."""
    said: dict[Said, list[tuple[datetime, Item | Earlier]]] = {
        key: [(one.occurred_at, one) for one in several] for key, several in recent.items()
    }
    for item in items:
        if item.contact_id is None or item.content_hash is None or item.lead.external_id:
            continue  # a sender with ids of its own says itself what is the same
        occurred_at, _ = rules.when(item.lead, item.raw.received_at)
        key = Said(item.raw.source_id, item.contact_id, item.content_hash)
        for at, before in said.get(key, ()):
            if before.id != item.id and abs(occurred_at - at) < SAME_VISIT:
                item.repeats = before
                break
        else:
            said.setdefault(key, []).append((occurred_at, item))


def left_out(items: Sequence[Item]) -> list[Item]:
    """Those that make no submission: announced before, or in a delivery that says nothing new at all.

    Where others of its delivery are new, each has the submission that its sender was promised.
    """
    fresh = {item.raw.id for item in items if item.stored or not isinstance(item.repeats, Earlier)}
    return [
        item
        for item in items
        if item.repeats is not None
        and not item.stored
        and (item.lead.awaits_details or item.raw.id not in fresh)
    ]


def delivery_of(before: Item | Earlier) -> UUID:
    return before.delivery_id if isinstance(before, Earlier) else before.raw.id


def settle(item: Item) -> None:
    """A repeat, or a change, belongs to the lead of what it repeats or changes."""
    before = item.repeats or item.changes
    if before is None:
        return
    item.state, item.reason = "merged", "repeat" if item.repeats else "changed"
    item.contact_id, item.lead_id = before.contact_id, before.lead_id
