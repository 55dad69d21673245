"""What form builders and platforms send, and who is then known: one row a sender."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.marketing.capture.connectors.senders import (
    CAL,
    CALENDLY,
    CORA,
    HUBSPOT,
    JOTFORM,
    NINJA,
    PHONE,
    SEGMENT,
    TALLY,
    TYPEFORM,
    WEBFLOW,
    WIX,
    seen,
)


def pairs(text: str) -> dict[str, Any]:
    """An urlencoded body, as the door reads one."""
    return dict(parse_qsl(text, keep_blank_values=True))


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


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_who_a_sender_says_it_is(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert seen(body, expected) == expected
