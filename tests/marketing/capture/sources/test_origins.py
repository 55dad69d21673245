"""Which pages may use a form, and where a form may send people."""

from uuid import UUID

import pytest

from services.marketing.capture.forms.schemas import NewForm
from services.marketing.capture.sources import rules
from services.marketing.capture.sources.rules import FormSettings, may_post, nearly, refuse_address

SHOP = frozenset(["https://www.example.com", "https://*.shop.example", "http://localhost:3000"])

POSTS = [
    (None, True),
    ("null", True),
    ("", True),
    ("https://www.example.com", True),
    ("HTTPS://WWW.Example.com", True),
    ("https://www.example.com/", True),
    ("https://example.com", False),
    ("http://www.example.com", False),
    ("https://www.example.com:8443", False),
    ("https://www.example.com.evil.example", False),
    ("https://eu.shop.example", True),
    ("https://pr-12.preview.shop.example", True),
    ("https://shop.example", False),
    ("https://.shop.example", False),
    ("https://evilshop.example", False),
    ("http://eu.shop.example", False),
    ("https://eu.shop.example:8443", False),
    ("https://evil.example/.shop.example", False),
    ("https://evil.example#.shop.example", False),
    ("https://evil@eu.shop.example", False),
    ("https://*.shop.example", True),
    ("http://localhost:3000", True),
    ("http://localhost:3001", False),
    ("\x00", False),
]


@pytest.fixture(autouse=True)
def nothing_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever apps this process has made for other tests."""
    monkeypatch.setattr(rules, "OUR_ORIGINS", set())


@pytest.mark.parametrize(("origin", "may"), POSTS)
def test_a_page_may_post_by_its_origin(origin: str | None, may: bool) -> None:
    form = FormSettings(UUID(int=1), "pk_x", origins=SHOP)

    assert may_post(form, origin) is may
    assert may_post(FormSettings(UUID(int=1), "pk_x"), origin)


def test_our_own_pages_may_post_to_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    form = FormSettings(UUID(int=1), "pk_x", origins=SHOP)
    assert not may_post(form, "https://leads.example.com")
    monkeypatch.setattr(rules, "OUR_ORIGINS", {"https://leads.example.com"})
    assert may_post(form, "https://leads.example.com")


WRITTEN = [
    ("https://www.example.com/", "https://www.example.com"),
    ("HTTPS://Example.COM:443", "https://example.com"),
    ("http://example.com:80/", "http://example.com"),
    ("https://*.example.com/", "https://*.example.com"),
    ("https://*.example.com:8443", "https://*.example.com:8443"),
    ("https://müller.example", "https://xn--mller-kva.example"),
    ("https://straße.example:8443", "https://xn--strae-oqa.example:8443"),
    ("http://localhost:3000", "http://localhost:3000"),
    ("http://[::1]:3000", "http://[::1]:3000"),
    ("https://a.example/path", None),
    ("https://*", None),
    ("https://*.com", None),
    ("https://www.*.com", None),
    ("*.example.com", None),
    ("example.com", None),
    ("javascript:alert(1)", None),
    ("https://user@example.com", None),
    ("https://a.example:99999", None),
    ("https://[::1", None),
    ("null", None),
]


@pytest.mark.parametrize(("given", "kept"), WRITTEN)
def test_an_origin_is_kept_as_browsers_write_it(given: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(ValueError, match="origin is scheme and host"):
            NewForm(name="x", origins=[given])
    else:
        assert NewForm(name="x", origins=[given]).origins == [kept]


ADDRESSES = [
    ("https://www.example.com/thanks?a=b#c", True),
    ("https://WWW.example.com:443/thanks", True),
    ("https://eu.shop.example/danke", True),
    ("http://localhost:3000/thanks", True),
    ("https://evil.example/thanks", False),
    ("http://www.example.com/thanks", False),
    ("https://www.example.com@evil.example/", False),
    ("https://www.example.com.evil.example/", False),
]


@pytest.mark.parametrize(("address", "may"), ADDRESSES)
def test_people_are_sent_to_the_forms_own_sites_only(address: str, may: bool) -> None:
    assert (refuse_address(address, SHOP) is None) is may


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://anywhere.example/", True),
        ("http://anywhere.example/", False),
        ("http://127.0.0.1:8080/", True),
        ("http://app.localhost/", True),
        ("http://localhost.evil.example/", False),
    ],
)
def test_a_form_without_origins_sends_people_to_https_or_their_own_machine(address: str, may: bool) -> None:
    assert (refuse_address(address, ()) is None) is may


@pytest.mark.parametrize(
    ("origin", "near"),
    [
        ("https://example.com", "https://www.example.com"),
        ("http://www.example.com", "https://www.example.com"),
        ("https://shop.example", "https://*.shop.example"),
        ("https://evil.example", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_who_only_just_misses_is_told_so(origin: str, near: str | None) -> None:
    assert nearly(origin, SHOP) == near
