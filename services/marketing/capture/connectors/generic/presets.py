"""Settings for tools that many use, ready to be named: `{"preset": "typeform"}`.

How each tool signs and what it sends is written after its public documentation; it was tried with the
documents' samples, not with the tools themselves. What a connection says besides the preset's name
goes before the preset; `fields` and `answers` are added to it.
"""

from collections.abc import Mapping
from typing import Any

from services.marketing.capture.sources.rules import Preset, SettingError

STANDARD: Mapping[str, Any] = {
    "header": "webhook-signature",
    "prefix": "v1,",
    "encoding": "base64",
    "signed": "{id}.{timestamp}.{body}",
    "timestamp_header": "webhook-timestamp",
    "id_header": "webhook-id",
    "secret_encoding": "base64",
}
# typeform.com/developers, "Secure your webhooks" and "Example payload".
TYPEFORM: Mapping[str, Any] = {
    "signature": {"header": "Typeform-Signature", "prefix": "sha256=", "encoding": "base64"},
    "fields": {
        "email": "$.form_response.answers[?(@.type=='email')].email",
        "phone": "$.form_response.answers[?(@.type=='phone_number')].phone_number",
    },
    "root": "$.form_response.hidden",
    "questions": {
        "list": "$.form_response.answers",
        "name": "$.field.id",
        "values": [
            *("$.email", "$.phone_number", "$.text", "$.choice.label", "$.choices.labels", "$.choice.other"),
            *("$.choices.other", "$.number", "$.boolean", "$.date", "$.url", "$.file_url"),
        ],
        "titles": {"list": "$.form_response.definition.fields", "id": "$.id", "text": "$.title"},
    },
    "external_id": "$.form_response.token",
    "occurred_at": "$.form_response.submitted_at",
    "event": "$.event_type",
    "events": ["form_response"],
}
# tally.so/help/webhooks.
TALLY: Mapping[str, Any] = {
    "signature": {"header": "Tally-Signature", "encoding": "base64"},
    "fields": {
        "email": "$.data.fields[?(@.type=='INPUT_EMAIL')].value",
        "phone": "$.data.fields[?(@.type=='INPUT_PHONE_NUMBER')].value",
    },
    "questions": {
        "list": "$.data.fields",
        "name": "$.label",
        "values": ["$.value"],
        "options": {"list": "$.options", "id": "$.id", "text": "$.text"},
    },
    "external_id": "$.data.submissionId",
    "occurred_at": "$.createdAt",
    "event": "$.eventType",
    "events": ["FORM_RESPONSE"],
}
# developer.calendly.com, "Webhook signatures" and "Webhook payload".
CALENDLY: Mapping[str, Any] = {
    "signature": {
        "header": "Calendly-Webhook-Signature",
        "element": "v1",
        "timestamp_element": "t",
        "signed": "{timestamp}.{body}",
    },
    "fields": {
        "email": "$.payload.email",
        "full_name": "$.payload.name",
        "given_name": "$.payload.first_name",
        "family_name": "$.payload.last_name",
        "phone": "$.payload.text_reminder_number",
        "time_zone": "$.payload.timezone",
        **{
            f"utm_{part}": f"$.payload.tracking.utm_{part}"
            for part in ("source", "medium", "campaign", "term", "content")
        },
    },
    "answers": {
        "meeting": "$.payload.scheduled_event.name",
        "meeting_at": "$.payload.scheduled_event.start_time",
    },
    "questions": {
        "list": "$.payload.questions_and_answers",
        "name": "$.question",
        "values": ["$.answer"],
    },
    "external_id": "$.payload.uri",
    "occurred_at": "$.created_at",
    "event": "$.event",
    "events": ["invitee.created"],
}
# cal.com/docs, "Webhooks". Nothing in the signature says when it was made.
CAL_COM: Mapping[str, Any] = {
    "signature": {"header": "X-Cal-Signature-256"},
    "fields": {
        "email": "$.payload.attendees[0].email",
        "full_name": "$.payload.attendees[0].name",
        "phone": "$.payload.responses.attendeePhoneNumber.value",
        "time_zone": "$.payload.attendees[0].timeZone",
    },
    "answers": {"meeting": "$.payload.title", "meeting_at": "$.payload.startTime"},
    "questions": {
        "list": "$.payload.responses",
        "name": "$.label",
        "values": ["$.value.value", "$.value"],
    },
    "external_id": "$.payload.uid",
    "occurred_at": "$.createdAt",
    "event": "$.triggerEvent",
    "events": ["BOOKING_CREATED"],
}
# formbricks.com/docs, "Webhooks": signed as Standard Webhooks says. Its questions go by their ids.
FORMBRICKS: Mapping[str, Any] = {
    "signature": STANDARD,
    "fields": {
        "email": "$.data.contactAttributes.email",
        "landing_url": "$.data.meta.url",
        "country": "$.data.meta.country",
    },
    "answers": {"survey": "$.data.survey.title"},
    "root": "$.data.data",
    "external_id": "$.data.id",
    "occurred_at": "$.data.createdAt",
    "event": "$.event",
    "events": ["responseFinished", "responseUpdated"],
}
# developers.webflow.com, "Working with webhooks": milliseconds in a header.
WEBFLOW: Mapping[str, Any] = {
    "signature": {
        "header": "X-Webflow-Signature",
        "timestamp_header": "X-Webflow-Timestamp",
        "timestamp_unit": "ms",
        "signed": "{timestamp}:{body}",
    },
    "root": "$.payload.data",
    "answers": {"form_name": "$.payload.name", "site_id": "$.payload.siteId"},
    "external_id": "$.payload.id",
    "occurred_at": "$.payload.submittedAt",
    "event": "$.triggerType",
    "events": ["form_submission"],
}
# github.com/standard-webhooks: `type`, `timestamp` and `data`. What is in `data` goes by its names.
STANDARD_WEBHOOKS: Mapping[str, Any] = {
    "signature": STANDARD,
    "root": "$.data",
    "external_id": "$.data.id",
    "occurred_at": "$.timestamp",
}
# Not Microsoft's, whose documents describe no webhook that we could read: what a relay has to send.
MICROSOFT: Mapping[str, Any] = {
    "signature": {"header": "X-Leadloop-Signature", "prefix": "sha256="},
    "external_id": "$.lead_id",
    "occurred_at": "$.created_at",
    "campaign": "$.campaign_id",
}

PRESETS: Mapping[str, Preset] = {
    "typeform": Preset(
        title="Typeform",
        about="Answers by the questions' titles, hidden fields by their names.",
        settings=TYPEFORM,
    ),
    "tally": Preset(title="Tally", about="Answers by the questions' labels.", settings=TALLY),
    "calendly": Preset(
        title="Calendly",
        about="Who books (invitee.created), with the answers and the UTM values of the booking page.",
        settings=CALENDLY,
    ),
    "cal_com": Preset(
        title="Cal.com", about="Who books (BOOKING_CREATED): the first attendee.", settings=CAL_COM
    ),
    "formbricks": Preset(
        title="Formbricks",
        about="Responses, and later versions of them. Questions go by their ids: call one `email`.",
        settings=FORMBRICKS,
    ),
    "webflow": Preset(
        title="Webflow", about="Forms of a site (form_submission), fields by name.", settings=WEBFLOW
    ),
    "standard_webhooks": Preset(
        title="Standard Webhooks",
        about="Any sender that signs as standardwebhooks.com says; members of `data` go by their names.",
        settings=STANDARD_WEBHOOKS,
    ),
    "microsoft": Preset(
        title="Microsoft Advertising, through a relay",
        about=(
            "Not a format of Microsoft's: a relay of your own sends plain JSON and signs the body by "
            "HMAC-SHA256 in X-Leadloop-Signature."
        ),
        settings=MICROSOFT,
        verified=False,
    ),
}


def expand(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the named preset written out. Raises SettingError for a preset there is not."""
    name = given.get("preset")
    if name is None:
        return dict(given)
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None:
        raise SettingError("/preset", f"There is no such preset; there are {', '.join(PRESETS)}.")
    found = {**preset.settings, **given}
    for part in ("fields", "answers"):
        own, ready = given.get(part), preset.settings.get(part)
        if isinstance(own, dict) and ready:
            found[part] = {**ready, **own}
    return found
