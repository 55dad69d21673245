"""What people type into the fields, and what is made of it: one row a form post."""

from typing import Any

import pytest

from services.marketing.capture.connectors.field_mapping import Defaults, read_lead
from services.marketing.capture.connectors.flattening import LONGEST
from services.marketing.capture.submissions import rules
from tests.marketing.capture.connectors.senders import PHONE, seen

DORA, EVA = "dora@acme.example", "eva@x.example"
A, B = "a@x.example", "b@x.example"
GERMAN = Defaults(country="DE")

FIRST_USABLE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"work_email": "n/a", "email": DORA}, {"email": DORA, "answers": {"work_email": "n/a"}}),
    ({"WORK_EMAIL": "na", "EMAIL": "wj@gmail.com"}, {"email": "wj@gmail.com"}),
    ({"email": [DORA, DORA]}, {"email": DORA, "more_keys": ()}),
    ({"email": ["n/a", DORA]}, {"email": DORA}),
    ({"email": [A, B]}, {"email": A, "more_keys": (("email", B),), "answers": {"email": f"{A}, {B}"}}),
    ({"emails": [A, B]}, {"email": A}),
    ({"emails": [{"value": A, "type": "work"}]}, {"email": A}),
    ({"email": {"value": A}}, {"email": A}),
    ({"email": {"address": A}}, {"email": A}),
    ({"email": "none@none.com", "work_email": DORA}, {"email": DORA}),
    ({"email": "nora@firma", "Zweite Mailadresse": DORA}, {"email": DORA}),
    ({"email": DORA, "work_email": EVA}, {"email": DORA, "more_keys": (("email", EVA),)}),
    ({"email": DORA, "email_confirm": "dorra@acme.example"}, {"email": DORA, "more_keys": ()}),
    ({"email": DORA, "company_email": "info@acme.example"}, {"email": DORA, "more_keys": ()}),
    ({"email": f"{A}; {B}"}, {"email": A, "more_keys": (("email", B),)}),
    ({"email": "n/a", "message": f"Please write to {DORA} soon"}, {"email": None}),
    ({"phone": "n/a", "mobile": PHONE}, {"phone": PHONE, "answers": {"phone": "n/a"}}),
    ({"phone": "+4930901820", "mobile": PHONE}, {"phone": "+4930901820", "more_keys": (("phone", PHONE),)}),
    ({"country": "EU", "land": "Österreich"}, {"country": "AT"}),
    ({"company": "n/a", "firma": "Acme"}, {"company_name": "Acme"}),
    ({"title": "Frau", "position": "CEO"}, {"job_title": "CEO", "answers": {"title": "Frau"}}),
    ({"f1": "hello", "f2": "+49 151 23456789"}, {"phone": PHONE}),
    ({"first_name": EVA}, {"email": EVA, "given_name": None}),
    ({"company": EVA}, {"email": EVA, "company_name": None}),
    ({"message": EVA}, {"email": EVA, "answers": {"message": EVA}}),
    ({"leads": [{"email": A}, {"email": B}]}, {"email": A, "more_keys": ()}),
    ({"mail_to": "rep@ours.example", "text": "Hi"}, {"email": None}),
    ({"recipient_email": "rep@ours.example", "visitor_mail": EVA}, {"email": EVA}),
    ({"phone_country": "+49", "phone": "151 23456789"}, {"phone": PHONE}),
    ({"phone[country_code]": "+49", "phone[number]": "151 23456789"}, {"phone": PHONE}),
    ({"q5_phone[area]": "0151", "q5_phone[phone]": "23456789", "country": "DE"}, {"phone": PHONE}),
    ({"preferred_contact": "phone", "phone": PHONE}, {"given_name": None}),
    ({"name": "Müller GmbH", "email": EVA}, {"given_name": None, "company_name": "Müller GmbH"}),
    ({"f1": "hello", "f2": "0151 23456789"}, {"phone": None}),
    ({"f1": "see +49 151 23456789 or ask"}, {"phone": None}),
]


@pytest.mark.parametrize(("body", "expected"), FIRST_USABLE)
def test_the_first_usable_value_wins(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert seen(body, expected) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "John Smith, MBA"}, ("John", "Smith", None)),
        ({"name": "Anna Schmidt, Acme GmbH"}, ("Anna", "Schmidt", "Acme GmbH")),
        ({"name": "Anna Schmidt, Acme GmbH", "company": "Muster AG"}, ("Anna", "Schmidt", "Muster AG")),
        ({"name": "Smith, Jr., John"}, ("John", "Smith", None)),
        ({"name": "Dr. med. Anna Schmidt"}, ("Anna", "Schmidt", None)),
        ({"name": "Frau Dr. Anna Schmidt"}, ("Anna", "Schmidt", None)),
        ({"name": "Dr.Anna Schmidt"}, ("Anna", "Schmidt", None)),
        ({"name": "Frau Schmidt"}, (None, "Schmidt", None)),
        ({"name": "Anna Schmidt, Sales Manager"}, ("Anna", "Schmidt", None)),
        ({"name": "Anna Schmidt (Acme GmbH)"}, ("Anna", "Schmidt", "Acme GmbH")),
        ({"name": "Anna Schmidt - Acme GmbH"}, ("Anna", "Schmidt", "Acme GmbH")),
        ({"name": "Anna Schmidt | Acme"}, ("Anna", "Schmidt", "Acme")),
        ({"name": "Anna Maria Schmidt PhD"}, ("Anna Maria", "Schmidt", None)),
        ({"name": "van der Berg, Jan"}, ("Jan", "van der Berg", None)),
        ({"name": "Ludwig van der Berg"}, ("Ludwig", "van der Berg", None)),
        ({"name": "García López, Ana"}, ("Ana", "García López", None)),
        ({"name": "山田 太郎"}, ("太郎", "山田", None)),
        ({"name": "王小明"}, ("王小明", None, None)),
        ({"name": "Al Pacino"}, ("Al", "Pacino", None)),
        ({"name": "J&ouml;rg M&uuml;ller"}, ("Jörg", "Müller", None)),
        ({"company": "M&uuml;ller &amp; S&ouml;hne"}, (None, None, "Müller & Söhne")),
        ({"company": "AT&amp;amp;T"}, (None, None, "AT&amp;T")),
        ({"name": "علی‌رضا کریمی"}, ("علی‌رضا", "کریمی", None)),
        ({"first_name": "Zoë 👩‍💻"}, ("Zoë 👩‍💻", None, None)),
        ({"vorname": "Ada", "name": "Nowak"}, ("Ada", "Nowak", None)),
        ({"nome": "Ada", "cognome": "Rossi"}, ("Ada", "Rossi", None)),
        ({"nombre": "Ada", "apellidos": "García López"}, ("Ada", "García López", None)),
        ({"nom": "Dupont", "prénom": "Ada"}, ("Ada", "Dupont", None)),
        ({"first_name": "Ada", "full_name": "Ada Nowak"}, ("Ada", "Nowak", None)),
        ({"last_name": "Nowak", "name": "Ada Nowak"}, ("Ada", "Nowak", None)),
        ({"company": "https://acme.example"}, (None, None, None)),
        ({"company": "n/a"}, (None, None, None)),
    ],
)
def test_names_of_people_and_companies(body: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    person = read_lead(body, Defaults()).person
    assert (person.given_name, person.family_name, person.company_name) == expected


@pytest.mark.parametrize(
    "title", ["Frau", "Herr", "Mr.", "Mrs", "Ms", "Mme", "Sra.", "Dr.", "Herr Dr.", "Pani", "divers"]
)
def test_how_to_address_somebody_is_no_job(title: str) -> None:
    lead = read_lead({"title": title, "email": DORA}, Defaults())
    assert (lead.person.job_title, lead.answers) == (None, {"job_title": title})


@pytest.mark.parametrize(
    "title", ["CEO", "Head of Sales", "Dr. of Everything", "Frauenbeauftragte", "Mistress of Ceremonies"]
)
def test_a_job_is_a_job(title: str) -> None:
    assert read_lead({"title": title}, Defaults()).person.job_title == title


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("www.acme.co.uk", "acme.co.uk"),
        ("https://www.linkedin.com/company/acme", None),
        ("https://acme.myshopify.com", None),
        ("facebook.com/acme", None),
    ],
)
def test_a_page_at_a_network_is_no_companys_domain(website: str, domain: str | None) -> None:
    assert read_lead({"website": website}, Defaults()).person.company_domain == domain


LEADS: list[tuple[dict[str, Any], Defaults, str | None]] = [
    ({"email": DORA, "company": "www.acme-shop.example"}, Defaults(), None),
    ({"email": DORA, "company": "https://acme.example"}, Defaults(), None),
    ({"email": DORA, "name": "Win https://spam.example now"}, Defaults(), "link_in_name"),
    ({"email": DORA, "first_name": "www.spam.example", "last_name": "x"}, Defaults(), "link_in_name"),
    (
        {
            "email": DORA,
            **{
                name: f"https://ours.example/{name}"
                for name in ("referrer", "first_page", "last_page", "linkedin", "conversion_page")
            },
        },
        Defaults(),
        None,
    ),
    (
        {"email": DORA, "message": "https://a.example https://b.example www.c.example <a href=x>"},
        Defaults(),
        "links",
    ),
    (
        {
            "email": DORA,
            "q1": "see https://a.example",
            "q2": "or https://b.example and www.c.example www.d.example",
        },
        Defaults(),
        "links",
    ),
    ({"email": DORA, "message": "our site is https://acme.example, see /about"}, Defaults(), None),
    ({"email": "x@mailinator.com"}, Defaults(), "disposable_email"),
    ({"phone": "0900111222"}, Defaults(), "phone_unclear"),
    ({"telefon": "0151 23456789"}, Defaults(), "phone_unclear"),
    ({"Rückruf-Telefon": "0151 23456789"}, Defaults(), "phone_unclear"),
    ({"phone": "0151 23456789", "email": DORA}, Defaults(), None),
    ({"phone": "0151 23456789"}, GERMAN, None),
    ({"phone": "12"}, Defaults(), "no_contact"),
    ({"phone": "call me"}, Defaults(), "no_contact"),
    ({"email": "none@none.com"}, Defaults(), "no_contact"),
    ({"email": "noemail@noemail.com", "phone": PHONE}, Defaults(), None),
    ({"email": "test@test.de", "phone": "0151 23456789"}, Defaults(), "phone_unclear"),
    ({"name": "Cora Seven"}, Defaults(), "no_contact"),
    ({"email": "nora@firma"}, Defaults(), "no_contact"),
    ({"email": "cora@gmail,com"}, Defaults(), "no_contact"),
    ({"email": "a..b@x.example"}, Defaults(), "no_contact"),
]


@pytest.mark.parametrize(("body", "defaults", "reason"), LEADS)
def test_what_becomes_a_lead(body: dict[str, Any], defaults: Defaults, reason: str | None) -> None:
    verdict = rules.judge(read_lead(body, defaults))
    assert (verdict.reason if verdict else None) == reason


def test_a_company_typed_as_an_address_tells_its_domain() -> None:
    person = read_lead(
        {"email": "dora@gmail.com", "company": "https://www.acme.co.uk/shop"}, Defaults()
    ).person
    assert person.company_domain == "acme.co.uk"


def test_an_unclear_number_is_kept_and_says_what_to_do() -> None:
    lead = read_lead({"phone_number": "0900111222"}, Defaults())
    verdict = rules.judge(lead)
    assert verdict is not None
    assert (verdict.state, lead.answers) == ("quarantined", {"phone": "0900111222"})
    assert "country" in verdict.detail
    assert rules.judge(lead, released=True) is not None


def test_messages_are_kept_whole() -> None:
    message = "Grüße " * 2000
    assert read_lead({"message": message}, Defaults()).answers["message"] == message.strip()
    endless = read_lead({"message": "x" * 200_000}, Defaults()).answers["message"]
    assert len(endless) <= LONGEST
    assert endless.endswith("…(134564 more)")


def test_what_is_said_twice_is_kept_twice() -> None:
    lead = read_lead({"Budget?": "5", "budget": "6", "email": DORA}, Defaults())
    assert lead.answers == {"budget": "5", "budget_2": "6"}
