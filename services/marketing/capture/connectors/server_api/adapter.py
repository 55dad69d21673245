"""Leads that another system sends: one, or a batch."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.field_mapping import Defaults, identifier, moment, read_lead
from services.marketing.capture.connectors.rules import CapturedLead, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.people.contacts.rules import FIELDS as CONTACT_FIELDS
from shared.errors import ProblemError

MOST_LEADS = 500
FIELDS = 50 * MOST_LEADS
_OWN = ("campaign_id", "external_id", "occurred_at", "hand_raiser", "route", "verified")


def leads_of(values: dict[str, Any]) -> list[Any]:
    """The leads in a body: those under `leads`, else the body itself is one."""
    several = values.get("leads")
    return several if isinstance(several, list) else [values]


def read(body: bytes) -> list[CapturedLead]:
    """The leads in a body, in order. Raises UnreadableError when it is no such body (the door checked it)."""
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    return [_read(item if isinstance(item, dict) else {}) for item in leads_of(values)]


def _read(item: dict[str, Any]) -> CapturedLead:
    told = {name: value for name, value in item.items() if name not in (*_OWN, "answers")}
    answers = item.get("answers")
    lead = read_lead({**(answers if isinstance(answers, dict) else {}), **told}, Defaults())
    campaign = identifier(item.get("campaign_id"))
    explicit = (CampaignReference("id", campaign),) if campaign else ()
    verified = item.get("verified")
    vouched = {name for name in verified if name in CONTACT_FIELDS} if isinstance(verified, list) else set()
    given = item.get("occurred_at")
    occurred_at: datetime | None = moment(given) if isinstance(given, str) else None
    return replace(
        lead,
        person=replace(lead.person, verified=frozenset(vouched)),
        external_id=identifier(item.get("external_id")),
        occurred_at=occurred_at,
        campaigns=(*explicit, *lead.campaigns),
        hand_raiser=item.get("hand_raiser") is True,
        route=item.get("route") is True,
        faults=(
            *lead.faults,
            *(["occurred_at_invalid"] if given is not None and occurred_at is None else []),
        ),
    )
