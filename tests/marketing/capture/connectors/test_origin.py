"""A table of cases: fields and landing addresses as pages send them, and what is read of them."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.acquisition.channels.rules import classify
from services.marketing.capture.connectors.field_mapping import Defaults, read_lead
from services.marketing.capture.connectors.origin import read_address, read_origin
from services.marketing.capture.connectors.rules import CapturedLead

MAIL = {"source": "mail", "medium": "email", "campaign": "spring"}
QUERY = "utm_source=mail&utm_medium=email&utm_campaign=spring"
MANY = "&".join(f"p{n}={n}" for n in range(300))
LONG = "x" * 6000


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (f"https://acme.example/p?{QUERY}", "/p"),
        ("https://acme.example/p?utm_source=mail&amp;utm_medium=email&amp;utm_campaign=spring", "/p"),
        ("https://acme.example/p?utm_source=mail&#038;utm_medium=email&#038;utm_campaign=spring", "/p"),
        ("https://acme.example/p?utm_source=mail&#38;utm_medium=email&#x26;utm_campaign=spring", "/p"),
        ("https://acme.example/p?utm_source=mail&amp;amp;utm_medium=email&amp;amp;utm_campaign=spring", "/p"),
        ("https://acme.example/p?utm_source=mail&AMP;utm_medium=email&amp;utm_campaign=spring", "/p"),
        (f"https://acme.example/#/pricing?{QUERY}", "/"),
        (f"https://acme.example/p#{QUERY}", "/p"),
        (f"https://acme.example/p#/a/b?x=1&{QUERY}", "/p"),
        ("https://acme.example/p?utm_source=mail#utm_medium=email&utm_campaign=spring", "/p"),
        ("https://acme.example/p?utm_source=mail?utm_medium=email?utm_campaign=spring", "/p"),
        (f"https://acme.example/p?x=1?{QUERY}", "/p"),
        (f"https://acme.example/p?{MANY}&{QUERY}", "/p"),
        (f"https://acme.example/p?fbclid={LONG}&{QUERY}", "/p"),
        (f"https://acme.example/p?gclid={LONG}&x={LONG}&{QUERY}", "/p"),
        ("https://acme.example/p?UTM_Source=mail&Utm_Medium=email&utm_CAMPAIGN=spring", "/p"),
        ("https://acme.example/p?utmSource=mail&utmMedium=email&utmCampaign=spring", "/p"),
        ("https://acme.example/p?utm_source=mail&utm_medium=e%6Dail&utm_campaign=%73pring", "/p"),
        (
            "https%3A%2F%2Facme.example%2Fp%3Futm_source%3Dmail%26utm_medium%3Demail%26utm_campaign%3Dspring",
            "/p",
        ),
        ("https://acme.example/p?utm_source=&utm_source=mail&utm_medium=email&utm_campaign=spring", "/p"),
        ("https://acme.example/p?utm_source={x}&utm_source=mail&utm_medium=email&utm_campaign=spring", "/p"),
        (f"/p?{QUERY}", "/p"),
        (f"acme.example/p?{QUERY}", "/p"),
        (f"//acme.example/p?{QUERY}", "/p"),
        (f"https://acme.example?{QUERY}", "/"),
        (f"  https://acme.example/p?{QUERY}\n", "/p"),
        (f"https://münchen.example/p?{QUERY}", "/p"),
        (f"https://xn--mnchen-3ya.example/p?{QUERY}", "/p"),
        (f"https://acme.example/p?{QUERY}&utm_source=later", "/p"),
        ("https://acme.example/p?mtm_source=mail&mtm_medium=email&mtm_campaign=spring", "/p"),
    ],
)
def test_a_landing_address_is_read_however_it_is_written(address: str, path: str) -> None:
    lead = read_lead({"email": "a@b.example", "landing_page": address}, Defaults())

    assert dict(lead.utm) == MAIL
    assert lead.landing_path == path
    assert classify(lead.utm, {}, lead.referrer) == "email"
    assert lead.campaigns[0] == CampaignReference("utm", "spring")


@pytest.mark.parametrize(
    ("fields", "click_ids"),
    [
        ({"gclid": "Abc"}, {"gclid": "Abc"}),
        ({"gclid__c": "Abc"}, {"gclid": "Abc"}),
        ({"hs_google_click_id": "Abc"}, {"gclid": "Abc"}),
        ({"google_click_id": "Abc"}, {"gclid": "Abc"}),
        ({"gcl_id": "Abc"}, {"gclid": "Abc"}),
        ({"_gcl_aw": "GCL.1700000000.Abc_-1"}, {"gclid": "Abc_-1"}),
        ({"_fbc": "fb.1.1700000000000.IwAR0.x"}, {"fbclid": "IwAR0.x"}),
        ({"ScCid": "Abc"}, {"sccid": "Abc"}),
        ({"landing_page": "/p?msclkid=0a1b2c"}, {"msclkid": "0a1b2c"}),
        ({"landing_page": "/p?ScCid=1&rdt_cid=2&twclid=3&epik=4&oppref=5"},
         {"sccid": "1", "rdt_cid": "2", "twclid": "3", "epik": "4", "oppref": "5"}),
        ({"landing_page": "/p?gad_source=1&gad_campaignid=77"}, {"gad_source": "1", "gad_campaignid": "77"}),
        ({"dclid": "d", "li_fat_id": "l", "ttclid": "t"}, {"dclid": "d", "li_fat_id": "l", "ttclid": "t"}),
        ({"gclid": "undefined", "landing_page": "/p?gclid=real"}, {"gclid": "real"}),
    ],
)  # fmt: skip
def test_click_ids_are_found_by_their_usual_names(fields: dict[str, Any], click_ids: dict[str, str]) -> None:
    assert dict(read_lead(fields, Defaults()).click_ids) == click_ids


@pytest.mark.parametrize("nothing", ["undefined", "null", "{gclid}", "{{gclid}}", "(not set)"])
def test_what_says_nothing_is_kept_as_an_answer(nothing: str) -> None:
    lead = read_lead({"email": "a@b.example", "gclid": nothing, "utm_campaign": nothing}, Defaults())

    assert (dict(lead.click_ids), dict(lead.utm), tuple(lead.campaigns)) == ({}, {}, ())
    assert lead.answers == {"gclid": nothing, "utm_campaign": nothing}
    assert classify(lead.utm, lead.click_ids, lead.referrer) == "direct"


UUID = "01995d3e-0000-7000-8000-00000000c0de"


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("utm_campaign=spring&gad_campaignid=77", [("utm", "spring"), ("google_ads", "77")]),
        ("hsa_cam=5&hsa_net=adwords&hsa_src=g", [("google_ads", "5")]),
        ("hsa_cam=5&hsa_net=facebook&hsa_src=fb", [("meta", "5")]),
        ("campaignid=9", [("google_ads", "9")]),
        ("utm_source=ig&utm_id=6", [("meta", "6"), ("linkedin", "6"), ("tiktok", "6"), ("google_ads", "6")]),
        (
            "utm_source=google&utm_id=6",
            [("google_ads", "6"), ("meta", "6"), ("linkedin", "6"), ("tiktok", "6")],
        ),
        (f"utm_source=google&utm_id={UUID}", [("id", UUID), ("google_ads", UUID)]),
        ("utm_id={{campaign.id}}&utm_campaign={{campaign.name}}", []),
    ],
)
def test_what_an_address_names_its_campaign_by(query: str, references: list[tuple[str, str]]) -> None:
    found = read_lead({"landing_page": f"https://acme.example/?{query}"}, Defaults()).campaigns

    assert [(one.kind, one.value) for one in found][: len(references)] == references
    assert bool(found) == bool(references)


def came(own: frozenset[str] = frozenset(), **fields: str) -> CapturedLead:
    return read_lead({"email": "a@b.example", **fields}, Defaults(own_hosts=own))


@pytest.mark.parametrize(
    ("lead", "referrer", "channel"),
    [
        (came(referrer="https://www.google.com/"), "www.google.com", "organic_search"),
        (came(Referer="https://www.linkedin.com/feed?x=1#y"), "www.linkedin.com/feed", "organic_social"),
        (came(document_referrer="https://news.example/a?email=x@y.example"), "news.example/a", "referral"),
        (came(referrer="https://mail.google.com/mail/u/0/#inbox/FMfcg"), "mail.google.com", "email"),
        (came(referrer="android-app://com.google.android.gm/"), "com.google.android.gm", "email"),
        (came(referrer="https://checkout.stripe.com/x"), None, "direct"),
        (came(referrer="https://shop.acme.com/x", landing_page="https://www.acme.com/p"), None, "direct"),
        (came(frozenset(["www.acme.com"]), referrer="https://acme.com/x"), None, "direct"),
        (came(referrer="/contact"), None, "direct"),
        (came(referrer="undefined"), None, "direct"),
        (came(referrer="My friend Anna"), None, "direct"),
        (came(frozenset(["acme.com"]), referrer="https://acme.com/p?utm_source=fb&utm_medium=cpc"), None,
         "paid_social"),
    ],
)  # fmt: skip
def test_who_sent_them_is_kept_without_what_was_asked(
    lead: CapturedLead, referrer: str | None, channel: str
) -> None:
    assert lead.referrer == referrer
    assert classify(lead.utm, lead.click_ids, lead.referrer) == channel


def test_a_visitors_own_address_is_no_landing_page() -> None:
    assert came(url="https://visitor.example/").landing_path is None
    assert came(url="https://visitor.example/").answers == {"url": "https://visitor.example/"}
    assert came(url="https://acme.example/demo?gclid=x").landing_path == "/demo"
    assert came(page="Contact us").answers == {"page": "Contact us"}
    assert came(pageUri="https://acme.example/demo").landing_path == "/demo"


def test_the_host_of_a_landing_page_is_as_the_wire_has_it() -> None:
    assert read_address("https://münchen.example/").host == "xn--mnchen-3ya.example"
    assert read_address("HTTPS://User@ACME.example:8443/p").host == "acme.example"
    assert read_address("/p").host is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_address_is_too_strange(landing: str, referrer: str) -> None:
    found = read_origin({"landing_url": landing, "referrer": referrer, "utm_source": landing})
    classify(found.utm, found.click_ids, found.referrer)


@pytest.mark.parametrize(
    "unit", ["?", "&", "#", "&amp;", "&#038;", "utm_source=a&", "a=b&", "%", "%3f", "{", "."]
)
def test_a_long_address_costs_what_its_length_costs(unit: str) -> None:
    address = "https://acme.example/p?" + unit * (256 * 1024 // len(unit)) + QUERY
    began = time.process_time()
    read_origin({"landing_url": address, "referrer": address})
    assert time.process_time() - began < 2
