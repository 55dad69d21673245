"""Forms as HTTP takes them in and shows them, and how they do."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import idna
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.marketing.capture.form_health.schemas import DOES, FormCounts, StateName
from services.marketing.capture.sources.challenges import PROVIDERS
from services.marketing.capture.sources.rules import FORM_FIELDS, FORM_TEXTS, USUAL_FIELDS, origin_of
from services.marketing.capture.sources.schemas import Country, Mapping, Name
from shared.http.schemas import OneOf, RequestBody, UtcTime, View

# Of a page, or of every host below a name of at least two parts.
_ORIGIN = re.compile(
    r"https?://((\*\.(?=[a-z0-9\-]+\.|localhost))?[a-z0-9\-]+(\.[a-z0-9\-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
)
_URL = re.compile(r"https?://[!-~]+")


def _origin(text: str) -> str:
    """As a browser writes it: lower case, punycode, no slash at the end, no port that goes without saying."""
    scheme, _, host = text.lower().rstrip("/").partition("://")
    try:
        if not host.isascii():
            name, colon, port = host.partition(":")
            host = idna.encode(name, uts46=True).decode() + colon + port
        if _ORIGIN.fullmatch(f"{scheme}://{host}"):
            return origin_of(f"{scheme}://{host}")
        raise ValueError
    except ValueError:  # idna's and urlsplit's are ones, too
        raise ValueError(
            "An origin is scheme and host, such as https://www.example.com, without a path; "
            "https://*.example.com is every host below example.com."
        ) from None


def _url(text: str) -> str:
    try:
        if _URL.fullmatch(text) and origin_of(text):
            return text
    except ValueError:
        pass
    raise ValueError("An address begins with https:// and has no spaces; encode other characters.")


def _fields(names: list[str]) -> list[str]:
    if "email" not in names and "phone" not in names:
        raise ValueError("A form asks for email or phone, or nobody can be reached.")
    if len(set(names)) < len(names):
        raise ValueError("A field is named twice.")
    return names


Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_origin)]
Url = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_url)]
Shown = Annotated[str, OneOf(FORM_FIELDS)]
TextName = Annotated[str, OneOf(FORM_TEXTS)]
ChallengeName = Annotated[str, OneOf(tuple(PROVIDERS))]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]

FORM: dict[str, Any] = {
    "name": "Request a demo",
    "campaign_id": None,
    "origins": ["https://www.example.com", "https://*.example.com"],
    "field_mapping": {"firma": "company_name"},
    "hand_raiser": True,
    "honeypot_field": "note_4f1c2a",
    "redirect_url": "https://www.example.com/thanks",
    "error_url": None,
    "fields": ["name", "email", "phone", "company", "message"],
    "title": "Request a demo",
    "texts": {"send": "Request a demo"},
    "consent_text": "I agree that Example GmbH writes to me about its products.",
    "consent_text_version": "2026-11",
    "consent_purpose": "marketing_email",
    "challenge": "turnstile",
    "challenge_site_key": "0x4AAAAAAABkMYinukE8nzYS",
    "frame_origins": ["https://www.example.com"],
    "language": "de",
    "country": "DE",
}
FORM_SHOWN: dict[str, Any] = {
    **FORM,
    **DOES,
    "id": "019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11",
    "key": "pk_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3",
    "active": True,
    "snippet": '<form method="post" action="https://leads.example.com/v1/forms/pk_…/submissions">…</form>',
    "page_url": "https://leads.example.com/v1/forms/pk_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3/page",
    "created_at": "2026-11-23T09:30:00Z",
    "version": 1,
}


class FormPage(RequestBody):
    """What a form's snippet and hosted page show, and where they send people."""

    redirect_url: Annotated[Url | None, Field(description="Where people go after sending.")] = None
    error_url: Annotated[Url | None, Field(description="Where they go when something is wrong.")] = None
    fields: Annotated[list[Shown], Field(min_length=1, max_length=20), AfterValidator(_fields)] = Field(
        default_factory=lambda: list(USUAL_FIELDS)
    )
    title: Annotated[str | None, Field(max_length=200, description="Heading of the hosted page.")] = None
    texts: Annotated[
        dict[TextName, Annotated[str, StringConstraints(min_length=1, max_length=300)]],
        Field(description="Texts of your own in place of those in the form's language."),
    ] = Field(default_factory=dict)
    consent_text: Annotated[
        str | None, Field(max_length=2000, description="Beside a box that people may tick.")
    ] = None
    consent_text_version: Annotated[
        str | None,
        Field(max_length=40, description="Kept with each consent. Empty: made from the text."),
    ] = None
    consent_purpose: Annotated[
        Literal["marketing_email", "marketing_phone", "privacy"], Field(description="What the text is about.")
    ] = "marketing_email"
    challenge: Annotated[
        ChallengeName | None,
        Field(description="A service that tells people from programs; its secret is in CHALLENGE_SECRETS."),
    ] = None
    challenge_site_key: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")] | None,
        Field(description="The public key of its widget, which stands in the page."),
    ] = None
    frame_origins: Annotated[
        list[Origin], Field(max_length=20, description="Who may show the hosted page in a frame.")
    ] = Field(default_factory=list)
    language: Language | None = None


class NewForm(FormPage):
    """A web form to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORM]})

    name: Name
    campaign_id: UUID | None = None
    origins: Annotated[
        list[Origin],
        Field(
            max_length=50,
            description="Pages that may post, by origin; `https://*.example.com` is every host below it. "
            "Empty: pages of any origin.",
        ),
    ] = Field(default_factory=list)
    field_mapping: Mapping = Field(default_factory=dict)
    hand_raiser: Annotated[bool, Field(description='"Contact me": a submission qualifies at once.')] = False
    honeypot_field: Annotated[
        FieldName | None,
        Field(description="A field that people don't see: who fills it in is none. Left out: one is made."),
    ] = None
    country: Country | None = None

    def columns(self) -> dict[str, Any]:
        """What the form is made of; without a honeypot when nothing was said of one."""
        return self.model_dump(exclude={"honeypot_field"} - self.model_fields_set)


class FormChange(FormPage):
    """What to change; fields left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hand_raiser": False}]})

    name: Name = ""
    campaign_id: UUID | None = None
    origins: Annotated[list[Origin], Field(max_length=50)] = Field(default_factory=list)
    field_mapping: Mapping = Field(default_factory=dict)
    hand_raiser: bool = False
    honeypot_field: FieldName | None = None
    country: Country | None = None
    active: bool = True


class FormView(View):
    """A form, how it does, and HTML to paste into a page."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORM_SHOWN]}, from_attributes=True)

    id: UUID
    key: str
    name: str
    campaign_id: UUID | None
    origins: list[str]
    field_mapping: dict[str, str]
    hand_raiser: bool
    honeypot_field: str | None
    redirect_url: str | None
    error_url: str | None
    fields: list[str]
    title: str | None
    texts: dict[str, str]
    consent_text: str | None
    consent_text_version: str | None
    consent_purpose: str
    challenge: str | None
    challenge_site_key: str | None
    frame_origins: list[str]
    language: str | None
    country: str | None
    active: bool
    snippet: str = ""
    page_url: str = ""
    state: StateName
    state_reason: str | None
    state_since: UtcTime | None
    last_submission_at: UtcTime | None = None
    last_test_at: UtcTime | None = None
    last_30_days: FormCounts = FormCounts()
    created_at: UtcTime
    version: int
