"""Lead form webhooks of Google Ads (developers.google.com/google-ads/webhook/docs/implementation)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.field_mapping import (
    Defaults,
    as_text,
    identifier,
    moment,
    read_lead,
)
from services.marketing.capture.connectors.questions import as_name, name_answers
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.capture.sources.rules import ConnectionSettings
from shared.errors import ProblemError
from shared.http.limits import MOST_FIELDS

FIELDS = 5 * MOST_FIELDS  # every answer is an object of three members
DUMMY = "dummy_value"  # what the test button fills in where it knows nothing better
# Its own columns by the names it shows them under, for bodies that leave out the id.
_SHOWN = {"user email": "EMAIL", "user phone": "PHONE_NUMBER", "user phone number": "PHONE_NUMBER"}
_OWN_COLUMN = re.compile(r"[A-Z][A-Z0-9_]*")  # Google's own are words of an enum; an advertiser's a number


def read(body: bytes, connection: ConnectionSettings) -> list[CapturedLead]:
    """The lead in a webhook. Raises NoticeError for test data, UnreadableError when it is no webhook."""
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    if is_test(values):
        raise NoticeError("test")
    mapping = connection.mapping(identifier(values.get("form_id")))
    defaults = Defaults(mapping, country=connection.country, hand_raiser=connection.hand_raiser)
    answers, questions = _answers(_columns(values.get("user_column_data")), mapping)
    gclid = identifier(values.get("gcl_id"))
    lead = read_lead({**answers, **({"gclid": gclid} if gclid else {})}, defaults)
    lead = name_answers(lead, questions)
    campaign = identifier(values.get("campaign_id"))
    references = (CampaignReference("google_ads", campaign),) if campaign else ()
    extra = {name: found for name in _KEPT if (found := identifier(values.get(name)))}
    return [
        replace(
            lead,
            external_id=identifier(values.get("lead_id")),
            occurred_at=moment(values.get("lead_submit_time")),
            campaigns=(*lead.campaigns, *references),
            answers={**lead.answers, **extra},
        )
    ]


_KEPT = ("form_id", "adgroup_id", "creative_id", "asset_group_id", "lead_stage", "lead_source")


def is_test(values: Mapping[str, Any]) -> bool:
    """Whether it comes from the button "Send test data": by its own word, or all answers are its dummy."""
    if values.get("is_test") is True or as_text(values.get("is_test")).lower() == "true":
        return True
    texts = [as_text(column.get("string_value")) for column in _columns(values.get("user_column_data"))]
    return bool(texts) and all(text == DUMMY for text in texts)


def _columns(columns: Any) -> list[dict[str, Any]]:
    return [one for one in columns if isinstance(one, dict)] if isinstance(columns, list) else []


def _answers(
    columns: Sequence[Mapping[str, Any]], mapping: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """What was answered, and which of the names are questions.

    Google's own columns go by their id, the advertiser's questions by their text: the id of such a
    question is a number, which says nothing to anybody. Where a connection maps by it, it still can.
    """
    found: dict[str, Any] = {}
    questions: list[str] = []
    for column in columns:
        id_, question = identifier(column.get("column_id")), as_name(as_text(column.get("column_name")))
        id_ = id_ or _SHOWN.get(question.lower())
        if not question or (id_ and (_OWN_COLUMN.fullmatch(id_) or id_ in mapping)):
            name = id_
        else:
            name = question
            questions.append(question)
        if name:
            found.setdefault(name, column.get("string_value"))
    return found, questions
