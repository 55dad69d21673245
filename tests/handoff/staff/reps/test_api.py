"""Teams and reps, and what the others are told about them."""

import orjson

from tests.handoff.samples import SALES, House


async def changes(house: House) -> list[dict[str, object]]:
    return [orjson.loads(row.data) for row in await house.told(topic="handoff.reps")]


async def test_a_hired_rep_is_told_to_the_others(house: House) -> None:
    await house.hire("ana")

    [told] = await changes(house)
    assert (told["subject"], told["team_name"], told["active"], told["version"]) == ("ana", "Sales", True, 1)


async def test_every_change_counts_one_up_and_no_change_counts_nothing(house: House) -> None:
    ana = await house.hire("ana")

    for body in ({"capacity": 5}, {"capacity": 5}, {"active": False}):
        await house.done("admin", "boss", "PATCH", f"/v1/reps/{ana}", json=body)

    assert [told["version"] for told in await changes(house)] == [1, 2, 3]
    assert (await changes(house))[-1]["active"] is False


async def test_a_teams_new_manager_is_told_for_each_of_its_reps(house: House) -> None:
    await house.hire("ana")
    await house.hire("ben")

    await house.done("admin", "boss", "PATCH", f"/v1/teams/{SALES}", json={"manager_subject": "mia"})
    await house.done("admin", "boss", "PATCH", f"/v1/teams/{SALES}", json={"answer_seconds_hot": 60})

    told = (await changes(house))[2:]
    assert {(each["subject"], each["manager_subject"], each["version"]) for each in told} == {
        ("ana", "mia", 2),
        ("ben", "mia", 2),
    }


async def test_an_edit_of_what_changed_meanwhile_is_refused(house: House) -> None:
    ana = await house.hire("ana")
    seen = (await house.call("admin", "boss", "GET", f"/v1/reps/{ana}")).headers["etag"]
    headers = {**house.keys.as_("admin"), "If-Match": seen}

    first = await house.http.patch(f"/v1/reps/{ana}", json={"capacity": 5}, headers=headers)
    second = await house.http.patch(f"/v1/reps/{ana}", json={"capacity": 6}, headers=headers)

    assert (first.status_code, second.status_code) == (200, 412)
    assert first.headers["etag"] == '"2"'


async def test_a_subject_is_hired_once(house: House) -> None:
    await house.hire("ana")

    body = {"subject": "ana", "display_name": "Another", "team_id": str(SALES)}
    again = await house.call("admin", "boss", "POST", "/v1/reps", json=body)

    assert again.status_code == 409


async def test_two_teams_never_have_one_name(house: House) -> None:
    north = await house.done("admin", "boss", "POST", "/v1/teams", json={"name": "North"})

    again = await house.call("admin", "boss", "POST", "/v1/teams", json={"name": "North"})
    renamed = await house.call("admin", "boss", "PATCH", f"/v1/teams/{north['id']}", json={"name": "Sales"})

    assert (again.status_code, renamed.status_code) == (409, 409)


async def test_fields_that_do_not_exist_or_make_no_sense_are_refused(house: House) -> None:
    ana = await house.hire("ana")

    for body in ({"wieght": 2}, {"weight": 0}, {"capacity": -1}, {"display_name": None}):
        refused = await house.call("admin", "boss", "PATCH", f"/v1/reps/{ana}", json=body)
        assert refused.status_code == 422, body


async def test_a_rep_moves_only_to_a_team_that_exists(house: House) -> None:
    ana = await house.hire("ana")

    refused = await house.call("admin", "boss", "PATCH", f"/v1/reps/{ana}", json={"team_id": ana})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/team_id"


async def test_a_new_team_has_the_usual_patience(house: House) -> None:
    team = await house.done("admin", "boss", "POST", "/v1/teams", json={"name": "North"})

    assert (team["answer_seconds_hot"], team["answer_seconds_warm"]) == (3600, 86400)
