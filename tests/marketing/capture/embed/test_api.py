"""What browsers load, over HTTP."""

import base64
import hashlib
import re

from httpx import AsyncClient

from tests.marketing.capture.house import new_form
from tests.support.keys import Keys


async def test_the_script_of_a_snippet_is_the_one_it_names(marketing: AsyncClient, keys: Keys) -> None:
    snippet = (await new_form(marketing, keys))["snippet"]
    [(path, integrity)] = re.findall(r'src="http://[^/]+(/[^"]+)" integrity="([^"]+)"', snippet)
    answer = await marketing.get(path)

    assert answer.status_code == 200
    digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
    assert integrity == f"sha384-{digest}"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for unknown in ("leadloop.js", "leadloop.0000000000000000.js", "..%2Frules.py", "texts.json"):
        assert (await marketing.get(f"/v1/embed/{unknown}")).status_code == 404


async def test_each_form_has_a_page(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys, frame_origins=["https://www.example.com"])
    answer = await marketing.get(f"/v1/forms/{form['key']}/page")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("frame-ancestors https://www.example.com")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    for part in re.findall(r'(?:src|href)="../../..(/[^"]+)"', answer.text):
        assert (await marketing.get(part)).status_code == 200


async def test_what_others_add_to_an_address_is_no_mistake(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    added = {"utm_source": "flyer", "utm_medium": "print", "gclid": "TestClick1", "mc_eid": "x"}
    script = re.search(r'src="[^"]*(/v1/embed/[^"]+\.js)"', form["snippet"])
    assert script is not None

    for path in (f"/v1/forms/{form['key']}/page", script[1]):
        assert (await marketing.get(path, params=added)).status_code == 200, path


async def test_a_closed_form_has_none(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['id']}"
    await marketing.patch(path, json={"active": False}, headers=keys.as_("marketer"))

    assert (await marketing.get(f"/v1/forms/{form['key']}/page")).status_code == 404
    assert (await marketing.get("/v1/forms/pk_none/page")).status_code == 404
