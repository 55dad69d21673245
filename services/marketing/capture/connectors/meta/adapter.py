"""Lead Ads of Meta: a webhook without personal data, then the lead's details from the Graph API."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.field_mapping import (
    Defaults,
    as_text,
    identifier,
    moment,
    read_lead,
)
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.people.consents.rules import read_consent
from shared.errors import ProblemError

MOST_UPDATES = 1000
FIELDS = 20 * MOST_UPDATES
# What Meta's Lead Ads Testing Tool fills in: `<test lead: dummy data for full_name>`, and these addresses.
_DUMMY = re.compile(r"\s*<test lead: dummy data for .*>\s*", re.IGNORECASE | re.DOTALL)
_DUMMY_ADDRESSES = frozenset({"test@meta.com", "test@fb.com"})
# Predefined questions that read_lead knows under another name.
_NAMES = {"work_phone_number": "work_phone"}
_PLATFORMS = {"fb": "facebook", "ig": "instagram", "msg": "messenger", "wa": "whatsapp", "th": "threads"}
_TICKED = ("1", "true", "yes", "on")


def read(body: bytes) -> list[CapturedLead]:
    """The leads a webhook announces; their details have to be fetched.

    Raises NoticeError when it announces none, UnreadableError when it is no webhook.
    """
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    leads = [lead for change in _changes(values) if (lead := _announced(change)) is not None]
    if not leads:
        raise NoticeError("no_leads")
    return leads


def _changes(values: dict[str, Any]) -> list[dict[str, Any]]:
    if values.get("object") != "page":
        return []
    entries = values.get("entry")
    found: list[dict[str, Any]] = []
    for entry in entries if isinstance(entries, list) else ():
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else ():
            if isinstance(change, dict) and change.get("field") == "leadgen":
                found.append(change)
    return found


def _announced(change: dict[str, Any]) -> CapturedLead | None:
    value = change.get("value")
    leadgen_id = identifier(value.get("leadgen_id")) if isinstance(value, dict) else None
    # It becomes part of an address, so it has to be what Meta's ids are: digits.
    if (
        not isinstance(value, dict)
        or leadgen_id is None
        or not leadgen_id.isascii()
        or not leadgen_id.isdecimal()
    ):
        return None
    kept = {name: found for name in _KEPT if (found := identifier(value.get(name)))}
    return CapturedLead(
        external_id=leadgen_id,
        occurred_at=_moment(value.get("created_time")),
        answers=kept,
        awaits_details=True,
    )


_KEPT = ("form_id", "page_id", "ad_id", "adgroup_id")


def read_details(details: bytes, announced: CapturedLead, connection: ConnectionSettings) -> CapturedLead:
    """The whole lead, from the Graph API's answer.

    Raises NoticeError when it is one of Meta's test leads, UnreadableError when it is no lead.
    """
    try:
        values = parse_object(details, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(f"details_{problem.slug}") from None
    if identifier(values.get("id")) != announced.external_id:
        raise UnreadableError("details_of_another_lead")
    answers = _answers(values.get("field_data"))
    if _is_test(answers):
        raise NoticeError("test")
    form_id = identifier(values.get("form_id")) or announced.answers.get("form_id")
    defaults = Defaults(
        connection.mapping(form_id), country=connection.country, hand_raiser=connection.hand_raiser
    )
    lead = read_lead({**answers, **_unpaid(values)}, defaults)
    campaign = identifier(values.get("campaign_id"))
    references = (CampaignReference("meta", campaign),) if campaign else ()
    consents = _consents(values.get("custom_disclaimer_responses"))
    placed = {name: text for name in ("is_organic", "platform") if (text := as_text(values.get(name)))}
    return replace(
        lead,
        external_id=announced.external_id,
        occurred_at=_moment(values.get("created_time")) or announced.occurred_at,
        campaigns=(*lead.campaigns, *references),
        consent=read_consent({**lead.answers, **consents}),
        answers={**announced.answers, **placed, **lead.answers, **consents},
    )


def _answers(field_data: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in field_data if isinstance(field_data, list) else ():
        name = identifier(item.get("name")) if isinstance(item, dict) else None
        if name:
            values = item.get("values")
            several = values if isinstance(values, list) else [values]
            found.setdefault(
                _NAMES.get(name.lower(), name), several[0] if len(several) == 1 else as_text(several)
            )
    return found


def _is_test(answers: dict[str, Any]) -> bool:
    """Whether the Lead Ads Testing Tool made it.

    One dummy value is enough: nobody types such a thing. The address alone proves nothing as long as
    something else was answered: it could be an employee's.
    """
    texts = [value for value in answers.values() if isinstance(value, str) and value.strip()]
    dummies = sum(_DUMMY.fullmatch(text) is not None for text in texts)
    addresses = sum(text.strip().lower() in _DUMMY_ADDRESSES for text in texts)
    return dummies > 0 or (addresses > 0 and addresses == len(texts))


def _consents(responses: Any) -> dict[str, str]:
    """The boxes of a custom disclaimer: `disclaimer.<checkbox_key>` is yes or no."""
    found: dict[str, str] = {}
    for item in responses if isinstance(responses, list) else ():
        key = identifier(item.get("checkbox_key")) if isinstance(item, dict) else None
        if key:
            ticked = as_text(item.get("is_checked")).lower() in _TICKED
            found[f"disclaimer.{key}"[:100]] = "yes" if ticked else "no"
    return found


def _unpaid(values: dict[str, Any]) -> dict[str, str]:
    """Where a lead came from that no ad has brought: the door itself stands for paid ones."""
    if values.get("is_organic") is not True or identifier(values.get("campaign_id")):
        return {}
    platform = as_text(values.get("platform")).lower()
    return {"utm_source": _PLATFORMS.get(platform, "facebook"), "utm_medium": "social"}


def _moment(value: Any) -> datetime | None:
    """Unix seconds in a webhook; `2026-02-04T10:30:00+0000` in an answer of the Graph API."""
    return moment(value)
