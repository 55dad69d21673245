"""A form with a challenge: who passes is a lead, who does not is set aside, and nobody is lost for a service
that is away.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from services.marketing.capture.connectors.web_form.client import Challenges, open_challenges
from services.marketing.capture.sources.challenges import outcome
from services.marketing.capture.submissions.jobs import process_deliveries
from services.marketing.settings import Settings
from shared.database.sessions import Sessions, driver
from tests.marketing.capture.house import submissions, submit, work_off
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.siteverify import SECRET, SiteVerify, site_verify

FIELD = "cf-turnstile-response"
CASES: dict[str, tuple[Any, bool, str]] = {
    # what the service answers, whether we or our being late may have spent the token, what it means
    "a person": ({"success": True}, False, "passed"),
    "made up": ({"success": False, "error-codes": ["invalid-input-response"]}, False, "failed"),
    "none": ({"success": False, "error-codes": ["missing-input-response"]}, False, "failed"),
    "no reason": ({"success": False, "error-codes": []}, False, "failed"),
    "no list of reasons": ({"success": False}, False, "failed"),
    "used before": ({"success": False, "error-codes": ["timeout-or-duplicate"]}, False, "failed"),
    "used by us": ({"success": False, "error-codes": ["timeout-or-duplicate"]}, True, "unknown"),
    "used before, hCaptcha": (
        {"success": False, "error-codes": ["already-seen-response"]},
        False,
        "failed",
    ),
    "too old, hCaptcha": ({"success": False, "error-codes": ["expired-input-response"]}, True, "unknown"),
    "their fault": ({"success": False, "error-codes": ["internal-error"]}, False, "unknown"),
    "our secret": ({"success": False, "error-codes": ["invalid-input-secret"]}, False, "refused"),
    "our question": ({"success": False, "error-codes": ["bad-request"]}, False, "refused"),
    "no answer of theirs": (["yes"], False, "unknown"),
    "yes as a text": ({"success": "true"}, False, "unknown"),
    "nothing": (None, False, "unknown"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_an_answer_means(case: str) -> None:
    answer, again, meant = CASES[case]
    assert outcome(answer, again=again) == meant


class Guarded:
    """A form that asks a challenge, the service behind it, and the worker."""

    def __init__(
        self, client: AsyncClient, keys: Keys, sessions: Sessions, service: SiteVerify, challenges: Challenges
    ) -> None:
        self.client, self.keys, self.sessions = client, keys, sessions
        self.service, self.challenges = service, challenges
        self.form: dict[str, Any] = {}

    async def make(self, **settings: Any) -> Any:
        body = {"name": "Demo", "challenge": "turnstile", "challenge_site_key": "0x4AAA", **settings}
        return await self.client.post("/v1/forms", json=body, headers=self.keys.as_("marketer"))

    async def send(self, token: str | None, email: str = "kim@firm.de") -> dict[str, Any]:
        values = {"email": email, **({} if token is None else {FIELD: token, "g-recaptcha-response": token})}
        assert (await submit(self.client, self.form, values)).status_code == 202
        await process_deliveries(self.sessions, self.challenges.verify)
        return (await submissions(self.client, self.keys))[-1]


@pytest.fixture
async def guarded(
    marketing_database: str, marketing_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Guarded]:
    async with site_verify() as service:
        told = {
            "CHALLENGE_SECRETS": f"turnstile={SECRET}",
            "CHALLENGE_ADDRESSES": f"turnstile={service.address}",
        }
        async with (
            serving("marketing", marketing_database, keys, monkeypatch, **told) as (_, client),
            open_challenges(Settings()) as challenges,
        ):
            guarded = Guarded(client, keys, marketing_sessions, service, challenges)
            guarded.form = (await guarded.make()).json()
            yield guarded


async def test_who_passes_is_a_lead_and_their_token_is_kept_nowhere(guarded: Guarded) -> None:
    guarded.service.good.add("token-of-a-person")
    sent = await guarded.send("token-of-a-person")

    assert (sent["state"], sent["flag"]) == ("created", None)
    shown = await guarded.client.get(f"/v1/submissions/{sent['id']}", headers=guarded.keys.as_("marketer"))
    assert "token-of-a-person" not in shown.text
    assert guarded.service.asked == ["token-of-a-person"]


@pytest.mark.parametrize("token", ["made-up", "", None, "x" * 9000])
async def test_who_does_not_pass_is_set_aside_and_can_be_released(
    guarded: Guarded, token: str | None
) -> None:
    sent = await guarded.send(token)

    assert (sent["state"], sent["reason"]) == ("quarantined", "challenge")
    replay = f"/v1/submissions/{sent['id']}/replay"
    assert (await guarded.client.post(replay, headers=guarded.keys.as_("marketer"))).status_code == 200
    await work_off(guarded.sessions)
    [released] = await submissions(guarded.client, guarded.keys)
    assert (released["state"], released["flag"]) == ("created", None)


async def test_a_token_is_good_once(guarded: Guarded) -> None:
    guarded.service.good.add("one")
    first, second = await guarded.send("one"), await guarded.send("one", "eva@firm.de")

    assert (first["state"], second["state"]) == ("created", "quarantined")


async def test_a_token_that_waited_with_us_keeps_nobody_out(guarded: Guarded) -> None:
    guarded.service.spent.add("old")
    values = {"email": "kim@firm.de", FIELD: "old"}
    assert (await submit(guarded.client, guarded.form, values)).status_code == 202
    async with guarded.sessions.begin() as session:
        await (await driver(session)).execute(
            "UPDATE deliveries SET received_at = received_at - interval '10 minutes'"
        )
    await process_deliveries(guarded.sessions, guarded.challenges.verify)
    [sent] = await submissions(guarded.client, guarded.keys)

    assert (sent["state"], sent["flag"]) == ("created", "challenge_unverified")


@pytest.mark.parametrize("how", ["away", "hangs", "our_secret"])
async def test_a_service_that_can_not_say_keeps_nobody_out(guarded: Guarded, how: str) -> None:
    if how == "away":
        guarded.service.status = 503
    elif how == "hangs":
        guarded.service.hangs = 10
    else:
        guarded.challenges.secrets = {"turnstile": "another"}
    sent = await guarded.send("whatever")

    assert (sent["state"], sent["flag"]) == ("created", "challenge_unverified")


async def test_a_form_without_a_challenge_asks_nobody(guarded: Guarded) -> None:
    guarded.form = (await guarded.make(challenge=None, challenge_site_key=None)).json()
    sent = await guarded.send("whatever")

    assert (sent["state"], sent["flag"], guarded.service.asked) == ("created", None, [])
    shown = await guarded.client.get(f"/v1/submissions/{sent['id']}", headers=guarded.keys.as_("marketer"))
    assert "whatever" not in shown.text


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"challenge": "hcaptcha"}, "/challenge"),  # of which no secret is there
        ({"challenge": "sphinx"}, "/challenge"),
        ({"challenge_site_key": None}, "/challenge_site_key"),
        ({"challenge": None}, "/challenge_site_key"),
        ({"challenge_site_key": '"><script>'}, "/challenge_site_key"),
    ],
)
async def test_a_challenge_that_nobody_could_pass_is_refused(
    guarded: Guarded, wrong: dict[str, Any], pointer: str
) -> None:
    refused = await guarded.make(**wrong)

    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]


async def test_the_widget_stands_in_the_snippet_and_the_page_may_load_it(guarded: Guarded) -> None:
    widget = '<div class="cf-turnstile" data-sitekey="0x4AAA"></div>'
    script = '<script src="https://challenges.cloudflare.com/turnstile/v0/api.js" async defer></script>'
    page = await guarded.client.get(f"/v1/forms/{guarded.form['key']}/page")

    for html in (guarded.form["snippet"], page.text):
        assert widget in html
        assert script in html
    policy = page.headers["content-security-policy"]
    assert "script-src 'self' https://challenges.cloudflare.com;" in policy
    assert "frame-src https://challenges.cloudflare.com;" in policy
