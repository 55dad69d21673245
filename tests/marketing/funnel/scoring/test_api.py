from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.funnel.leads.test_register import arrival, arrive
from tests.support.keys import Keys

STRICT = {
    "threshold": 10,
    "rules": [
        {"code": "german", "group": "fit", "field": "country", "op": "in", "value": ["de"], "points": 12},
        {"code": "tyre_kicker", "group": "engagement", "field": "budget", "op": "missing", "points": -1},
    ],
}


async def test_a_new_version_scores_from_now_on(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    admin = keys.as_("admin", subject="ana")
    first = await marketing.get("/v1/scoring-model", headers=admin)
    assert (first.json()["version"], first.json()["created_by"]) == (1, "leadloop")

    put = await marketing.put(
        "/v1/scoring-model", json=STRICT, headers=admin | {"If-Match": first.headers["etag"]}
    )
    assert put.status_code == 200, put.text
    assert (put.json()["version"], put.json()["state"], put.json()["created_by"]) == (2, "active", "ana")
    assert (await marketing.get("/v1/scoring-model", headers=admin)).json() == put.json()

    [outcome] = await arrive(marketing_sessions, arrival(country="DE"))
    assert outcome.qualified
    lead = (await marketing.get(f"/v1/leads/{outcome.lead_id}", headers=admin)).json()
    assert lead["score"] == {
        "total": 11,
        "fit": 12,
        "engagement": -1,
        "model": 2,
        "reasons": [{"code": "german", "points": 12}, {"code": "tyre_kicker", "points": -1}],
    }


async def test_a_stale_or_unreadable_model_is_refused(marketing: AsyncClient, keys: Keys) -> None:
    admin = keys.as_("admin")
    stale = await marketing.put("/v1/scoring-model", json=STRICT, headers=admin | {"If-Match": '"7"'})
    assert stale.status_code == 412
    rule = STRICT["rules"][0]  # type: ignore[index]
    for change in ({"op": "in", "value": "de"}, {"op": "at_least", "value": "many"}, {"op": "like"}):
        answer = await marketing.put(
            "/v1/scoring-model", json=STRICT | {"rules": [rule | change]}, headers=admin
        )
        assert answer.status_code == 422, answer.text
    twice = await marketing.put("/v1/scoring-model", json=STRICT | {"rules": [rule, rule]}, headers=admin)
    assert twice.status_code == 422
    assert (
        await marketing.put("/v1/scoring-model", json=STRICT, headers=keys.as_("analyst"))
    ).status_code == 403
