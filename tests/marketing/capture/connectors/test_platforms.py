"""What Google's and Meta's own users run into first: tests, questions of their own, consent boxes."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from services.marketing.capture.connectors.google_ads import adapter as google_ads
from services.marketing.capture.connectors.meta import adapter as meta
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError
from services.marketing.capture.sources.rules import ConnectionSettings
from tests.marketing.capture.house import google_lead, meta_body

GOOGLE = ConnectionSettings(UUID(int=2), "cn_x", "google_ads")
META = ConnectionSettings(UUID(int=3), "cn_y", "meta")


def test_googles_own_test_data_is_known_without_its_flag() -> None:
    columns = [{"column_id": name, "string_value": "dummy_value"} for name in ("FULL_NAME", "EMAIL")]
    for changes in (
        {"is_test": True},
        {"is_test": "true"},
        {"is_test": False, "user_column_data": columns},
        {"user_column_data": columns},
    ):
        with pytest.raises(NoticeError, match="test"):
            google_ads.read(orjson.dumps(google_lead("l-1", **changes)), GOOGLE)
    one = [*columns[:1], {"column_id": "EMAIL", "string_value": "ada@muster-gmbh.com"}]
    [lead] = google_ads.read(orjson.dumps(google_lead("l-1", user_column_data=one)), GOOGLE)
    assert lead.person.email == "ada@muster-gmbh.com"


@pytest.mark.parametrize(
    ("column", "answers"),
    [
        (
            {"column_id": "0", "column_name": "Wie groß ist Ihr Team?", "string_value": "11-50"},
            {"Wie groß ist Ihr Team?": "11-50"},
        ),
        ({"column_name": "Wie  groß\nist es?", "string_value": "11-50"}, {"Wie groß ist es?": "11-50"}),
        ({"column_id": "4711", "string_value": "11-50"}, {"4711": "11-50"}),
        ({"column_id": "CITY", "column_name": "City", "string_value": "Berlin"}, {"city": "Berlin"}),
        ({"string_value": "11-50"}, {}),
    ],
)
def test_googles_questions_keep_their_words(column: dict[str, str], answers: dict[str, str]) -> None:
    columns = [{"column_id": "EMAIL", "string_value": "ada@muster-gmbh.com"}, column]
    [lead] = google_ads.read(orjson.dumps(google_lead("l-1", user_column_data=columns)), GOOGLE)

    assert {name: text for name, text in lead.answers.items() if name != "form_id"} == answers


def test_a_google_column_with_only_a_name_is_recognised() -> None:
    columns = [
        {"column_name": "User Email", "string_value": "ada@muster-gmbh.com"},
        {"column_name": "Full Name", "string_value": "Ada Nowak"},
        {"column_name": "Company Name", "string_value": "Muster GmbH"},
    ]
    [lead] = google_ads.read(orjson.dumps(google_lead("l-1", user_column_data=columns)), GOOGLE)

    assert (lead.person.email, lead.person.given_name) == ("ada@muster-gmbh.com", "Ada")
    assert lead.person.company_name == "Muster GmbH"


def test_a_google_question_is_mapped_by_its_text_or_its_id() -> None:
    column = {"column_id": "17", "column_name": "Wie viele?", "string_value": "60"}
    for mapping in ({"17": "company_size"}, {"Wie viele?": "company_size"}):
        connection = ConnectionSettings(UUID(int=2), "cn_x", "google_ads", mappings={"*": mapping})
        [lead] = google_ads.read(orjson.dumps(google_lead("l-1", user_column_data=[column])), connection)
        assert lead.person.company_size == 60, mapping


def meta_lead(fields: dict[str, Any], **changes: Any) -> CapturedLead:
    [announced] = meta.read(meta_body(123))
    data = [{"name": name, "values": [value]} for name, value in fields.items()]
    return meta.read_details(orjson.dumps({"id": "123", "field_data": data, **changes}), announced, META)


DUMMY = "<test lead: dummy data for {}>"


@pytest.mark.parametrize(
    "fields",
    [
        {
            "email": "test@meta.com",
            "full_name": DUMMY.format("full_name"),
            "phone_number": DUMMY.format("phone_number"),
        },
        {"email": "test@fb.com", "full_name": DUMMY.format("full_name")},
        {"wie_viele?": DUMMY.format("wie_viele?"), "email": "somebody@muster-gmbh.com"},
        {"full_name": DUMMY.format("full_name").upper()},
        {"email": "test@meta.com"},
        {"email": " Test@FB.com ", "work_email": "test@fb.com"},
    ],
)
def test_metas_test_leads_are_no_leads(fields: dict[str, str]) -> None:
    with pytest.raises(NoticeError, match="test"):
        meta_lead(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "test@meta.com", "full_name": "Ada Nowak"},
        {"email": "ada@muster-gmbh.com", "full_name": "Test Lead"},
        {"email": "ada@muster-gmbh.com", "message": "I saw <test lead: dummy data for x> in my CRM"},
        {},
    ],
)
def test_what_only_looks_like_a_test_is_kept(fields: dict[str, str]) -> None:
    assert meta_lead(fields).external_id == "123"


def test_metas_work_phone_is_a_phone() -> None:
    lead = meta_lead({"work_phone_number": "+4930901820"})

    assert lead.person.phone == "+4930901820"


def test_metas_consent_boxes_and_origin_are_kept() -> None:
    lead = meta_lead(
        {"email": "ada@muster-gmbh.com"},
        custom_disclaimer_responses=[
            {"checkbox_key": "newsletter", "is_checked": "1"},
            {"checkbox_key": "phone", "is_checked": ""},
            {"checkbox_key": "terms", "is_checked": True},
            {"checkbox_key": "more", "is_checked": False},
            {"is_checked": "1"},
            "nonsense",
        ],
        is_organic=False,
        platform="ig",
    )

    assert {name: text for name, text in lead.answers.items() if name.startswith("disclaimer.")} == {
        "disclaimer.newsletter": "yes",
        "disclaimer.phone": "no",
        "disclaimer.terms": "yes",
        "disclaimer.more": "no",
    }
    assert lead.consent is not None
    assert lead.consent.states == {
        "marketing_email": "granted",
        "marketing_phone": "denied",
        "privacy": "granted",
    }
    assert (lead.answers["is_organic"], lead.answers["platform"]) == ("no", "ig")
    assert lead.utm == {}


def test_a_lead_of_meta_that_no_ad_has_brought_is_not_paid() -> None:
    fields = {"email": "ada@muster-gmbh.com"}

    assert meta_lead(fields, is_organic=True, platform="ig").utm == {
        "source": "instagram",
        "medium": "social",
    }
    assert meta_lead(fields, is_organic=True, campaign_id="99").utm == {}
