"""Lead Sync of LinkedIn: a notification without personal data, then the lead and its form."""

from collections.abc import Iterator, Mapping
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
from services.marketing.capture.connectors.linkedin.rules import form_id, number, response_id
from services.marketing.capture.connectors.questions import as_name, name_answers
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.capture.sources.rules import ConnectionSettings
from shared.errors import ProblemError

FIELDS = 5000  # a form describes its questions and their options in every language it has
# Predefined questions that read_lead knows under another name; the others it knows by their own.
_NAMES = {"WORK_PHONE_NUMBER": "work_phone", "COMPANY_WEBSITE": "company_website"}


def read(body: bytes) -> list[CapturedLead]:
    """The lead a notification announces; its details have to be fetched.

    Raises NoticeError when it announces none. A deleted lead (`deleted`) is a wish that everything about it
    be erased: it is kept with its delivery until erasure is built. UnreadableError when it is no webhook.
    """
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    if values.get("type") != "LEAD_ACTION":
        raise NoticeError("other_event")
    if values.get("leadAction") == "DELETED":
        raise NoticeError("deleted")
    lead_id = response_id(values.get("leadGenFormResponse"))
    if values.get("leadAction") != "CREATED" or lead_id is None:
        raise NoticeError("no_leads")
    kept = {
        "form_id": form_id(values.get("leadGenForm")),
        "lead_type": identifier(values.get("leadType")),
        "owner": _first(values.get("owner")),
    }
    return [
        CapturedLead(
            external_id=lead_id,
            occurred_at=_moment(values.get("occurredAt")),
            answers={name: text for name, text in kept.items() if text},
            awaits_details=True,
        )
    ]


def read_details(details: bytes, announced: CapturedLead, connection: ConnectionSettings) -> CapturedLead:
    """The whole lead. Raises NoticeError for a test lead, UnreadableError when that is no lead."""
    try:
        values = parse_object(details, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(f"details_{problem.slug}") from None
    response, form = _object(values.get("response")), _object(values.get("form"))
    shown = identifier(response.get("id"))
    if not response or (shown is not None and response_id(shown) != announced.external_id):
        raise UnreadableError("details_of_another_lead")
    if response.get("testLead") is True:
        raise NoticeError("test")
    form_number = form_id(response.get("versionedLeadGenFormUrn")) or announced.answers.get("form_id")
    answered = list(_answers(_object(response.get("formResponse")), form))
    told: dict[str, Any] = {}
    for name, value, _ in (*answered, *_hidden(form)):
        told.setdefault(name, value)
    campaign = number(_campaign_of(response))
    if campaign is None and _is_organic(response, announced):
        told = {"utm_source": "linkedin", "utm_medium": "social", **told}
    defaults = Defaults(
        connection.mapping(form_number), country=connection.country, hand_raiser=connection.hand_raiser
    )
    lead = name_answers(read_lead(told, defaults), [name for name, _, is_question in answered if is_question])
    consents = _consents(_object(response.get("formResponse")).get("consentResponses"))
    return replace(
        lead,
        external_id=announced.external_id,
        occurred_at=_moment(response.get("submittedAt")) or announced.occurred_at,
        campaigns=(*lead.campaigns, *((CampaignReference("linkedin", campaign),) if campaign else ())),
        answers={**announced.answers, **lead.answers, **consents},
    )


def _is_organic(response: Mapping[str, Any], announced: CapturedLead) -> bool:
    """Whether no ad has brought it: of a company's page, a product's or an event's. The door means ads."""
    kind = identifier(response.get("leadType")) or announced.answers.get("lead_type")
    return kind not in (None, "SPONSORED")


def _answers(filled: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """Each answer under what its question means: a predefined field, the question's text, else its number.

    And whether that is a text of the advertiser's.
    """
    questions = {
        identifier(one.get("questionId")): one
        for one in _objects(_object(form.get("content")).get("questions"))
    }
    for one in _objects(filled.get("answers")):
        id_ = identifier(one.get("questionId"))
        question = questions.get(id_, {})
        field = identifier(question.get("predefinedField"))
        name = _NAMES.get(field, field) if field else _localized(question.get("question"))
        name = as_name(name or identifier(question.get("name")) or f"question_{id_}")
        yield name, _answer(_object(one.get("answerDetails")), question), field is None


def _answer(details: Mapping[str, Any], question: Mapping[str, Any]) -> Any:
    text = _object(details.get("textQuestionAnswer")).get("answer")
    if text is not None:
        return text
    chosen = _object(details.get("multipleChoiceAnswer")).get("options")
    described = _object(_object(question.get("questionDetails")).get("multipleChoiceQuestionDetails"))
    words = {
        identifier(option.get("id")): _localized(option.get("text"))
        for option in _objects(described.get("options"))
    }
    several = chosen if isinstance(chosen, list) else []
    return [words.get(identifier(one)) or as_text(one) for one in several]


def _hidden(form: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """What the form says of itself in fields nobody sees, such as a utm_campaign."""
    for one in _objects(form.get("hiddenFields")):
        name = identifier(one.get("name"))
        if name:
            yield as_name(name), one.get("value"), False


def _consents(responses: Any) -> dict[str, str]:
    """The boxes that were shown: `disclaimer.<consentId>` is yes or no."""
    return {
        f"disclaimer.{id_}"[:100]: "yes" if one.get("accepted") is True else "no"
        for one in _objects(responses)
        if (id_ := identifier(one.get("consentId")))
    }


def _campaign_of(response: Mapping[str, Any]) -> Any:
    metadata = _object(_object(response.get("leadMetadata")).get("sponsoredLeadMetadata"))
    return metadata.get("campaign")


def _localized(value: Any) -> str | None:
    """A text in the first of its languages; LinkedIn writes `{"localized": {"de_DE": "…"}}`."""
    texts = _object(_object(value).get("localized")).values()
    return next((text for text in texts if isinstance(text, str) and text.strip()), None)


def _first(value: Any) -> str | None:
    return next(filter(None, map(identifier, _object(value).values())), None)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _moment(value: Any) -> datetime | None:
    """LinkedIn's times are milliseconds."""
    return moment(value / 1000) if isinstance(value, int) and not isinstance(value, bool) else None
