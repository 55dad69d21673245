"""A table of cases: pages that send somebody here without a tag, and the channel they mean. Add a line."""

import pytest

from services.marketing.acquisition.channels import rules
from services.marketing.acquisition.channels.rules import classify
from services.marketing.settings import Settings

REFERRERS = [
    ("https://www.google.com/", "organic_search"),
    ("https://www.google.co.uk/search?q=crm", "organic_search"),
    ("https://GOOGLE.de", "organic_search"),
    ("www.bing.com/", "organic_search"),
    ("https://duckduckgo.com/", "organic_search"),
    ("https://r.search.yahoo.com/x", "organic_search"),
    ("https://yandex.com.tr/", "organic_search"),
    ("android-app://com.google.android.googlequicksearchbox/https/www.google.com", "organic_search"),
    ("https://www.linkedin.com/", "organic_social"),
    ("https://lnkd.in/abc", "organic_social"),
    ("https://l.facebook.com/l.php?u=x", "organic_social"),
    ("https://t.co/abc", "organic_social"),
    ("android-app://com.linkedin.android/", "organic_social"),
    ("https://out.reddit.com/", "organic_social"),
    ("https://www.youtube.com/watch?v=x", "organic_video"),
    ("https://www.amazon.de/dp/x", "organic_shopping"),
    ("https://mail.google.com/mail/u/0/", "email"),
    ("https://outlook.live.com/", "email"),
    ("android-app://com.google.android.gm/", "email"),
    ("https://webmail.acme.example/inbox", "email"),
    ("https://deref-gmx.net/mail/client/x", "email"),
    ("https://chatgpt.com/", "referral"),
    ("https://www.perplexity.ai/search", "referral"),
    ("https://gemini.google.com/app", "referral"),
    ("https://copilot.microsoft.com/", "referral"),
    ("https://docs.google.com/document/d/x", "referral"),
    ("https://news.example/article", "referral"),
    ("https://user:pass@news.example:8443/x", "referral"),
    ("https://checkout.stripe.com/c/pay", "direct"),
    ("https://www.paypal.com/", "direct"),
    ("https://accounts.google.com/signin", "direct"),
    ("about:blank", "direct"),
    ("undefined", "direct"),
    ("", "direct"),
]


@pytest.mark.parametrize(("referrer", "channel"), REFERRERS)
def test_referrers_without_a_tag(referrer: str, channel: str) -> None:
    assert classify({}, {}, referrer) == channel


def test_the_houses_own_sites_send_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(marketing_database_url="x", own_domains="Acme.com, shop.example ,", _env_file=None)
    monkeypatch.setattr(rules, "OWN_DOMAINS", set(settings.own_sites))

    assert [classify({}, {}, page) for page in ("https://www.acme.com/p", "https://shop.example")] == [
        "direct"
    ] * 2
    assert classify({}, {}, "https://notacme.com/") == "referral"
