"""What stands in pages: escaped, in the form's language, and under the strictest rules."""

import re
from html.parser import HTMLParser

import pytest

from services.marketing.capture.embed import rules
from services.marketing.capture.embed.assets import BY_NAME, FOLDER, SCRIPT
from services.marketing.capture.embed.rules import TEXTS, ShownForm
from services.marketing.capture.sources.rules import FORM_FIELDS, FORM_TEXTS

ADDRESS = "https://leads.example.com"
EVIL = "\"'><script>alert(1)</script>&"
HOSTILE = ShownForm(
    key="pk_x",
    name=EVIL,
    title=EVIL,
    fields=FORM_FIELDS,
    honeypot_field=EVIL,
    language="de",
    texts=dict.fromkeys(FORM_TEXTS, EVIL),
    consent_text=EVIL,
    consent_text_version=EVIL,
    redirect_url="https://www.example.com/?a=\"'><script>",
)


class Read(HTMLParser):
    """The tags of a page and its inline scripts and handlers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("html", [rules.snippet(HOSTILE, ADDRESS), rules.page(HOSTILE)])
def test_no_text_of_a_form_becomes_markup(html: str) -> None:
    read = Read(html)
    assert "alert(1)</script>" not in html
    [script] = read.named("script")
    assert (script["src"] or "").endswith(SCRIPT.path)
    for _, attributes in read.tags:
        assert not [name for name in attributes if name.startswith("on")]
    [form] = read.named("form")
    assert form["data-thanks"] == EVIL
    assert EVIL in [field["name"] for field in read.named("input")]


def test_every_language_has_every_text() -> None:
    assert len(TEXTS) == 12
    for language, texts in TEXTS.items():
        assert tuple(texts) == FORM_TEXTS, language
        assert all(texts.values())


@pytest.mark.parametrize(
    ("language", "spoken", "send"),
    [("de", "de", "Senden"), ("tr", "tr", "Gönder"), (None, "en", "Send"), ("fi", "en", "Send")],
)
def test_a_form_speaks_its_language(language: str | None, spoken: str, send: str) -> None:
    html = rules.snippet(ShownForm(key="pk_x", language=language), ADDRESS)
    [form] = Read(html).named("form")
    assert form["lang"] == spoken
    assert f"<button>{send}</button>" in html


def test_the_snippet_asks_for_what_one_needs() -> None:
    read = Read(rules.snippet(ShownForm(key="pk_x", consent_text="Yes", consent_text_version="v2"), ADDRESS))
    [form] = read.named("form")
    assert form["action"] == f"{ADDRESS}/v1/forms/pk_x/submissions"
    fields = {str(field["name"]): field for field in read.named("input")}
    assert [name for name, field in fields.items() if "required" in field] == ["name", "email"]
    assert (fields["phone"]["type"], fields["email"]["type"]) == ("tel", "email")
    assert fields["consent_marketing_email"]["type"] == "checkbox"
    assert "checked" not in fields["consent_marketing_email"]
    assert fields["consent_text_version"]["value"] == "v2"


def test_a_form_without_an_address_needs_a_number() -> None:
    fields = Read(rules.page(ShownForm(key="pk_x", fields=["name", "phone"]))).named("input")
    assert [field["name"] for field in fields if "required" in field] == ["name", "phone"]


def test_the_page_may_do_next_to_nothing() -> None:
    policy = rules.page_policy(
        ShownForm(key="pk_x", redirect_url="https://www.example.com/a;b", frame_origins=["https://a.example"])
    )
    assert policy.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "form-action 'self' https://www.example.com",
        "base-uri 'none'",
        "frame-ancestors https://a.example",
    ]
    assert "frame-ancestors 'none'" in rules.page_policy(ShownForm(key="pk_x"))
    assert not re.search(r"\sstyle=|<style", rules.page(HOSTILE))


def test_a_script_that_was_released_is_served_for_good() -> None:
    """When this fails, the script has changed: see `assets.py` for what to do with the one before."""
    released = (FOLDER / "scripts" / "released.txt").read_text().split()

    assert SCRIPT.name in released
    assert set(released) <= set(BY_NAME)


def test_the_script_writes_texts_only() -> None:
    source = SCRIPT.body.decode()

    assert "innerHTML" not in source
    assert "eval(" not in source
