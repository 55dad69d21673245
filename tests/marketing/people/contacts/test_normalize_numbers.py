"""Phone numbers as they are written: one row each, with the form's country and the number that is meant."""

import pytest

from services.marketing.people.contacts import normalize

MOBILE, LANDLINE = "+4915123456789", "+49301234567"

WRITTEN: list[tuple[str, str | None, str | None]] = [
    ("0049 151 23456789", None, MOBILE),
    ("0049 151 23456789", "DE", MOBILE),
    ("0049 151 23456789", "US", MOBILE),
    ("(0049) 151 23456789", None, MOBILE),
    ("+0049 151 23456789", None, MOBILE),
    ("011 49 151 23456789", None, MOBILE),
    ("011 49 151 23456789", "US", MOBILE),
    ("0011 49 151 23456789", "AU", MOBILE),
    ("4915123456789.0", "DE", MOBILE),
    ("4915123456789.0", None, MOBILE),
    ("4915123456789", "DE", MOBILE),
    ("4915123456789", "US", MOBILE),
    ("+49 151 23456789.0", None, MOBILE),
    ("+4915123456789,0", None, MOBILE),
    ("0151 23456789 / 030 1234567", "DE", MOBILE),
    ("030 1234567; 0151 23456789", "DE", LANDLINE),
    ("0151 23456789 oder 030 1234567", "DE", MOBILE),
    ("0151 23456789, 030 1234567", "DE", MOBILE),
    ("+49 151 23456789 / +49 30 1234567", None, MOBILE),
    ("+49 151 23456789 (bitte ab 18 Uhr anrufen!!)", None, MOBILE),
    ("0151 23456789 (mobil)", "DE", MOBILE),
    ("+49 151 23456789 bitte ab 18 Uhr", None, MOBILE),
    ("Mobil: 0151 23456789", "DE", MOBILE),
    ("+49 +49 151 23456789", None, MOBILE),
    ("+49 0049 151 23456789", None, MOBILE),
    ("+4949 151 23456789", None, MOBILE),
    ("+49 49 151 23456789", None, MOBILE),
    ("p:+4915123456789", None, MOBILE),
    ("++49 151 23456789", None, MOBILE),
    ("+ 49 151 23456789", None, MOBILE),
    ("+49 (0151) 23456789", None, MOBILE),
    ("+490151 23456789", None, MOBILE),
    ("0049 0151 23456789", None, MOBILE),
    ("+0151 23456789", "DE", MOBILE),
    ("49 151 23456789", None, MOBILE),
    ("151 23456789", "DE", MOBILE),
    ("0151 23456789 WhatsApp", "DE", MOBILE),
    ("0151 – 234 567 89", "DE", MOBILE),
    ("+4915123456789 +49301234567", None, MOBILE),
    ("0151 23456789 / 0151 98765432 / 030 1234567", "DE", MOBILE),
    ("n/a / 0151 23456789", "DE", MOBILE),
    ("0151 23456789\n030 1234567", "DE", MOBILE),
    ("0151\t23456789", "DE", MOBILE),
    ("4.9151234567E+12", "DE", None),
    ("tel:+49-151-23456789", None, MOBILE),
    ("+49 (0) 151 23456789", None, MOBILE),
    ("0151/23456789", "DE", MOBILE),
    ("0151-234 567 89", "DE", MOBILE),
    ("+49 30 1234567 ext. 17", None, LANDLINE),
    ("030 1234567-0", "DE", "+493012345670"),
    ("＋４９ １５１ ２３４５６７８９", None, MOBILE),
    ("٠١٥١ ٢٣٤٥٦٧٨٩", "DE", MOBILE),
    ("\u202a+49 151 23456789\u202c", None, MOBILE),
    ("+49\u00a0151\u00a023456789", None, MOBILE),
    ("+1 (312) 555-0123", None, "+13125550123"),
    ("312.555.0123", "US", "+13125550123"),
    ("06 12 34 56 78", "FR", "+33612345678"),
    ("+33 (0)6 12 34 56 78", None, "+33612345678"),
    ("07911 123456", "GB", "+447911123456"),
    ("0151 23456789", None, None),
    ("0900111222", None, None),
    ("hello", "DE", None),
    ("12", "DE", None),
    ("", "DE", None),
    ("1234567890123456789012345", "DE", None),
]


@pytest.mark.parametrize(("text", "country", "meant"), WRITTEN)
def test_a_number_as_it_is_meant(text: str, country: str | None, meant: str | None) -> None:
    assert normalize.phone(text, country) == meant


def test_all_numbers_of_a_text_in_order() -> None:
    assert normalize.phones("0151 23456789 / 030 1234567", "DE") == [MOBILE, LANDLINE]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0900111222", True),
        ("0151 23456789 / 030 1234567", True),
        ("151-23456789", True),
        ("12", False),
        ("call me", False),
    ],
)
def test_a_number_that_only_lacks_its_country(text: str, is_one: bool) -> None:
    assert normalize.is_national(text) is is_one


@pytest.mark.parametrize(
    "text", ["+" * 300, "/" * 300, "0" * 300, "1/" * 150, "+49 " * 75, "(a" * 150, "1,0" * 100]
)
def test_hostile_texts_are_read_quickly(text: str) -> None:
    normalize.phones(text, "DE")
    normalize.is_national(text)
