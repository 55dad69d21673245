"""Who changed this team, this rule, this offer."""

from httpx import AsyncClient

from tests.handoff.samples import SALES, House
from tests.support.trail import trail, untold


async def test_only_questions_leave_no_row(handoff: AsyncClient) -> None:
    assert untold(handoff._transport.app) == {"POST /v1/routing/explain"}  # type: ignore[attr-defined]


async def test_who_took_over_this_team(house: House) -> None:
    path = f"/v1/teams/{SALES}"
    await house.done("admin", "boss", "PATCH", path, json={"manager_subject": "mia", "name": "Kim Kern"})
    await house.done("admin", "zoe", "PATCH", path, json={"manager_subject": "max"})

    latest, first = await trail(house.http, house.keys, object_kind="teams", object_id=str(SALES))
    assert (latest["subject"], first["subject"]) == ("zoe", "boss")
    [team] = [one for one in latest["changes"] if one["kind"] == "teams"]
    assert team["fields"]["manager_subject"] == ["mia", "max"]
    [team] = [one for one in first["changes"] if one["kind"] == "teams"]
    assert team["fields"]["name"] is None
    assert "Kim" not in str(first)


async def test_who_changed_the_rules(house: House) -> None:
    rules = {"rules": [{"name": "all", "team_id": str(SALES)}]}
    await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=rules)

    [told] = await trail(house.http, house.keys, object_kind="routing-rules")
    assert (told["subject"], told["object_id"]) == ("boss", "2")
    assert {one["kind"] for one in told["changes"]} == {"rule_sets", "routing_rules"}
