"""A table of cases: what tags, click ids and a referrer say, and the channel they mean. Add a line."""

import pytest

from services.marketing.acquisition.channels import rules
from services.marketing.acquisition.channels.rules import CHANNELS, CLICK_IDS, classify

TAGS = [
    # source, medium, channel: doors.md A5
    ("facebook", "cpc", "paid_social"),
    ("linkedin", "cpc", "paid_social"),
    ("google", "paid", "paid_search"),
    ("", "paid-social", "paid_social"),
    ("", "Paid Social", "paid_social"),
    ("", "paid_social", "paid_social"),
    ("", "cpm", "display"),
    ("", "retargeting", "display"),
    ("", "organic-social", "organic_social"),
    ("", "social-media", "organic_social"),
    ("(direct)", "(none)", "direct"),
    ("(not set)", "(not set)", "direct"),
    ("newsletter", "", "email"),
    ("chatgpt.com", "", "referral"),
    # a campaign over all of a network, and sources that say themselves that they were paid
    ("google", "pmax", "cross_network"),
    ("google", "Performance Max", "cross_network"),
    ("google", "cross-network", "cross_network"),
    ("google_ads", "", "paid_search"),
    ("adwords", "", "paid_search"),
    ("GoogleAds", "", "paid_search"),
    ("Bing Ads", "", "paid_search"),
    ("facebook_ads", "", "paid_social"),
    ("linkedin-paid", "", "paid_social"),
    ("acme_ads", "", "paid_other"),
    ("google_ads", "email", "organic_search"),
    # what was right before
    ("", "cpc", "paid_search"),
    ("", " CPC ", "paid_search"),
    ("", "ppc", "paid_search"),
    ("", "paidsearch", "paid_search"),
    ("", "paid_search", "paid_search"),
    ("", "paidsocial", "paid_social"),
    ("", "display", "display"),
    ("", "banner", "display"),
    ("", "email", "email"),
    ("", "e-mail", "email"),
    ("", "newsletter", "email"),
    ("", "social", "organic_social"),
    ("", "organic", "organic_search"),
    ("", "referral", "referral"),
    ("", "affiliate", "affiliate"),
    ("", "event", "event"),
    ("", "carrier pigeon", "other"),
    # paid: the list the source is in decides, not the medium alone
    ("google", "cpc", "paid_search"),
    ("Google", "CPC", "paid_search"),
    ("google_ads", "cpc", "paid_search"),
    ("adwords", "ppc", "paid_search"),
    ("www.google.de", "cpc", "paid_search"),
    ("bing", "cpc", "paid_search"),
    ("microsoft", "cpc", "paid_search"),
    ("duckduckgo.com", "cpc", "paid_search"),
    ("fb", "paid", "paid_social"),
    ("ig", "paid", "paid_social"),
    ("instagram", "ppc", "paid_social"),
    ("meta", "cpc", "paid_social"),
    ("Facebook-Ads", "cpm", "paid_social"),
    ("facebook.com", "retargeting", "paid_social"),
    ("m.facebook.com", "paid-social", "paid_social"),
    ("linkedin_ads", "sponsored", "paid_social"),
    ("twitter", "cpc", "paid_social"),
    ("x", "cpc", "paid_social"),
    ("tiktok", "cpc", "paid_social"),
    ("reddit.com", "cpc", "paid_social"),
    ("facebook", "Facebook_Mobile_Feed", "paid_social"),
    ("ig", "Instagram_Stories", "paid_social"),
    ("youtube", "cpc", "paid_video"),
    ("youtube.com", "paid", "paid_video"),
    ("vimeo", "cpv", "paid_video"),
    ("", "cpv", "paid_video"),
    ("amazon", "cpc", "paid_shopping"),
    ("amazon.co.uk", "cpc", "paid_shopping"),
    ("idealo", "cpc", "paid_shopping"),
    ("", "paid-shopping", "paid_shopping"),
    ("dv360-partner", "display", "display"),
    ("google", "display", "display"),
    ("acme-partner", "cpc", "paid_other"),
    ("chatgpt.com", "cpc", "paid_other"),
    ("", "paid", "paid_other"),
    ("capterra", "ppc", "paid_other"),
    ("", "search-ads", "paid_search"),
    ("", "Social Paid", "paid_social"),
    ("", "interstitial", "display"),
    ("", "expandable", "display"),
    # unpaid
    ("google", "organic", "organic_search"),
    ("google", "", "organic_search"),
    ("facebook", "", "organic_social"),
    ("facebook", "referral", "organic_social"),
    ("linkedin", "social", "organic_social"),
    ("lnkd.in", "", "organic_social"),
    ("t.co", "", "organic_social"),
    ("", "sm", "organic_social"),
    ("", "social_network", "organic_social"),
    ("youtube", "social", "organic_social"),
    ("youtu.be", "", "organic_video"),
    ("", "video", "organic_video"),
    ("ebay.de", "referral", "organic_shopping"),
    ("mailchimp", "", "email"),
    ("e-mail", "link", "email"),
    ("crm", "Email", "email"),
    ("mail.google.com", "referral", "email"),
    ("partner", "affiliates", "affiliate"),
    ("news.example", "", "referral"),
    ("news.example", "link", "referral"),
    ("perplexity.ai", "", "referral"),
    ("chatgpt.com", "referral", "referral"),
    ("claude", "", "referral"),
    ("spotify-show", "podcast", "audio"),
    ("", "audio", "audio"),
    ("twilio", "sms", "sms"),
    ("app", "push", "mobile_push"),
    ("app", "web-push", "mobile_push"),
    ("hannover", "trade-show", "event"),
    ("something", "", "other"),
    ("direct", "", "direct"),
    ("direct", "none", "direct"),
    # what templates leave behind is nothing
    ("undefined", "undefined", "direct"),
    ("null", "null", "direct"),
    ("{source}", "{medium}", "direct"),
    ("{{site_source_name}}", "{{placement}}", "direct"),
    ("%%source%%", "[medium]", "direct"),
    ("__CAMPAIGN_NAME__", "__PLACEMENT__", "direct"),
    ("-", "NaN", "direct"),
    ("undefined", "cpc", "paid_search"),
    ("google", "(not set)", "organic_search"),
    ("google.evil.example", "cpc", "paid_other"),
]


@pytest.mark.parametrize(("source", "medium", "channel"), TAGS)
def test_tags(source: str, medium: str, channel: str) -> None:
    assert classify({"source": source, "medium": medium}, {}) == channel


CLICKS = [
    ({"gclid": "x"}, {}, "paid_search"),
    ({"gbraid": "x"}, {}, "paid_search"),
    ({"wbraid": "x"}, {}, "paid_search"),
    ({"dclid": "x"}, {}, "display"),
    ({"msclkid": "0a1b2c"}, {}, "paid_search"),
    ({"gad_source": "1"}, {}, "paid_search"),
    ({"gad_campaignid": "20731234567"}, {}, "paid_search"),
    ({"yclid": "x"}, {}, "paid_search"),
    ({"li_fat_id": "x"}, {}, "paid_social"),
    ({"ttclid": "x"}, {}, "paid_social"),
    ({"twclid": "x"}, {}, "paid_social"),
    ({"rdt_cid": "x"}, {}, "paid_social"),
    ({"epik": "x"}, {}, "paid_social"),
    ({"sccid": "x"}, {}, "paid_social"),
    ({"oppref": "x"}, {}, "paid_other"),
    ({"fbclid": "x"}, {}, "organic_social"),
    ({"igshid": "x"}, {}, "organic_social"),
    # a click that was paid for beats a tag, but one that says more exactly of the same platform
    ({"gclid": "x"}, {"medium": "email"}, "paid_search"),
    ({"gclid": "x"}, {"source": "google", "medium": "organic"}, "paid_search"),
    ({"gclid": "x"}, {"source": "youtube", "medium": "cpc"}, "paid_video"),
    ({"gclid": "x"}, {"source": "google", "medium": "display"}, "display"),
    ({"gclid": "x"}, {"source": "facebook", "medium": "cpc"}, "paid_search"),
    ({"gclid": "x"}, {"campaign": "eu_cross-network_1"}, "cross_network"),
    ({"msclkid": "x"}, {"source": "bing", "medium": "cpc"}, "paid_search"),
    # Meta's id is on unpaid links, too
    ({"fbclid": "x"}, {"source": "facebook", "medium": "cpc"}, "paid_social"),
    ({"fbclid": "x"}, {"medium": "paid"}, "paid_social"),
    ({"fbclid": "x"}, {"source": "newsletter", "medium": "email"}, "email"),
    ({"fbclid": "x", "gclid": "y"}, {}, "paid_search"),
    # nothing
    ({"gclid": "undefined"}, {}, "direct"),
    ({"gclid": "null"}, {}, "direct"),
    ({"gclid": "{gclid}"}, {}, "direct"),
    ({"gclid": "%7Bgclid%7D"}, {}, "direct"),
    ({"gclid": "{gclid}"}, {"source": "fb", "medium": "paid"}, "paid_social"),
    ({"unheard_of": "x"}, {}, "direct"),
]


@pytest.mark.parametrize(("click_ids", "utm", "channel"), CLICKS)
def test_click_ids(click_ids: dict[str, str], utm: dict[str, str], channel: str) -> None:
    assert classify(utm, click_ids) == channel


def test_a_tag_beats_the_referrer_and_a_name_alone_does_not() -> None:
    google = "https://www.google.com/"
    assert classify({"source": "newsletter", "medium": "email"}, {}, google) == "email"
    assert classify({"campaign": "spring"}, {}, google) == "organic_search"
    assert classify({"campaign": "spring"}, {}) == "other"
    assert classify({"campaign": "{{campaign.name}}"}, {}) == "direct"
    assert (
        classify({"campaign": "(not set)", "source": "null"}, {"gclid": "null"}, google) == "organic_search"
    )


def test_every_rule_names_a_channel_that_is_declared_and_every_click_id_has_a_case() -> None:
    assert set(rules._CHANNELS_OF.values()) <= CHANNELS.keys()
    assert {one.channel for one in CLICK_IDS if one.channel} <= CHANNELS.keys()
    assert {name for clicks, _, _ in CLICKS for name in clicks} >= {one.name for one in CLICK_IDS}
