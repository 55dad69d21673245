"""What may be typed into a correction, a case a line."""

from typing import Any

import pytest

from services.marketing.people.corrections import rules


@pytest.mark.parametrize(
    ("field", "typed", "right"),
    [
        ("email", " Ada.Nowak@Firm.DE", "ada.nowak@firm.de"),
        ("email", "mailto:ada@firm.de", "ada@firm.de"),
        ("phone", "+49 30 901820", "+4930901820"),
        ("phone", "030 901820", "+4930901820"),  # by the contact's country
        ("given_name", "Jean  Pierre", "Jean Pierre"),
        ("family_name", "O’Neill", "O’Neill"),
        ("job_title", "Head of R&D", "Head of R&D"),
        ("country", "Deutschland", "DE"),
        ("country", "aut", "AT"),
        ("language", "de-AT", "de"),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("company_name", "Muster GmbH", "Muster GmbH"),
        *((name, None, None) for name in ("email", "phone", "given_name", "country", "job_title")),
    ],
)
def test_each_field_is_read_as_at_the_doors(field: str, typed: str | None, right: str | None) -> None:
    assert rules.contact_values({field: typed}, country="DE") == ({field: right}, [])


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("email", "ada", rules.EMAIL),
        ("email", "none@none.com", rules.EMAIL),
        ("email", "a@b.de\x00", rules.CONTROL),
        ("email", "a@b.de\nbcc: c@d.de", rules.CONTROL),
        ("email", "", rules.TEXT),
        ("phone", "call me", rules.PHONE),
        ("phone", "+4930901820\x00", rules.PHONE),
        ("phone", "12", rules.PHONE),
        ("given_name", "\u200b", rules.TEXT),
        ("given_name", "A\x00da", rules.CONTROL),
        ("given_name", "Ada\x1b[31m", rules.CONTROL),
        ("country", "Atlantis", rules.COUNTRY),
        ("language", "klingon", rules.LANGUAGE),
        ("time_zone", "Berlin", rules.TIME_ZONE),
        ("company_name", "ada@firm.de", rules.FACT),
        ("region", "+49 30 901820", rules.FACT),
    ],
)
def test_what_cannot_be_used_is_named(field: str, typed: str, fault: str) -> None:
    _, faults = rules.contact_values({field: typed}, country="DE")

    assert faults == [{"pointer": f"/{field}", "detail": fault}]


def test_a_number_is_read_by_the_country_that_comes_with_it() -> None:
    values, faults = rules.contact_values({"phone": "01 5134567", "country": "AT"}, country="DE")

    assert (values, faults) == ({"phone": "+4315134567", "country": "AT"}, [])
    _, faults = rules.contact_values({"phone": "01 5134567"}, country=None)
    assert faults == [{"pointer": "/phone", "detail": rules.PHONE}]


@pytest.mark.parametrize(
    ("field", "typed", "right"),
    [
        ("name", "Muster GmbH & Co. KG", "Muster GmbH & Co. KG"),
        ("domain", "https://www.Muster-GmbH.example/about", "muster-gmbh.example"),
        ("industry", "Financial services", "financial_services"),
        ("size", 250, 250),
        ("country", "Germany", "DE"),
        *((name, None, None) for name in ("name", "industry", "size", "country")),
    ],
)
def test_so_is_each_field_of_a_company(field: str, typed: Any, right: Any) -> None:
    assert rules.company_values({field: typed}) == ({field: right}, [])


@pytest.mark.parametrize(
    ("field", "typed"),
    [("domain", None), ("domain", "gmail.com"), ("domain", "x"), ("name", "call +49 30 901820")],
)
def test_a_company_has_a_domain_of_its_own_and_names_nobody(field: str, typed: Any) -> None:
    _, faults = rules.company_values({field: typed})

    assert [fault["pointer"] for fault in faults] == [f"/{field}"]


def test_a_rep_corrects_what_is_heard_on_the_telephone() -> None:
    assert rules.beyond_a_rep({"phone", "given_name", "family_name"}) == []
    assert rules.beyond_a_rep({"phone", "email", "job_title"}) == ["email", "job_title"]
