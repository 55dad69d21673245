"""What LinkedIn's notifications and details are read into, and which ids become part of an address."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.linkedin import adapter, rules
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.sources.rules import ConnectionSettings
from tests.support.linkedin import FORM, LinkedIn, notification

LEAD = "8a5a2cf4-7d0e-4a6e-9f53-7"
CONNECTION = ConnectionSettings(
    UUID(int=5), "cn_l", "linkedin", mappings={str(FORM): {"Wie groß ist Ihr Team?": "company_size"}}
)


def details(**changes: Any) -> bytes:
    platform = LinkedIn()
    platform.lead(LEAD, **changes)
    return rules.together(orjson.dumps(platform.leads[LEAD]), orjson.dumps(platform.forms[str(FORM)]))


def announced() -> CapturedLead:
    [lead] = adapter.read(notification(LEAD))
    return lead


def test_questions_are_mapped_by_their_text_and_campaigns_by_their_number() -> None:
    lead = adapter.read_details(details(), announced(), CONNECTION)

    assert lead.person.company_size == 11
    assert lead.campaigns[-1] == CampaignReference("linkedin", "354321")
    assert lead.occurred_at is not None
    assert lead.occurred_at.timestamp() == 1764063000
    assert "source" not in lead.utm


def test_a_lead_of_a_company_page_is_not_paid() -> None:
    lead = adapter.read_details(details(leadType="COMPANY", leadMetadata=None), announced(), CONNECTION)

    assert (lead.utm["source"], lead.utm["medium"]) == ("linkedin", "social")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"id": "another-lead"}, UnreadableError),
        ({"id": 7}, UnreadableError),
        ({"testLead": True}, NoticeError),
    ],
)
def test_what_is_no_lead_is_none(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        adapter.read_details(details(**changes), announced(), CONNECTION)


@pytest.mark.parametrize(
    ("urn", "found"),
    [
        ("urn:li:leadGenFormResponse:8a5a-7", "8a5a-7"),
        ("8a5a-7", "8a5a-7"),
        ("urn:li:leadGenFormResponse:", None),
        ("urn:li:person:8a5a", None),
        ("a/../b", None),
        ("a?b", None),
        ("a%2f", None),
        (7, None),
        (None, None),
        ("\uff18", None),
    ],
)
def test_only_what_linkedins_ids_are_becomes_an_address(urn: Any, found: str | None) -> None:
    assert rules.response_id(urn) == found


@pytest.mark.parametrize(
    ("urn", "found"),
    [
        ("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:818,1)", "818"),
        ("urn:li:leadGenForm:818", "818"),
        ("818", "818"),
        ("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:x,1)", None),
        (None, None),
    ],
)
def test_the_number_of_a_form(urn: Any, found: str | None) -> None:
    assert rules.form_id(urn) == found
