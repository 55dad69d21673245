"""Adapters: what platforms and pages send, by example, and that nothing sent makes them raise."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors import field_mapping, field_names
from services.marketing.capture.connectors.field_mapping import Defaults
from services.marketing.capture.connectors.generic import adapter as generic
from services.marketing.capture.connectors.generic import presets
from services.marketing.capture.connectors.google_ads import adapter as google_ads
from services.marketing.capture.connectors.linkedin import adapter as linkedin
from services.marketing.capture.connectors.meta import adapter as meta
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.connectors.server_api import adapter
from services.marketing.capture.connectors.tiktok import adapter as tiktok
from services.marketing.capture.connectors.web_form import adapter as web_form
from services.marketing.capture.deliveries import rules as deliveries_rules
from services.marketing.capture.sources.rules import OUR_FIELDS, ConnectionSettings, FormSettings
from services.marketing.capture.submissions import rules
from tests.marketing.capture.house import google_lead, meta_body

FORM = FormSettings(UUID(int=1), "pk_x", honeypot_field="trap", language="de", country="DE")
GOOGLE = ConnectionSettings(UUID(int=2), "cn_x", "google_ads", mappings={"*": {"seats": "company_size"}})
LINKEDIN = ConnectionSettings(UUID(int=5), "cn_l", "linkedin")
TIKTOK = ConnectionSettings(UUID(int=6), "cn_t", "tiktok")
META = ConnectionSettings(UUID(int=3), "cn_y", "meta", mappings={"77": {"wie viele?": "company_size"}})


def prepared(preset: str) -> ConnectionSettings:
    return ConnectionSettings(UUID(int=7), "cn_g", "generic", settings=presets.expand({"preset": preset}))


def read_form(values: dict[str, Any]) -> CapturedLead:
    [lead] = web_form.read(orjson.dumps(values), "application/json", FORM)
    return lead


def test_usual_names_are_recognised_and_the_rest_is_kept() -> None:
    lead = read_form(
        {
            "Vorname": "Ada",
            "Nachname": "Nowak",
            "E-Mail": "ADA@acme.com",
            "Telefon": "030 901820",
            "Firma": "Acme",
            "Wie haben Sie uns gefunden?": ["Messe", "Web"],
            "newsletter": True,
            "budget": 5000,
        }
    )
    assert (lead.person.given_name, lead.person.family_name) == ("Ada", "Nowak")
    assert (lead.person.email, lead.person.phone) == ("ada@acme.com", "+4930901820")
    assert (lead.person.country, lead.person.language) == ("DE", "de")
    assert lead.answers == {
        "wie_haben_sie_uns_gefunden": "Messe, Web",
        "newsletter": "yes",
        "budget": "5000",
    }


@pytest.mark.parametrize(
    ("name", "given_name", "family_name"),
    [
        ("Ada Nowak", "Ada", "Nowak"),
        ("Ada", "Ada", None),
        ("Ada de la Cruz", "Ada", "de la Cruz"),
        ("Nowak, Ada", "Ada", "Nowak"),
    ],
)
def test_one_name_for_both(name: str, given_name: str | None, family_name: str | None) -> None:
    person = read_form({"name": name}).person
    assert (person.given_name, person.family_name) == (given_name, family_name)


def test_where_they_came_from_is_read_from_fields_and_from_the_address() -> None:
    page = "https://www.acme.com/demo?utm_source=google&utm_campaign=old&gclid=abc&utm_medium=cpc"
    lead = read_form({"page_url": page, "utm_campaign": "Spring", "utm": {"term": "crm"}, "session_id": "s1"})
    assert lead.utm == {"source": "google", "medium": "cpc", "campaign": "Spring", "term": "crm"}
    assert (lead.click_ids, lead.landing_path, lead.session_id) == ({"gclid": "abc"}, "/demo", "s1")
    assert lead.campaigns == (CampaignReference("utm", "Spring"),)


def test_a_mapping_wins_over_the_usual_names() -> None:
    form = FormSettings(UUID(int=1), "pk_x", mapping={"name": "company_name", "phone": "ignore"})
    [lead] = web_form.read(b'{"name": "Acme", "phone": "+4930901820"}', "application/json", form)
    assert (lead.person.company_name, lead.person.given_name, lead.person.phone) == ("Acme", None, None)


def test_a_person_typed_into_a_fact_stays_an_answer() -> None:
    """Facts about organisations and places travel in events; people don't."""
    lead = read_form(
        {"company": "ada@acme.com", "region": "+49 151 234 567", "industry": "call 030/901820-17"}
    )
    assert (lead.person.company_name, lead.person.region, lead.person.industry) == (None, None, None)
    assert set(lead.answers) == {"company_name", "region", "industry"}
    kept = read_form({"company": "4711 Ltd", "region": "Berlin 10", "industry": "Industry 4.0"}).person
    assert (kept.company_name, kept.region, kept.industry) == ("4711 Ltd", "Berlin 10", "industry_4_0")


def test_google_leads() -> None:
    body = google_lead("l-1", lead_submit_time="2026-09-26T12:30:00Z")
    body["user_column_data"].append({"column_id": "seats", "string_value": "51-200"})
    [lead] = google_ads.read(orjson.dumps(body), GOOGLE)
    assert (lead.external_id, lead.person.email, lead.person.company_size) == (
        "l-1",
        "l-1@muster-gmbh.com",
        51,
    )
    assert lead.click_ids == {"gclid": "EAIaIQobChMI"}
    assert lead.campaigns == (CampaignReference("google_ads", "1234567890"),)
    assert lead.occurred_at == datetime(2026, 9, 26, 12, 30, tzinfo=UTC)


def test_ids_too_long_to_keep_still_differ() -> None:
    [one], [other] = (google_ads.read(orjson.dumps(google_lead("x" * 2000 + end)), GOOGLE) for end in "ab")
    assert one.external_id != other.external_id
    assert len(one.external_id or "") <= 300


def test_googles_own_test_body() -> None:
    body = (
        b'{"lead_id":"MjpsZWFkX2lkOjE1NzI1ODA5MjQ4NTY","api_version":"1.0","form_id":2,"campaign_id":1,'
        b'"google_key":"","is_test":true}'
    )
    with pytest.raises(NoticeError, match="test"):
        google_ads.read(body, GOOGLE)


def test_meta_details() -> None:
    [announced] = meta.read(meta_body(123))
    assert announced.awaits_details
    details = {
        "id": "123",
        "created_time": "2026-02-04T10:30:00+0000",
        "form_id": "77",
        "campaign_id": 99,
        "field_data": [
            {"name": "full_name", "values": ["John Smith"]},
            {"name": "phone_number", "values": ["+13125550123"]},
            {"name": "wie viele?", "values": ["60"]},
        ],
    }
    lead = meta.read_details(orjson.dumps(details), announced, META)
    assert (lead.external_id, lead.person.family_name, lead.person.company_size) == ("123", "Smith", 60)
    assert lead.campaigns == (CampaignReference("meta", "99"),)
    assert lead.occurred_at == datetime(2026, 2, 4, 10, 30, tzinfo=UTC)
    with pytest.raises(UnreadableError, match="details_of_another_lead"):
        meta.read_details(orjson.dumps({**details, "id": "124"}), announced, META)


def test_every_known_name_leads_to_a_field_of_ours() -> None:
    assert field_names.fields_known() <= OUR_FIELDS | {field_names.MESSAGE}


def test_ids_of_a_batch_are_uuids_of_the_same_kind() -> None:
    first = UUID("019ab1c2-7d3e-7c4f-bfff-ffffffffffff")
    ids = [deliveries_rules.submission_id(first, number) for number in range(500)]
    assert (ids[0], len(set(ids))) == (first, 500)
    assert {(one.version, one.variant) for one in ids} == {(7, first.variant)}


texts = st.text(max_size=40) | st.sampled_from(
    ["\x00", "a@b.co", "+4930901820", "2026-01-01", "https://x/y?z"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
names = (
    st.sampled_from(
        [*sorted(field_names.NAMES), *OUR_FIELDS, "utm", "leads", "answers", "entry", "occurred_at"]
    )
    | texts
)
bodies = st.dictionaries(names, values, max_size=8)


def storable(lead: CapturedLead) -> None:
    """What goes into the database has neither NULs nor lone surrogates, and is bounded."""
    kept = json.loads(orjson.dumps(rules.captured(lead)))
    text = json.dumps(kept, ensure_ascii=False)
    text.encode()
    assert "\x00" not in text
    if lead.occurred_at is not None:
        assert lead.occurred_at.tzinfo is not None
    rules.judge(lead)


@given(bodies)
def test_any_values_make_a_lead(body: dict[str, Any]) -> None:
    storable(field_mapping.read_lead(body, Defaults()))


def read_anyhow(read: Callable[[], list[CapturedLead]]) -> None:
    """Read it: there are leads in it, or it is called unreadable; nothing else may be raised."""
    try:
        leads = read()
    except (UnreadableError, NoticeError):
        return
    for lead in leads:
        storable(lead)


@given(values | bodies | st.binary(max_size=80))
def test_any_body_is_read_or_called_unreadable(body: Any) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        read_anyhow(partial(web_form.read, raw, kind, FORM))
    read_anyhow(partial(google_ads.read, raw, GOOGLE))
    read_anyhow(partial(meta.read, raw))
    read_anyhow(partial(adapter.read, raw))
    read_anyhow(partial(linkedin.read, raw))
    read_anyhow(partial(tiktok.read, raw, TIKTOK))
    for preset in presets.PRESETS:
        read_anyhow(partial(generic.read, raw, prepared(preset)))
    read_anyhow(lambda: [meta.read_details(raw, CapturedLead(external_id="1"), META)])
    read_anyhow(lambda: [linkedin.read_details(raw, CapturedLead(external_id="1"), LINKEDIN)])


@given(bodies, bodies, values)
def test_platforms_may_answer_anything(response: dict[str, Any], form: dict[str, Any], value: Any) -> None:
    response = {**response, "formResponse": {"answers": value, "consentResponses": value}}
    for form_ in ({**form, "content": {"questions": value}, "hiddenFields": value}, form, None):
        raw = json.dumps({"response": response, "form": form_}).encode()
        read_anyhow(
            lambda raw=raw: [linkedin.read_details(raw, CapturedLead(external_id="1"), LINKEDIN)]  # type: ignore[misc]
        )
    raw = json.dumps({"event": "lead", "content": json.dumps({**response, "x": value})}).encode()
    read_anyhow(partial(tiktok.read, raw, TIKTOK))


@given(bodies, st.sampled_from(["user_column_data", "entry", "leads"]), values)
def test_platforms_may_send_anything_anywhere(body: dict[str, Any], name: str, value: Any) -> None:
    body = {**body, name: value, "object": "page", "external_id": value, "lead_id": value}
    raw = json.dumps(body).encode()
    read_anyhow(partial(google_ads.read, raw, GOOGLE))
    read_anyhow(partial(meta.read, raw))
    read_anyhow(partial(adapter.read, raw))
