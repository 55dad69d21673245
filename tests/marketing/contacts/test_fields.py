"""Typed values in one form each."""

from collections.abc import Callable

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from services.marketing.contacts import fields


@pytest.mark.parametrize(
    ("read", "typed", "meant"),
    [
        (fields.email, " Ada.Nowak@ACME.com ", "ada.nowak@acme.com"),
        (fields.email, "mailto:ada@acme.com", "ada@acme.com"),
        (fields.email, "ada@xn--mnchen-3ya.de", "ada@münchen.de"),
        (fields.email, "ada@acme", None),
        (fields.email, "ada acme.com", None),
        (fields.email, "ada@acme.test", None),
        (fields.phone, "+49 (30) 901820", "+4930901820"),
        (fields.phone, "030 901820", None),
        (fields.phone, "hello", None),
        (fields.country, "de", "DE"),
        (fields.country, "Germany", "DE"),
        (fields.country, "Deutschland", "DE"),
        (fields.country, "USA", "US"),
        (fields.country, "uk", "GB"),
        (fields.country, "Atlantis", None),
        (fields.country, "XX", None),
        (fields.language, "de-AT", "de"),
        (fields.language, "german", None),
        (fields.time_zone, "Europe/Berlin", "Europe/Berlin"),
        (fields.time_zone, "CET+1; DROP", None),
        (fields.company_size, "51-200", 51),
        (fields.company_size, "10,001+", 10001),
        (fields.company_size, "1.500 Mitarbeiter", 1500),
        (fields.company_size, "about 50", 50),
        (fields.company_size, "many", None),
        (fields.company_size, "0", None),
        (fields.code, "Financial services & insurance", "financial_services_insurance"),
        (fields.code, "…", None),
        (fields.line, " a\n\x00b\t ", "a b"),
        (fields.company_domain, "https://www.acme.co.uk/x?y", "acme.co.uk"),
        (fields.company_domain, "gmail.com", None),
        (fields.company_domain, "localhost", None),
        (fields.company_domain, "http://[::1", None),
        (fields.company_domain, "192.168.0.1", None),
    ],
)
def test_typed_and_meant(read: Callable[[str], object], typed: str, meant: object) -> None:
    assert read(typed) == meant


def test_a_national_number_needs_its_country() -> None:
    assert fields.phone("030 901820", "DE") == "+4930901820"
    assert fields.phone_country("+4930901820") == "DE"


def _as_the_library_says(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


@given(
    mailbox=st.text("abcXYZ019.+_'-@\"( ü", max_size=70),
    domain=st.sampled_from(
        ["ACME.com", "xn--mnchen-3ya.de", "münchen.de", "acme", "acme.test", "a b.com", "[1]"]
    )
    | st.text("abcA1-.xn@>", max_size=20)
    | st.integers(30, 45).map(lambda n: f"{'ü' * n}.{'ü' * n}.{'ü' * n}.com"),
)
@example(mailbox="m" * 20, domain=f"{'ü' * 40}.{'ü' * 40}.{'ü' * 40}.com")  # too long in bytes only
def test_an_address_is_read_as_the_library_reads_it(mailbox: str, domain: str) -> None:
    address = f"{mailbox}@{domain}".strip()

    expected = _as_the_library_says(address) if 3 <= len(address) <= 254 else None
    assert fields.email(address) == expected


READERS = [
    fields.email,
    fields.phone,
    fields.country,
    fields.language,
    fields.time_zone,
    fields.company_size,
    fields.code,
    fields.line,
    fields.company_domain,
]


@pytest.mark.parametrize("read", READERS)
@given(typed=st.text(max_size=300) | st.text("0123456789+-@. ()", max_size=60))
def test_nothing_typed_makes_it_raise_and_what_is_meant_stays(
    read: Callable[[str], object], typed: str
) -> None:
    meant = read(typed)
    if isinstance(meant, str):
        assert read(meant) == meant
        assert "\x00" not in meant
