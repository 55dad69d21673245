"""What the form's door answers: to scripts a status and a reason, to people a page in their language."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, submit, work_off
from tests.support.keys import Keys

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADA = {"name": "Ada Nowak", "email": "ada@muster-gmbh.com"}


def path_of(form: dict[str, str]) -> str:
    return f"/v1/forms/{form['key']}/submissions"


async def test_a_script_is_told_that_nobody_can_be_reached(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    answer = await submit(marketing, form, {"name": "Nora", "email": "nora.firma"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    told = answer.json()
    assert (told["type"], [one["pointer"] for one in told["errors"]]) == (
        "urn:leadloop:problem:invalid",
        ["/email"],
    )
    await work_off(marketing_sessions)
    [kept] = await submissions(marketing, keys)
    assert (kept["id"], kept["state"], kept["reason"]) == (told["submission_id"], "rejected", "no_contact")


async def test_what_only_a_mapping_tells_is_no_business_of_the_door(
    marketing: AsyncClient, keys: Keys
) -> None:
    form = await new_form(marketing, keys)
    assert (await submit(marketing, form, {"who?": "nora@firma"})).status_code == 202


async def test_a_person_is_thanked_on_a_page_that_a_reload_does_not_send_again(
    marketing: AsyncClient, keys: Keys
) -> None:
    form = await new_form(marketing, keys, language="de")
    answer = await marketing.post(path_of(form), data=ADA, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/v1/forms/{form['key']}/thanks?lang=de",
    )
    page = await marketing.get(answer.headers["location"], headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Vielen Dank" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (page.headers["x-content-type-options"], page.headers["x-robots-tag"]) == ("nosniff", "noindex")


async def test_nothing_of_an_address_gets_into_a_page(marketing: AsyncClient) -> None:
    page = await marketing.get("/v1/forms/pk_x/thanks?lang=<script>alert(1)</script>")
    assert (page.status_code, "<script" in page.text, "Thank you" in page.text) == (200, False, True)


async def test_a_person_is_told_what_to_correct(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys, redirect_url="https://www.example.com/thanks")
    answer = await marketing.post(
        path_of(form), data={"name": "Nora"}, headers={**BROWSER, "accept-language": "fr-CH,fr;q=0.9"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "adresse e-mail" in answer.text
    assert "Nora" not in answer.text


REFUSED: dict[str, tuple[str, bytes, str, int, str]] = {
    "too large": ("", b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413, "too large"),
    "framed wrongly": ("", b"not multipart", "multipart/form-data; boundary=x", 400, "send it again"),
    "for a form that there is not": (
        "no",
        b"a=1",
        "application/x-www-form-urlencoded",
        404,
        "no longer in use",
    ),
}


@pytest.mark.parametrize(("suffix", "body", "kind", "status", "said"), REFUSED.values(), ids=REFUSED)
async def test_a_person_can_read_why_a_post_is_refused(
    marketing: AsyncClient, keys: Keys, suffix: str, body: bytes, kind: str, status: int, said: str
) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['key']}{suffix}/submissions"
    answer = await marketing.post(path, content=body, headers={**BROWSER, "content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert said in answer.text
    program = await marketing.post(path, content=body, headers={"content-type": kind})
    assert (program.status_code, program.headers["content-type"]) == (status, "application/problem+json")


ORIGIN = "https://www.example.com"


async def test_a_page_may_send_beacons_and_its_own_headers(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys, origins=[ORIGIN])
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,sentry-trace,x-requested-with",
    }
    preflight = await marketing.options(path_of(form), headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == asked["access-control-request-headers"]
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    answer = await submit(marketing, form, ADA, origin=ORIGIN)
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://evil.example", "https://evil.example"), ("null", "*")]
)
async def test_credentials_are_for_listed_origins_only(
    marketing: AsyncClient, keys: Keys, origin: str, allowed: str
) -> None:
    form = await new_form(marketing, keys, origins=[ORIGIN])
    preflight = await marketing.options(path_of(form), headers={"origin": origin})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, allowed)
    assert "access-control-allow-credentials" not in preflight.headers


async def test_a_problem_can_be_read_by_the_page_that_caused_it(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    headers = {"content-type": "multipart/form-data; boundary=x", "origin": ORIGIN}
    for path, status in ((path_of(form), 400), ("/v1/forms/pk_no/submissions", 404)):
        answer = await marketing.post(path, content=b"no parts", headers=headers)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == ORIGIN


async def test_a_site_has_a_page_of_its_own_for_errors(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, origins=[ORIGIN], error_url=f"{ORIGIN}/form?x=1")
    answer = await marketing.post(path_of(form), data={"name": "Nora"}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "https://www.example.com/form?x=1&error=no_contact",
    )
    async with marketing_sessions() as session:
        kept = await session.execute(text("SELECT count(*) FROM deliveries"))
        assert kept.scalar_one() == 1
