"""Webhooks of TikTok, read leniently: how a lead looks in them is not verified.

The envelope is documented (developers.tiktok.com/doc/webhooks-overview): `content` is a JSON text in
the JSON. What of a lead stands in it is not, in anything we could read. So whatever has a name is
taken under that name, wherever it stands, and lists of questions and answers are read as the other
platforms write theirs.
"""

from collections.abc import Iterator
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

FIELDS = 2000
_ENVELOPE = ("client_key", "event", "create_time", "user_openid", "content")
_QUESTIONS = ("name", "field_name", "field", "question", "label", "key")
_ANSWERS = ("value", "values", "answer", "field_value", "answers")
_LEAD_IDS = ("lead_id", "leadId", "id")
_TESTS = ("is_test", "test_lead", "is_test_lead", "test")


def read(body: bytes, connection: ConnectionSettings) -> list[CapturedLead]:
    """The lead in a webhook. Raises NoticeError for other news and tests, UnreadableError for no webhook."""
    try:
        values = parse_object(body, fields=FIELDS)
        content = _content(values)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    if "lead" not in as_text(values.get("event")).lower():
        raise NoticeError("other_event")
    told: dict[str, Any] = {}
    questions: list[str] = []
    for name, value, is_question in _named(content):
        told.setdefault(name, value)
        if is_question:
            questions.append(name)
    if not told:
        raise NoticeError("no_leads")
    if any(as_text(told.get(name)).lower() in ("true", "yes", "1") for name in _TESTS):
        raise NoticeError("test")
    form = _id(told, "form_id", "page_id")
    defaults = Defaults(
        connection.mapping(form), country=connection.country, hand_raiser=connection.hand_raiser
    )
    lead = name_answers(read_lead(told, defaults), questions)
    campaign = _id(told, "campaign_id")
    when = moment(told.get("create_time")) or moment(values.get("create_time"))
    return [
        replace(
            lead,
            external_id=_id(told, *_LEAD_IDS),
            occurred_at=when,
            campaigns=(*lead.campaigns, *((CampaignReference("tiktok", campaign),) if campaign else ())),
        )
    ]


def _content(values: dict[str, Any]) -> dict[str, Any]:
    """What the webhook is about: `content`, parsed a second time, else what stands beside the envelope."""
    content = values.get("content")
    if isinstance(content, dict):
        return content
    if isinstance(content, str) and content.strip():
        return parse_object(content.encode("utf-8", "replace"), fields=FIELDS)
    return {name: value for name, value in values.items() if name not in _ENVELOPE}


def _named(value: Any) -> Iterator[tuple[str, Any, bool]]:
    """Everything plain that has a name, and whether that is a question. The parser bounds the depth."""
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
        return
    if not isinstance(value, dict):
        return
    question = next((as_text(value[name]) for name in _QUESTIONS if isinstance(value.get(name), str)), "")
    answer = next((value[name] for name in _ANSWERS if name in value and not _is_nested(value[name])), None)
    if question and answer is not None and as_name(question):
        yield as_name(question), _plain(answer), True
        return
    for name, inner in value.items():
        if _is_nested(inner):
            yield from _named(inner)
        elif as_name(name):
            yield as_name(name), inner, False


def _is_nested(value: Any) -> bool:
    several = value if isinstance(value, list) else [value]
    return any(isinstance(one, dict | list) for one in several)


def _plain(answer: Any) -> Any:
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer


def _id(told: dict[str, Any], *names: str) -> str | None:
    return next((found for name in names if (found := identifier(told.get(name)))), None)
