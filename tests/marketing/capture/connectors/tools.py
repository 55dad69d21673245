"""Webhooks of known tools, as their public documents show them, with signatures computed for our secret."""

from dataclasses import dataclass, field
from typing import Any

SECRET = "a-signing-secret-for-tests"
SIGNED_AT = 1_700_000_000


@dataclass
class Tool:
    """What one tool sends, how its connection is set up, and what has to come of it."""

    settings: dict[str, Any]
    body: str
    headers: dict[str, str]
    external_id: str
    email: str
    secret: str = SECRET
    answers: dict[str, str] = field(default_factory=dict)


# developer.typeform.com, "Secure your webhooks": base64 of the number, after `sha256=`.
TYPEFORM = Tool(
    settings={
        "signature": {"header": "Typeform-Signature", "prefix": "sha256=", "encoding": "base64"},
        "fields": {
            "email": "$.form_response.answers[?(@.field.ref=='email')].email",
            "full_name": "$.form_response.answers[0].text",
            "utm_campaign": "$.form_response.hidden.utm_campaign",
        },
        "external_id": "$.form_response.token",
        "occurred_at": "$.form_response.submitted_at",
        "event": "$.event_type",
        "events": ["form_response"],
    },
    body='{"event_id":"tf-1","event_type":"form_response","form_response":{'
    '"token":"a3a12ec67a1365927098a606107fac15","submitted_at":"2026-11-20T09:30:00Z",'
    '"hidden":{"utm_campaign":"spring"},"answers":[{"type":"text","text":"Ada Nowak",'
    '"field":{"id":"1","ref":"name"}},{"type":"email","email":"ada@muster-gmbh.com",'
    '"field":{"id":"2","ref":"email"}}]}}',
    headers={"typeform-signature": "sha256=0UJRFCaFq/i6zKKnuMOVo54sVGVUIAR66C+DRd5FQuQ="},
    external_id="a3a12ec67a1365927098a606107fac15",
    email="ada@muster-gmbh.com",
)
# tally.so/help/webhooks: base64 of the number, and nothing else in the header.
TALLY = Tool(
    settings={
        "signature": {"header": "Tally-Signature", "encoding": "base64"},
        "fields": {"email": "$.data.fields[?(@.label=='Email')].value"},
        "external_id": "$.data.submissionId",
        "occurred_at": "$.createdAt",
    },
    body='{"eventId":"a4cb511e","eventType":"FORM_RESPONSE","createdAt":"2026-11-20T09:30:00.000Z",'
    '"data":{"responseId":"2wgx4n","submissionId":"2wgx4n","fields":[{"key":"question_3EKz4n",'
    '"label":"Email","type":"INPUT_EMAIL","value":"ben@muster-gmbh.com"}]}}',
    headers={"tally-signature": "vBwFeP2mLJc1JAK9kZBzN8vgzCwem2lkeoCATa9qbw4="},
    external_id="2wgx4n",
    email="ben@muster-gmbh.com",
)
# developer.calendly.com, "Webhook signatures": `t=…,v1=…` over `<t>.<body>`. Fields are found by their names.
CALENDLY = Tool(
    settings={
        "signature": {
            "header": "Calendly-Webhook-Signature",
            "element": "v1",
            "timestamp_element": "t",
            "signed": "{timestamp}.{body}",
        },
        "root": "$.payload",
        "external_id": "$.payload.uri",
        "campaign": "$.payload.tracking.utm_campaign",
        "event": "$.event",
        "events": ["invitee.created"],
    },
    body='{"event":"invitee.created","created_at":"2026-11-20T09:30:00.000000Z","payload":{'
    '"uri":"https://api.calendly.com/scheduled_events/AAA/invitees/BBB","name":"Cleo Diaz",'
    '"email":"cleo@muster-gmbh.com","tracking":{"utm_campaign":"spring"}}}',
    headers={
        "calendly-webhook-signature": f"t={SIGNED_AT},"
        "v1=11d406e43425923c4ecbe49d7fa06c9da55463a0af35c5bf74c178cfad4b9a0b"
    },
    external_id="https://api.calendly.com/scheduled_events/AAA/invitees/BBB",
    email="cleo@muster-gmbh.com",
)
# developers.webflow.com, "Working with webhooks": milliseconds in a header, `<timestamp>:<body>` is signed.
WEBFLOW = Tool(
    settings={
        "signature": {
            "header": "X-Webflow-Signature",
            "timestamp_header": "X-Webflow-Timestamp",
            "timestamp_unit": "ms",
            "signed": "{timestamp}:{body}",
        },
        "root": "$.payload.data",
        "answers": {"site": "$.payload.siteId"},
        "external_id": "$['payload'].id",
        "occurred_at": "$.payload.submittedAt",
    },
    body='{"triggerType":"form_submission","payload":{"name":"Contact","siteId":"65427cf4","data":{'
    '"Name":"Dan Ek","Email":"dan@muster-gmbh.com","Company":"Muster GmbH"},'
    '"submittedAt":"2026-11-20T09:30:00.000Z","id":"6321ca84"}}',
    headers={
        "x-webflow-signature": "684a453fbb9bfa0ca29ae136e08d173c8754b0fca650d1dea9a1daa721ae811e",
        "x-webflow-timestamp": f"{SIGNED_AT}000",
    },
    external_id="6321ca84",
    email="dan@muster-gmbh.com",
    answers={"site": "65427cf4"},
)
STANDARD = {
    "header": "webhook-signature",
    "prefix": "v1,",
    "encoding": "base64",
    "signed": "{id}.{timestamp}.{body}",
    "timestamp_header": "webhook-timestamp",
    "id_header": "webhook-id",
    "secret_encoding": "base64",
}
TOOLS = {"typeform": TYPEFORM, "tally": TALLY, "calendly": CALENDLY, "webflow": WEBFLOW}
