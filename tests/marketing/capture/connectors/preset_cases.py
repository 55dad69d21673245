"""What tools with a preset send, and what lead has to come of it. One case a tool; a new one is an entry."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.marketing.capture.connectors.tools import TOOLS


@dataclass(frozen=True)
class Case:
    """What a tool sends (shapes of its public documents), and what has to come of it."""

    preset: str
    body: dict[str, Any]
    external_id: str | None
    email: str | None
    name: tuple[str | None, str | None] = (None, None)
    phone: str | None = None
    utm: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def typeform(*answers: dict[str, Any], **hidden: str) -> dict[str, Any]:
    titles = {"f1": "What's your name?", "f2": "Name", "f3": "Wie groß ist Ihr Team?", "f4": "Interests"}
    return {
        "event_id": "e1",
        "event_type": "form_response",
        "form_response": {
            "token": "tok-1",
            "submitted_at": "2026-11-20T09:30:00Z",
            "hidden": hidden,
            "definition": {"fields": [{"id": id_, "title": title} for id_, title in titles.items()]},
            "answers": list(answers),
        },
    }


CASES = [
    Case(
        "typeform",
        typeform(
            {"type": "text", "text": "Ada Nowak", "field": {"id": "f2"}},
            {"type": "email", "email": "ada@muster-gmbh.com", "field": {"id": "f9"}},
            {"type": "phone_number", "phone_number": "+4930901820", "field": {"id": "f8"}},
            {"type": "choice", "choice": {"label": "11-50"}, "field": {"id": "f3"}},
            {"type": "choices", "choices": {"labels": ["CRM", "ERP"]}, "field": {"id": "f4"}},
            utm_source="google",
            utm_medium="cpc",
        ),
        "tok-1",
        "ada@muster-gmbh.com",
        ("Ada", "Nowak"),
        "+4930901820",
        {"source": "google", "medium": "cpc"},
        {"Wie groß ist Ihr Team?": "11-50", "Interests": "CRM, ERP"},
    ),
    Case(
        "tally",
        {
            "eventId": "e1",
            "eventType": "FORM_RESPONSE",
            "createdAt": "2026-11-20T09:30:00.000Z",
            "data": {
                "submissionId": "2wgx4n",
                "fields": [
                    {"key": "q1", "label": "Your work e-mail, please", "type": "INPUT_EMAIL",
                     "value": "ben@muster-gmbh.com"},
                    {"key": "q2", "label": "Name", "type": "INPUT_TEXT", "value": "Ben Ek"},
                    {"key": "q3", "label": "Which product?", "type": "DROPDOWN", "value": ["b"],
                     "options": [{"id": "a", "text": "ERP"}, {"id": "b", "text": "CRM"}]},
                    {"key": "q4", "label": "utm_source", "type": "HIDDEN_FIELDS", "value": "google"},
                    {"key": "q5", "label": "Anything else?", "type": "TEXTAREA", "value": None},
                ],
            },
        },
        "2wgx4n",
        "ben@muster-gmbh.com",
        ("Ben", "Ek"),
        None,
        {"source": "google"},
        {"Which product?": "CRM"},
    ),
    Case(
        "calendly",
        {
            "event": "invitee.created",
            "created_at": "2026-11-20T09:30:00.000000Z",
            "payload": {
                "uri": "https://api.calendly.com/scheduled_events/AAA/invitees/BBB",
                "cancel_url": "https://calendly.com/cancellations/BBB",
                "reschedule_url": "https://calendly.com/reschedulings/BBB",
                "name": "Cleo Diaz",
                "first_name": None,
                "last_name": None,
                "email": "cleo@muster-gmbh.com",
                "timezone": "Europe/Madrid",
                "questions_and_answers": [
                    {"question": "Phone Number", "answer": "+34 912 345 678", "position": 0},
                    {"question": "¿Qué necesita?", "answer": "Una demo", "position": 1},
                ],
                "tracking": {"utm_campaign": "spring", "utm_source": "google", "utm_medium": None},
                "scheduled_event": {"name": "Demo", "start_time": "2026-11-24T09:00:00.000000Z"},
            },
        },
        "https://api.calendly.com/scheduled_events/AAA/invitees/BBB",
        "cleo@muster-gmbh.com",
        ("Cleo", "Diaz"),
        "+34912345678",
        {"campaign": "spring", "source": "google"},
        {"¿Qué necesita?": "Una demo", "meeting": "Demo", "meeting_at": "2026-11-24T09:00:00.000000Z"},
    ),
    Case(
        "cal_com",
        {
            "triggerEvent": "BOOKING_CREATED",
            "createdAt": "2026-11-20T09:30:00.000Z",
            "payload": {
                "uid": "bk-1",
                "title": "Demo between us and Dan",
                "startTime": "2026-11-24T09:00:00Z",
                "organizer": {"email": "us@leadloop.example", "name": "Us"},
                "attendees": [
                    {"email": "dan@muster-gmbh.com", "name": "Dan Ek", "timeZone": "Europe/Stockholm"}
                ],
                "responses": {
                    "name": {"label": "your_name", "value": "Dan Ek"},
                    "email": {"label": "email_address", "value": "dan@muster-gmbh.com"},
                    "location": {"label": "location", "value": {"value": "integrations:daily"}},
                    "size": {"label": "Which product?", "value": "CRM"},
                    "guests": {"label": "additional_guests", "value": []},
                },
            },
        },
        "bk-1",
        "dan@muster-gmbh.com",
        ("Dan", "Ek"),
        None,
        {},
        {"Which product?": "CRM", "location": "integrations:daily"},
    ),
    Case(
        "formbricks",
        {
            "webhookId": "w1",
            "event": "responseFinished",
            "data": {
                "id": "r1",
                "surveyId": "s1",
                "createdAt": "2026-11-20T09:30:00.000Z",
                "finished": True,
                "data": {"email": "eva@muster-gmbh.com", "name": "Eva Lind", "size": "11-50"},
                "meta": {"url": "https://www.acme.com/p?utm_source=google", "country": "SE"},
                "survey": {"title": "Demo"},
            },
        },
        "r1",
        "eva@muster-gmbh.com",
        ("Eva", "Lind"),
        None,
        {"source": "google"},
        {"survey": "Demo", "size": "11-50"},
    ),
    Case(
        "webflow",
        orjson.loads(TOOLS["webflow"].body),
        "6321ca84",
        "dan@muster-gmbh.com",
        ("Dan", "Ek"),
        answers={"site_id": "65427cf4", "form_name": "Contact"},
    ),
    Case(
        "standard_webhooks",
        {
            "type": "contact.created",
            "timestamp": "2026-11-20T09:30:00Z",
            "data": {"id": "c1", "email": "fay@muster-gmbh.com", "full_name": "Fay Oh"},
        },
        "c1",
        "fay@muster-gmbh.com",
        ("Fay", "Oh"),
    ),
    Case(
        "microsoft",
        {"lead_id": "m1", "email": "gus@muster-gmbh.com", "full_name": "Gus Ro", "created_at": 1763630000},
        "m1",
        "gus@muster-gmbh.com",
        ("Gus", "Ro"),
    ),
]  # fmt: skip
