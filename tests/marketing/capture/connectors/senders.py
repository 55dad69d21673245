"""Bodies of form tools that nest what they send, and what is looked at of a lead read from one."""

from typing import Any

from services.marketing.capture.connectors.field_mapping import Defaults, read_lead

CORA = "cora@acme.example"
PHONE = "+4915123456789"

TYPEFORM = {
    "event_id": "01",
    "event_type": "form_response",
    "form_response": {
        "form_id": "lT4Z3j",
        "token": "a3a12",
        "definition": {
            "id": "lT4Z3j",
            "title": "Webhooks example",
            "fields": [
                {"id": "DlXF", "ref": "r1", "type": "short_text", "title": "What's your full name?"},
                {"id": "SMEU", "ref": "r2", "type": "email", "title": "Where can we write to?"},
                {"id": "NRsx", "ref": "r3", "type": "multiple_choice", "title": "Team size"},
                {"id": "PNum", "ref": "r4", "type": "phone_number", "title": "How to call you?"},
                {"id": "k6TP", "ref": "r5", "type": "multiple_choice", "title": "What do you use?"},
            ],
        },
        "answers": [
            {
                "type": "text",
                "text": "Cora Seven",
                "field": {"id": "DlXF", "ref": "r1", "type": "short_text"},
            },
            {"type": "email", "email": CORA, "field": {"id": "SMEU", "ref": "r2", "type": "email"}},
            {
                "type": "choice",
                "choice": {"label": "51-200"},
                "field": {"id": "NRsx", "type": "multiple_choice"},
            },
            {"type": "phone_number", "phone_number": PHONE, "field": {"id": "PNum", "type": "phone_number"}},
            {"type": "choices", "choices": {"labels": ["CRM", "ERP"]}, "field": {"id": "k6TP", "ref": "r5"}},
        ],
    },
}
TALLY = {
    "eventType": "FORM_RESPONSE",
    "data": {
        "responseId": "2wgx4n",
        "formName": "Contact",
        "fields": [
            {"key": "q_1", "label": "Your name", "type": "INPUT_TEXT", "value": "Cora Seven"},
            {"key": "q_2", "label": "Wohin dürfen wir schreiben?", "type": "INPUT_EMAIL", "value": CORA},
            {"key": "q_3", "label": "Company", "type": "INPUT_TEXT", "value": None},
            {
                "key": "q_4",
                "label": "Interest",
                "type": "CHECKBOXES",
                "value": ["id1"],
                "options": [{"id": "id1", "text": "CRM"}, {"id": "id2", "text": "ERP"}],
            },
        ],
    },
}
WEBFLOW = {
    "triggerType": "form_submission",
    "payload": {
        "name": "Email Form",
        "siteId": "65",
        "data": {"Name": "Cora Seven", "Email": CORA, "Phone": PHONE},
    },
}
HUBSPOT = {
    "submittedAt": "1517927174000",
    "fields": [
        {"objectTypeId": "0-1", "name": "email", "value": CORA},
        {"objectTypeId": "0-1", "name": "firstname", "value": "Cora"},
        {"objectTypeId": "0-1", "name": "lastname", "value": "Seven"},
        {"objectTypeId": "0-2", "name": "company", "value": "Acme"},
    ],
    "context": {"pageUri": "https://www.example.com/page", "pageName": "Example"},
}
SEGMENT = {
    "type": "identify",
    "userId": "97980",
    "traits": {
        "email": CORA,
        "firstName": "Cora",
        "lastName": "Seven",
        "company": {"name": "Acme", "employees": 50},
    },
    "context": {
        "library": {"name": "analytics.js"},
        "ip": "8.8.8.8",
        "os": {"name": "iOS"},
        "locale": "de-DE",
    },
}
JOTFORM = {
    "formID": "2313",
    "submissionID": "55",
    "rawRequest": '{"slug":"submit","q3_name":{"first":"Cora","last":"Seven"},"q4_email":"cora@acme.example",'
    '"q5_phoneNumber":{"full":"+49 151 23456789"}}',
    "pretty": "Name:Cora Seven, Email:cora@acme.example",
}
JOTFORM_ANSWERS = {
    "answers": {
        "3": {
            "name": "fullName",
            "text": "Name",
            "type": "control_fullname",
            "answer": {"first": "Cora", "last": "Seven"},
        },
        "4": {"name": "where", "text": "Wohin?", "type": "control_email", "answer": CORA},
    }
}
CALENDLY = {
    "event": "invitee.created",
    "payload": {
        "email": CORA,
        "name": "Cora Seven",
        "scheduled_event": {
            "event_memberships": [{"user_email": "host@ours.example", "user_name": "Our Host"}],
            "name": "Demo",
        },
        "questions_and_answers": [{"question": "Company", "answer": "Acme", "position": 0}],
    },
}
CAL = {
    "triggerEvent": "BOOKING_CREATED",
    "payload": {
        "organizer": {"name": "Our Host", "email": "host@ours.example"},
        "responses": {
            "name": {"label": "your_name", "value": "Cora Seven"},
            "email": {"label": "email_address", "value": CORA},
            "notes": {"label": "additional_notes", "value": "Hi"},
        },
    },
}
WIX = {
    "data": {
        "formName": "Contact",
        "contact": {"name": {"first": "Cora", "last": "Seven"}, "email": CORA, "contactId": "c1"},
        "submissions": [{"label": "Company name", "value": "Acme"}],
        "field:comp-k2": "Hi",
    }
}
NINJA = {
    "id": "1",
    "fields": {
        "1": {"id": 1, "key": "name", "value": "Cora Seven"},
        "2": {"id": 2, "key": "email", "value": CORA},
        "3": {"id": 3, "key": "message", "value": "Hi"},
    },
}


def seen(body: dict[str, Any], expected: dict[str, Any], defaults: Defaults | None = None) -> dict[str, Any]:
    """What of the lead the row speaks of; of the answers those it names."""
    lead = read_lead(body, defaults or Defaults())
    values = {
        name: getattr(lead.person, name) if hasattr(lead.person, name) else getattr(lead, name)
        for name in expected
    }
    if "answers" in expected:
        values["answers"] = {name: lead.answers.get(name) for name in expected["answers"]}
    return values
