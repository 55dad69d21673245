"""HTML for pages: what is pasted into a site, and a page of its own. Pure; every text is escaped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from services.marketing.capture.embed.assets import SCRIPT, STYLE
from services.marketing.capture.sources.challenges import PROVIDERS, Provider
from services.marketing.capture.sources.rules import USUAL_FIELDS, origin_of

# By language and name of text. A language that is not among them gets the English ones.
TEXTS: Mapping[str, Mapping[str, str]] = json.loads((Path(__file__).parent / "texts.json").read_text())
DEFAULT = "en"
# Of each field: its type, and what a browser may fill in.
_INPUTS = {
    "name": ("text", "name"),
    "given_name": ("text", "given-name"),
    "family_name": ("text", "family-name"),
    "email": ("email", "email"),
    "phone": ("tel", "tel"),
    "company": ("text", "organization"),
    "job_title": ("text", "organization-title"),
    "company_size": ("text", "off"),
    "country": ("text", "country-name"),
}
_REQUIRED = frozenset(["name", "given_name", "family_name", "email"])
_ADDRESS = r"[^@\s]+@[^@\s]+\.[^@\s]+"
# What the script says in place; the page tells it, so that it speaks the form's language.
_SPOKEN = ("sending", "thanks", "error", "invalid_email", "invalid_phone")
# In a foreign page nothing but the markup is ours; in ours no style may stand in the markup.
_OFF_SCREEN = 'style="position:absolute;left:-9999px" aria-hidden="true"'
_OF_A_CLASS = 'class="trap" aria-hidden="true"'
CONSENT, CONSENT_VERSION = "consent_", "consent_text_version"


@dataclass(frozen=True, slots=True)
class ShownForm:
    """What people see of a form."""

    key: str
    name: str = ""
    fields: Sequence[str] = USUAL_FIELDS
    honeypot_field: str | None = None
    language: str | None = None
    title: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    consent_text: str | None = None
    consent_text_version: str | None = None
    consent_purpose: str = "marketing_email"
    redirect_url: str | None = None
    error_url: str | None = None
    frame_origins: Sequence[str] = ()
    challenge: str | None = None
    challenge_site_key: str | None = None

    @property
    def provider(self) -> Provider | None:
        """Whose widget it shows."""
        return PROVIDERS.get(self.challenge or "")

    @property
    def spoken_language(self) -> str:
        return self.language if self.language is not None and self.language in TEXTS else DEFAULT

    def text(self, name: str) -> str:
        """In the form's own words, else in its language."""
        return self.texts.get(name) or TEXTS[self.spoken_language][name]


def snippet(form: ShownForm, address: str) -> str:
    """HTML to paste into a page. Without the script it works all the same: the browser posts it."""
    script = (
        f'<script src="{escape(address)}{SCRIPT.path}" integrity="{SCRIPT.integrity}" '
        'crossorigin="anonymous" defer></script>'
    )
    action = f"{address}/v1/forms/{form.key}/submissions"
    return _form(form, action, trap=_OFF_SCREEN) + script + "\n" + _widget_script(form)


def page(form: ShownForm) -> str:
    """The form as a page of its own. Its addresses are relative, so that it works behind any prefix."""
    title = escape(form.title or form.name)
    return (
        f'<!doctype html>\n<html lang="{escape(form.spoken_language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<title>{title}</title>\n'
        f'<link rel="stylesheet" href="../../..{STYLE.path}">\n'
        f'<script src="../../..{SCRIPT.path}" defer></script>\n{_widget_script(form)}'
        f"</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f"{_form(form, 'submissions', trap=_OF_A_CLASS)}</main>\n</body>\n</html>\n"
    )


def page_policy(form: ShownForm) -> str:
    """What the page may do: its own script and style, and a form that leads nowhere but where it should."""
    leads_to = [origin_of(url) for url in (form.redirect_url, form.error_url) if url]
    frames = " ".join(form.frame_origins) or "'none'"
    widget = " ".join(["", *form.provider.hosts]) if form.provider else ""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self'{widget}",
            f"style-src 'self'{widget}",
            f"connect-src 'self'{widget}",
            *([f"frame-src{widget}"] if widget else []),
            # A browser holds the address that the answer leads to against this, too.
            " ".join(["form-action 'self'", *dict.fromkeys(leads_to)]),
            "base-uri 'none'",
            f"frame-ancestors {frames}",
        ]
    )


def _form(form: ShownForm, action: str, *, trap: str) -> str:
    told = [f'data-{name.replace("_", "-")}="{escape(form.text(name))}"' for name in _SPOKEN]
    if form.redirect_url:
        told.append(f'data-redirect="{escape(form.redirect_url)}"')
    opening = (
        f'<form method="post" action="{escape(action)}" accept-charset="utf-8" '
        f'lang="{escape(form.spoken_language)}" data-leadloop\n      {" ".join(told)}>\n'
    )
    lines = [_field(form, name) for name in form.fields]
    if form.honeypot_field:
        name = escape(form.honeypot_field)
        lines.append(
            f"  <div {trap}><label>{escape(form.text('trap'))} "
            f'<input name="{name}" tabindex="-1" autocomplete="off"></label></div>\n'
        )
    if form.consent_text:
        version = escape(form.consent_text_version or "")
        lines.append(
            f'  <p><label><input type="checkbox" name="{CONSENT}{escape(form.consent_purpose)}" value="yes"> '
            f"{escape(form.consent_text)}</label>\n"
            f'  <input type="hidden" name="{CONSENT_VERSION}" value="{version}"></p>\n'
        )
    if form.provider:
        key = escape(form.challenge_site_key or "")
        lines.append(f'  <div class="{form.provider.css_class}" data-sitekey="{key}"></div>\n')
    return f"{opening}{''.join(lines)}  <p><button>{escape(form.text('send'))}</button></p>\n</form>\n"


def _widget_script(form: ShownForm) -> str:
    return f'<script src="{escape(form.provider.script)}" async defer></script>\n' if form.provider else ""


def _field(form: ShownForm, name: str) -> str:
    label, needed = escape(form.text(name)), " required" if _is_required(form, name) else ""
    if name == "message":
        entry = '<textarea name="message" rows="5"></textarea>'
    else:
        kind, fill = _INPUTS[name]
        entry = f'<input name="{name}" type="{kind}" autocomplete="{fill}"{needed}{_checked(form, name)}>'
    return f"  <p><label>{label}<br>{entry}</label></p>\n"


def _checked(form: ShownForm, name: str) -> str:
    """Browsers let `nora@firma` through, which nobody can write to; the title is what they say then."""
    return f' pattern="{_ADDRESS}" title="{escape(form.text("invalid_email"))}"' if name == "email" else ""


def _is_required(form: ShownForm, name: str) -> bool:
    """A name, and one way to answer: the address, or the number of a form that asks for none."""
    return name in _REQUIRED or (name == "phone" and "email" not in form.fields)
