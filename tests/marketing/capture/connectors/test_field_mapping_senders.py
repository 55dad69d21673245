"""What form builders and platforms send, and who is then known: one row a sender."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from services.marketing.capture.connectors.field_mapping import Defaults, read_lead

CORA = "cora@acme.example"
PHONE = "+4915123456789"


def pairs(text: str) -> dict[str, Any]:
    """An urlencoded body, as the door reads one."""
    return dict(parse_qsl(text, keep_blank_values=True))


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
FULL = {"email": CORA, "given_name": "Cora", "family_name": "Seven"}

SENDERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "Contact Form 7",
        pairs(
            "_wpcf7=12&_wpcf7_version=6.0&your-name=Cora+Seven&your-email=cora@acme.example&your-message=Hi"
        ),
        {**FULL, "answers": {"message": "Hi"}},
    ),
    (
        "Contact Form 7, all its fields",
        pairs(
            "your-first-name=Cora&your-last-name=Seven&your-email=cora@acme.example&your-tel=%2B49+151+23456789"
            "&your-company=Acme&your-subject=Price"
        ),
        {**FULL, "phone": PHONE, "company_name": "Acme", "answers": {"your_subject": "Price"}},
    ),
    (
        "Elementor",
        pairs("post_id=5&form_id=ab1&form_fields[name]=Cora+Seven&form_fields[email]=cora@acme.example"),
        FULL,
    ),
    ("Elementor, no label", {"Name": "Cora Seven", "No Label email": CORA}, FULL),
    (
        "Elementor, field ids",
        pairs("form_fields[field_a1]=Hi&form_fields[field_b2]=cora@acme.example"),
        {"email": CORA},
    ),
    (
        "Rails",
        pairs("contact[first_name]=Cora&contact[last_name]=Seven&contact[email]=cora@acme.example"),
        FULL,
    ),
    ("Rails as JSON", {"contact": {"first_name": "Cora", "last_name": "Seven", "email": CORA}}, FULL),
    (
        "Craft",
        pairs(
            "CRAFT_CSRF_TOKEN=x&action=contact&fields[fullName]=Cora+Seven&fields[email]=cora@acme.example"
        ),
        FULL,
    ),
    (
        "WPForms",
        pairs("wpforms[id]=7&wpforms[fields][0]=Hi&wpforms[fields][1]=cora@acme.example"),
        {"email": CORA},
    ),
    (
        "WPForms, name in two",
        pairs(
            "wpforms[fields][0][first]=Cora&wpforms[fields][0][last]=Seven&wpforms[fields][1]=cora@acme.example"
        ),
        FULL,
    ),
    (
        "Gravity",
        pairs("input_1=Hi&input_2=cora@acme.example&gform_submit=1&is_submit_1=1&state_1=WyJ"),
        {"email": CORA},
    ),
    ("Gravity, parts", {"input_1.3": "Cora", "input_1.6": "Seven", "input_2": CORA}, FULL),
    ("Gravity, posted", pairs("input_1_3=Cora&input_1_6=Seven&input_2=cora@acme.example"), FULL),
    (
        "Gravity, address",
        {"input_4.1": "Street 1", "input_4.3": "Wien", "input_4.6": "Austria", "input_2": CORA},
        {"email": CORA, "given_name": None, "country": "AT"},
    ),
    (
        "Jotform",
        pairs("formID=1&q3_email=cora@acme.example&q4_fullName[first]=Cora&q4_fullName[last]=Seven"),
        FULL,
    ),
    ("Jotform's phone", {"q4_email": CORA, "q5_phoneNumber[full]": "+49 151 23456789"}, {"phone": PHONE}),
    ("Jotform's webhook", JOTFORM, {**FULL, "phone": PHONE}),
    (
        "Formidable",
        pairs("frm_action=create&item_meta[25]=Hi&item_meta[26]=cora@acme.example"),
        {"email": CORA},
    ),
    ("Ninja Forms", NINJA, {**FULL, "answers": {"message": "Hi"}}),
    ("Webflow", WEBFLOW, {**FULL, "phone": PHONE}),
    (
        "Webflow, first version",
        {"name": "Email Form", "site": "65", "data": {"name": "Cora Seven", "email": CORA}},
        FULL,
    ),
    ("Tally", TALLY, {**FULL, "company_name": None, "answers": {"interest": "CRM"}}),
    ("HubSpot's form", HUBSPOT, {**FULL, "company_name": "Acme", "landing_path": "/page"}),
    ("HubSpot's contact", {"properties": {"email": CORA, "firstname": "Cora", "lastname": "Seven"}}, FULL),
    (
        "HubSpot's contact, first version",
        {
            "properties": {
                "email": {"value": CORA, "versions": [{"value": "old@x.example"}]},
                "lastname": {"value": "Seven"},
            }
        },
        {"email": CORA, "family_name": "Seven"},
    ),
    (
        "Typeform",
        TYPEFORM,
        {**FULL, "phone": PHONE, "company_size": 51, "answers": {"what_do_you_use": "CRM, ERP"}},
    ),
    ("Segment", SEGMENT, {**FULL, "company_name": "Acme", "company_size": 50, "language": "de"}),
    (
        "Segment, traits in the context",
        {"type": "track", "context": {"traits": {"email": CORA}}},
        {"email": CORA},
    ),
    ("Calendly", CALENDLY, {**FULL, "company_name": "Acme"}),
    ("Cal.com", CAL, FULL),
    ("Wix", WIX, {**FULL, "company_name": "Acme"}),
    ("Wix, old", {"field:comp-xyz": CORA, "field:comp-abc": "Cora"}, {"email": CORA}),
    ("Squarespace", {"form_data": {"Name": "Cora Seven", "Email Address": CORA}}, FULL),
    ("Google Forms", {"namedValues": {"Email Address": [CORA], "Full name": ["Cora Seven"]}}, FULL),
    ("Google Forms, flat", {"Email Address": CORA, "What is your name?": "Cora Seven"}, FULL),
    ("Mailchimp", {"data": {"merges": {"EMAIL": CORA, "FNAME": "Cora", "LNAME": "Seven"}}}, FULL),
    (
        "ActiveCampaign",
        pairs("contact[email]=cora@acme.example&contact[first_name]=Cora&contact[orgname]=Acme"),
        {"email": CORA, "given_name": "Cora", "company_name": "Acme"},
    ),
    ("Formspree", {"_replyto": CORA, "_subject": "Hi", "name": "Cora Seven"}, FULL),
    (
        "Formbricks",
        {"event": "responseFinished", "data": {"data": {"q1id": "Hi", "q2id": CORA}}},
        {"email": CORA},
    ),
    (
        "a CRM",
        {"leads": 1, "lead": {"personal": {"workEmail": CORA}, "companyName": "Acme"}},
        {"email": CORA, "company_name": "Acme"},
    ),
    (
        "Microsoft",
        {"emailaddress1": CORA, "firstname": "Cora", "lastname": "Seven", "telephone1": PHONE},
        {**FULL, "phone": PHONE},
    ),
]


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


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_who_a_sender_says_it_is(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert seen(body, expected) == expected


@pytest.mark.parametrize(
    ("mapping", "body", "expected"),
    [
        ({"payload.data.Email": "email"}, {"payload": {"data": {"Email": CORA}}}, {"email": CORA}),
        (
            {"$.payload.data.Betrieb": "company_name"},
            {"payload": {"data": {"Betrieb": "Acme"}}},
            {"company_name": "Acme"},
        ),
        ({"a[b]": "email"}, {"a": {"b": CORA, "email": "x@y.example"}}, {"email": CORA}),
        ({"x[0].who": "full_name"}, {"x": [{"who": "Cora Seven"}, {"who": "Ben"}]}, {"given_name": "Cora"}),
        ({"$.list[1]": "job_title"}, {"list": [{"a": 1}, "Buyer"]}, {"job_title": "Buyer"}),
        ({"$['a b']['c']": "region"}, {"a b": {"c": "Tirol"}}, {"region": "Tirol"}),
        ({"your-email": "email"}, {"your-email": CORA}, {"email": CORA}),
        (
            {"Seats": "company_size"},
            {"data": {"fields": [{"label": "Seats", "value": "60"}]}},
            {"company_size": 60},
        ),
        ({"q_7": "company_size"}, {"form_fields[q_7]": "60"}, {"company_size": 60}),
        (
            {"email": "ignore"},
            {"email": "form@ours.example", "data": {"visitor_mail": CORA}},
            {"email": CORA},
        ),
        ({"a.b.c.d.e": "email"}, {"a": {"b": {"c": {"d": {"e": CORA}}}}}, {"email": CORA}),
    ],
)
def test_a_forms_own_mapping_reaches_everywhere(
    mapping: dict[str, str], body: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert seen(body, expected, Defaults(mapping)) == expected


def test_answers_inside_of_answers_are_kept() -> None:
    lead = read_lead(
        {"data": {"fields": [{"label": "Wie groß ist Ihr Team?", "value": "11-50"}]}, "a": {"b": [1, 2]}},
        Defaults(),
    )
    assert lead.answers == {"wie_gross_ist_ihr_team": "11-50", "a_b": "1, 2"}


def test_a_body_of_any_depth_and_width_is_bounded() -> None:
    deep: dict[str, Any] = {"email": CORA}
    for _ in range(300):
        deep = {"a": deep, "b": [deep]}
    lead = read_lead({"x": deep, "email": CORA, **{f"f{n}": [{"k": n}] * 50 for n in range(300)}}, Defaults())
    assert len(lead.answers) <= 200
