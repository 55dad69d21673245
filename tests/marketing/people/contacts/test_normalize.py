"""Typed values in one form each."""

from collections.abc import Callable

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from services.marketing.people.contacts import normalize


@pytest.mark.parametrize(
    ("read", "typed", "meant"),
    [
        (normalize.email, " Ada.Nowak@ACME.com ", "ada.nowak@acme.com"),
        (normalize.email, "mailto:ada@acme.com", "ada@acme.com"),
        (normalize.email, "ada@xn--mnchen-3ya.de", "ada@münchen.de"),
        (normalize.email, "ada@acme", None),
        (normalize.email, "ada acme.com", None),
        (normalize.email, "ada@acme.test", None),
        (normalize.phone, "+49 (30) 901820", "+4930901820"),
        (normalize.phone, "030 901820", None),
        (normalize.phone, "hello", None),
        (normalize.country, "de", "DE"),
        (normalize.country, "Germany", "DE"),
        (normalize.country, "Deutschland", "DE"),
        (normalize.country, "USA", "US"),
        (normalize.country, "uk", "GB"),
        (normalize.country, "Atlantis", None),
        (normalize.country, "XX", None),
        (normalize.language, "de-AT", "de"),
        (normalize.language, "EN_us", "en"),
        (normalize.language, "zh-Hans-CN", "zh"),
        (normalize.language, "german", None),
        (normalize.language, "xx", None),
        (normalize.language, "und", None),
        (normalize.time_zone, "Europe/Berlin", "Europe/Berlin"),
        (normalize.time_zone, " America/Argentina/Buenos_Aires ", "America/Argentina/Buenos_Aires"),
        (normalize.time_zone, "UTC", "UTC"),
        (normalize.time_zone, "Etc/GMT+5", "Etc/GMT+5"),
        (normalize.time_zone, "Foo/Bar", None),
        (normalize.time_zone, "localtime", None),
        (normalize.time_zone, "../etc/passwd", None),
        (normalize.time_zone, "CET+1; DROP", None),
        (normalize.company_size, "51-200", 51),
        (normalize.company_size, "10,001+", 10001),
        (normalize.company_size, "1.500 Mitarbeiter", 1500),
        (normalize.company_size, "about 50", 50),
        (normalize.company_size, "many", None),
        (normalize.company_size, "0", None),
        (normalize.code, "Financial services & insurance", "financial_services_insurance"),
        (normalize.code, "…", None),
        (normalize.line, " a\n\x00b\t ", "a b"),
        (normalize.company_domain, "https://www.acme.co.uk/x?y", "acme.co.uk"),
        (normalize.company_domain, "gmail.com", None),
        (normalize.company_domain, "localhost", None),
        (normalize.company_domain, "http://[::1", None),
        (normalize.company_domain, "192.168.0.1", None),
    ],
)
def test_typed_and_meant(read: Callable[[str], object], typed: str, meant: object) -> None:
    assert read(typed) == meant


def test_a_national_number_needs_its_country() -> None:
    assert normalize.phone("030 901820", "DE") == "+4930901820"
    assert normalize.phone_country("+4930901820") == "DE"


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
    """What it accepts is taken as it is; what is made of anything else by cleaning it accepts, too."""
    address = f"{mailbox}@{domain}".strip()

    expected = _as_the_library_says(address) if 3 <= len(address) <= 254 else None
    found = normalize.email(address)
    if expected is not None and not normalize.is_placeholder(expected):
        assert found == expected
    elif found is not None:
        assert _as_the_library_says(found) == found


READERS = [
    normalize.email,
    normalize.phone,
    normalize.country,
    normalize.language,
    normalize.time_zone,
    normalize.company_size,
    normalize.code,
    normalize.line,
    normalize.company_domain,
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
