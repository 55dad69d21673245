"""Forms and connections as a test needs them, made over HTTP, and the worker's intake in this process."""

import hashlib
import hmac
import json
from collections import Counter
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text

from services.marketing.capture.submissions.jobs import process_deliveries
from shared.database.sessions import Sessions
from tests.support.keys import Keys
from tests.support.linkedin import signed

GOOGLE_KEY = "a-google-key-for-tests"
APP_SECRET = "an-app-secret-for-tests"
VERIFY_TOKEN = "a-verify-token-for-tests"
ACCESS_TOKEN = "an-access-token-for-tests"
CLIENT_SECRET = "a-client-secret-for-tests"


async def new_form(client: AsyncClient, keys: Keys, **settings: Any) -> dict[str, Any]:
    made = await client.post("/v1/forms", json={"name": "Demo", **settings}, headers=keys.as_("marketer"))
    assert made.status_code == 201, made.text
    form: dict[str, Any] = made.json()
    return form


async def new_connection(client: AsyncClient, keys: Keys, kind: str, **settings: Any) -> dict[str, Any]:
    secrets = {
        "google_ads": {"google_key": GOOGLE_KEY},
        "meta": {"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "access_token": ACCESS_TOKEN},
        "linkedin": {"client_secret": CLIENT_SECRET, "access_token": ACCESS_TOKEN},
        "tiktok": {"client_secret": CLIENT_SECRET},
    }[kind]
    body = {"kind": kind, "name": kind, "secrets": secrets, **settings}
    made = await client.post("/v1/connections", json=body, headers=keys.as_("marketer"))
    assert made.status_code == 201, made.text
    connection: dict[str, Any] = made.json()
    return connection


async def submit(client: AsyncClient, form: dict[str, Any], values: Any, **headers: str) -> Response:
    return await client.post(f"/v1/forms/{form['key']}/submissions", json=values, headers=headers)


def google_lead(lead_id: str, **changes: Any) -> dict[str, Any]:
    answers = {"FULL_NAME": "Ada Nowak", "EMAIL": f"{lead_id}@muster-gmbh.com", "PHONE_NUMBER": "+4930901820"}
    return {
        "lead_id": lead_id,
        "api_version": "1.0",
        "form_id": 40000000000,
        "campaign_id": 1234567890,
        "google_key": GOOGLE_KEY,
        "is_test": False,
        "gcl_id": "EAIaIQobChMI",
        "user_column_data": [{"column_id": name, "string_value": text} for name, text in answers.items()],
        **changes,
    }


def meta_body(*leadgen_ids: int | str, field: str = "leadgen") -> bytes:
    changes = [
        {
            "field": field,
            "value": {"leadgen_id": leadgen_id, "page_id": 1, "form_id": "77", "created_time": 1440120384},
        }
        for leadgen_id in leadgen_ids
    ]
    return json.dumps(
        {"object": "page", "entry": [{"id": 1, "time": 1440120384, "changes": changes}]}
    ).encode()


def signature(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def announce(client: AsyncClient, connection: dict[str, Any], body: bytes, **headers: str) -> Response:
    headers = {"x-hub-signature-256": signature(body), "content-type": "application/json", **headers}
    return await client.post(connection["webhook_path"], content=body, headers=headers)


async def notify(client: AsyncClient, connection: dict[str, Any], body: bytes, **headers: str) -> Response:
    headers = {
        "content-type": "application/json",
        "x-li-signature": signed(body, CLIENT_SECRET),
        **headers,
    }
    return await client.post(connection["webhook_path"], content=body, headers=headers)


async def work_off(sessions: Sessions) -> int:
    """Do what the worker's intake would do until nothing waits."""
    done = 0
    while found := await process_deliveries(sessions):
        done += found
    return done


async def balance(client: AsyncClient, keys: Keys) -> dict[str, Any]:
    shown = await client.get("/v1/submissions/balance", headers=keys.as_("analyst"))
    assert shown.status_code == 200, shown.text
    found: dict[str, Any] = shown.json()
    return found


async def submissions(client: AsyncClient, keys: Keys, **wanted: str) -> list[dict[str, Any]]:
    """Submissions that fit, oldest first."""
    shown = await client.get(
        "/v1/submissions", params={"limit": "200", **wanted}, headers=keys.as_("analyst")
    )
    assert shown.status_code == 200, shown.text
    items: list[dict[str, Any]] = shown.json()["items"]
    return items[::-1]


async def submissions_in_full(client: AsyncClient, keys: Keys) -> list[dict[str, Any]]:
    """Every submission with what was captured, oldest first."""
    found = []
    for one in await submissions(client, keys):
        shown = await client.get(f"/v1/submissions/{one['id']}", headers=keys.as_("analyst"))
        found.append(shown.json())
    return found


async def touched(sessions: Sessions) -> tuple[int, int]:
    """Touches, and arrivals counted by leads."""
    async with sessions() as session:
        touches = (await session.execute(text("SELECT count(*) FROM touches"))).scalar_one()
        arrivals = (await session.execute(text("SELECT sum(arrivals) FROM leads"))).scalar_one()
    return touches, int(arrivals)


async def set_aside(sessions: Sessions) -> Counter[str]:
    async with sessions() as session:
        found = await session.execute(text("SELECT reason FROM deliveries WHERE state = 'unreadable'"))
        return Counter(found.scalars())


async def lapse(sessions: Sessions) -> int:
    """Let the claims of a dead worker run out; how many there were."""
    async with sessions.begin() as session:
        done = await session.execute(
            text("UPDATE deliveries SET taken_until = now() WHERE state = 'pending' RETURNING id")
        )
        return len(done.all())
