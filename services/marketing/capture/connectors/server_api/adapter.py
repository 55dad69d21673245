"""Leads that another system sends: one, or a batch."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.field_mapping import Defaults, identifier, moment, read_lead
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.people.contacts.rules import FIELDS as CONTACT_FIELDS
from shared.errors import ProblemError

MOST_LEADS = 500
FIELDS = 50 * MOST_LEADS
_OWN = frozenset(
    (
        *("campaign_id", "external_id", "occurred_at", "hand_raiser", "route", "verified"),
        *("mapping", "test", "answers"),
    )
)
_META_ID = re.compile(r"l:[0-9]{1,30}")  # as the files that Meta exports write a lead's id


def leads_of(values: dict[str, Any]) -> list[Any]:
    """The leads in a body: those under `leads`, else the body itself is one."""
    several = values.get("leads")
    return several if isinstance(several, list) else [values]


def read(body: bytes) -> list[CapturedLead]:
    """The leads in a body, in order.

    Raises UnreadableError when it is no such body (the door checked it), NoticeError for a test.
    """
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    if values.get("test") is True:
        raise NoticeError("test")
    shared = mapping_of(values) if isinstance(values.get("leads"), list) else {}
    return [_read(item if isinstance(item, dict) else {}, shared) for item in leads_of(values)]


def mapping_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The sender's names, or paths to them, and our fields."""
    given = item.get("mapping")
    return {name: str(target) for name, target in given.items()} if isinstance(given, dict) else {}


def external_id_of(item: Mapping[str, Any]) -> str | None:
    """A lead's own id at its sender. That of a row of Meta's export is known by how it looks."""
    external = identifier(item.get("external_id"))
    if external is not None:
        return external
    row = item.get("id")
    return row if isinstance(row, str) and _META_ID.fullmatch(row) else None


def when(item: Mapping[str, Any]) -> tuple[bool, datetime | None]:
    """Whether a time is given, and the time, if it is one. An empty text is none given."""
    given = item.get("occurred_at")
    if given is not None and not (isinstance(given, str) and not given.strip()):
        return True, moment(given)
    created = moment(item.get("created_time"))  # of a row of Meta's export
    return created is not None, created


def _read(item: dict[str, Any], shared: Mapping[str, str]) -> CapturedLead:
    external_id, (is_dated, occurred_at) = external_id_of(item), when(item)
    of_meta = {"id"} if external_id is not None and external_id == item.get("id") else set()
    told = {name: value for name, value in item.items() if name not in _OWN | of_meta}
    answers = item.get("answers")
    defaults = Defaults(mapping={**shared, **mapping_of(item)})
    lead = read_lead({**(answers if isinstance(answers, dict) else {}), **told}, defaults)
    campaign = identifier(item.get("campaign_id"))
    explicit = (CampaignReference("id", campaign),) if campaign else ()
    verified = item.get("verified")
    vouched = {name for name in verified if name in CONTACT_FIELDS} if isinstance(verified, list) else set()
    return replace(
        lead,
        person=replace(lead.person, verified=frozenset(vouched)),
        external_id=external_id,
        occurred_at=occurred_at,
        campaigns=(*explicit, *lead.campaigns),
        hand_raiser=item.get("hand_raiser") is True,
        route=item.get("route") is True,
        faults=(*lead.faults, *(["occurred_at_invalid"] if is_dated and occurred_at is None else [])),
    )
