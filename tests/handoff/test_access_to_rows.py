"""Which rows are whose: reps their own, managers their teams', with one role and with two."""

from typing import Any

import pytest

from tests.handoff.samples import SALES, House, lead_qualified
from tests.support.keys import Keys
from tests.support.role_pairs import ANY, ONE_ROLE, PAIRS, Table, expected, heard


async def two_teams(house: House) -> str:
    """Ana works for Mia in Sales, Nora for Noa in North; returns North's id."""
    await house.done("admin", "boss", "PATCH", f"/v1/teams/{SALES}", json={"manager_subject": "mia"})
    north = await house.done(
        "admin", "boss", "POST", "/v1/teams", json={"name": "North", "manager_subject": "noa"}
    )
    await house.hire("ana")
    await house.hire("nora", team_id=north["id"])
    return str(north["id"])


async def test_a_rep_sees_their_own_and_a_manager_their_teams(house: House) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    path = f"/v1/assignments/{offer['id']}"

    seen = {
        subject: (await house.call(role, subject, "GET", path)).status_code
        for role, subject in (
            ("rep", "ana"),
            ("rep", "nora"),
            ("sales_manager", "mia"),
            ("sales_manager", "noa"),
        )
    }

    assert seen == {"ana": 200, "nora": 404, "mia": 200, "noa": 404}
    for role, subject, count in (("rep", "ana", 1), ("rep", "nora", 0), ("sales_manager", "noa", 0)):
        page = await house.done(role, subject, "GET", "/v1/assignments")
        assert len(page["items"]) == count


async def test_what_a_caller_may_not_see_they_cannot_change(house: House) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    path = f"/v1/assignments/{offer['id']}"

    other_rep = await house.call("rep", "nora", "POST", f"{path}/accept")
    other_manager = await house.call(
        "sales_manager", "noa", "POST", f"{path}/reassign", json={"rep_id": house.reps["nora"]}
    )

    assert (other_rep.status_code, other_manager.status_code) == (404, 404)


async def test_only_the_rep_themselves_can_answer(house: House, keys: Keys) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)

    playing_manager = keys.as_("rep", "sales_manager", subject="mia")
    refused = await house.http.post(f"/v1/assignments/{offer['id']}/accept", headers=playing_manager)

    assert refused.status_code == 403


async def test_a_manager_hires_and_changes_only_in_their_own_teams(house: House) -> None:
    north = await two_teams(house)
    body = {"subject": "zoe", "display_name": "Zoe", "team_id": north}

    refused = await house.call("sales_manager", "mia", "POST", "/v1/reps", json=body)
    hired = await house.call("sales_manager", "noa", "POST", "/v1/reps", json=body)
    nora = f"/v1/reps/{house.reps['nora']}"
    not_seen = await house.call("sales_manager", "mia", "PATCH", nora, json={"capacity": 1})
    given_away = await house.call("sales_manager", "noa", "PATCH", nora, json={"team_id": str(SALES)})

    assert (refused.status_code, hired.status_code) == (422, 201)
    assert (not_seen.status_code, given_away.status_code) == (404, 422)


# To which rows each role may do what: `own`, `member` (of the team), `managed` (by them), or any.
LED: Table = {"admin": {ANY}, "sales_manager": {"managed"}}
TEAMS_SEEN: Table = {**LED, "analyst": {ANY}, "rep": {"member"}}
REPS_SEEN: Table = {**LED, "analyst": {ANY}, "rep": {"own"}}
OFFERS_SEEN: Table = {**LED, "rep": {"own"}}
ANSWERED: Table = {"rep": {"own"}}
OFFER = "/v1/assignments/{offer}"
# Reading first; what ends an offer last, so that the rules still have something to say to the others.
ACTS: tuple[tuple[str, str, Any, Table, Table], ...] = (
    ("GET", "/v1/teams/{team}", None, TEAMS_SEEN, TEAMS_SEEN),
    ("PATCH", "/v1/teams/{team}", {"answer_seconds_hot": 3600}, LED, TEAMS_SEEN),
    ("GET", "/v1/reps/{ana}", None, REPS_SEEN, REPS_SEEN),
    ("PATCH", "/v1/reps/{ana}", {"capacity": 40}, LED, REPS_SEEN),
    ("GET", OFFER, None, OFFERS_SEEN, OFFERS_SEEN),
    ("GET", f"{OFFER}/trace", None, OFFERS_SEEN, OFFERS_SEEN),
    ("POST", f"{OFFER}/accept", None, ANSWERED, OFFERS_SEEN),
    ("POST", f"{OFFER}/first-response", {"channel": "call"}, ANSWERED, OFFERS_SEEN),
    ("POST", f"{OFFER}/decline", {"reason": "busy"}, ANSWERED, OFFERS_SEEN),
    ("POST", f"{OFFER}/reassign", {"rep_id": "{pia}"}, LED, OFFERS_SEEN),
    ("POST", f"{OFFER}/return", {"reason": "duplicate"}, OFFERS_SEEN, OFFERS_SEEN),
)
# What holds of Sales, ana and her offer for each of these. Pia sells in ana's team and manages another.
PEOPLE: dict[str, set[str]] = {
    "ana": {"own", "member"},
    "mia": {"managed"},
    "pia": {"member"},
    "nora": set(),
    "noa": set(),
}


async def playing_manager(house: House) -> str:
    """Pia sells beside ana in Sales, and manages West; returns West's id."""
    await two_teams(house)
    west = {"name": "West", "manager_subject": "pia"}
    made = await house.done("admin", "boss", "POST", "/v1/teams", json=west)
    lead = lead_qualified()
    await house.hear(lead)
    await house.hire("pia")
    return str(made["id"])


@pytest.mark.parametrize("subject", PEOPLE)
async def test_one_and_two_roles_do_to_a_row_what_one_of_them_may_alone(
    house: House, keys: Keys, subject: str
) -> None:
    await playing_manager(house)
    [offer] = await house.offers()
    places = {"team": str(SALES), "offer": offer["id"], **house.reps}
    wrong = []
    for method, path, body, done, read in ACTS:
        sent = {
            name: str(value).format(**places) if name == "rep_id" else value
            for name, value in (body or {}).items()
        }
        for roles in (*ONE_ROLE, *PAIRS):
            answer = await house.http.request(
                method, path.format(**places), json=sent or None, headers=keys.as_(*roles, subject=subject)
            )
            wanted = expected(roles, PEOPLE[subject], read=read, done=done)
            if heard(answer.status_code) != wanted:
                wrong.append((roles, method, path, answer.status_code, wanted))

    assert wrong == []


async def test_who_manages_another_team_does_not_take_over_their_own(house: House, keys: Keys) -> None:
    west = await playing_manager(house)
    pia = keys.as_("sales_manager", "rep", subject="pia")
    body = {"subject": "zoe", "display_name": "Zoe", "team_id": str(SALES)}

    taken = await house.http.patch(f"/v1/teams/{SALES}", json={"manager_subject": "pia"}, headers=pia)
    hired = await house.http.post("/v1/reps", json=body, headers=pia)
    herself = await house.http.patch(f"/v1/reps/{house.reps['pia']}", json={"weight": 9}, headers=pia)
    her_own = await house.http.patch(f"/v1/teams/{west}", json={"name": "Far West"}, headers=pia)

    statuses = [answer.status_code for answer in (taken, hired, herself, her_own)]
    assert statuses == [403, 422, 403, 200]
    assert taken.json()["detail"] == (
        "You may see this, but change teams only among those of teams you manage."
    )


async def test_an_analyst_who_manages_reassigns_to_their_own_reps_only(house: House, keys: Keys) -> None:
    await two_teams(house)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    mia = keys.as_("sales_manager", "analyst", subject="mia")

    answer = await house.http.post(
        f"/v1/assignments/{offer['id']}/reassign", json={"rep_id": house.reps["nora"]}, headers=mia
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/rep_id")


@pytest.mark.parametrize(
    "more", ["rep", "marketer", "finance", "analyst"], ids=lambda role: f"manager and {role}"
)
async def test_another_role_shows_a_manager_no_more_of_the_pool(house: House, keys: Keys, more: str) -> None:
    await two_teams(house)
    await house.done("admin", "boss", "PATCH", f"/v1/reps/{house.reps['ana']}", json={"capacity": 0})
    await house.hire("noa", capacity=0)
    await house.hear(lead_qualified())
    noa = keys.as_("sales_manager", more, subject="noa")

    pool = (await house.http.get("/v1/pool", headers=noa)).json()
    ledgers = (await house.http.get("/v1/reports/fairness", headers=noa)).json()["ledgers"]
    speed = (
        await house.http.get("/v1/reports/speed-to-lead?from=2020-01-01&to=2100-01-01", headers=noa)
    ).json()

    # An analyst sees every ledger and clock; the pool is not theirs.
    every = 1 if more == "analyst" else 0
    assert (len(pool["items"]), len(ledgers), speed["total"]["leads"]) == (0, every, every)


async def test_reports_and_the_pool_show_a_manager_their_own_teams(house: House) -> None:
    await two_teams(house)
    await house.done("admin", "boss", "PATCH", f"/v1/reps/{house.reps['ana']}", json={"capacity": 1})
    await house.hear(lead_qualified(), lead_qualified())

    for subject, own in (("mia", 1), ("noa", 0)):
        pool = await house.done("sales_manager", subject, "GET", "/v1/pool")
        fairness = await house.done("sales_manager", subject, "GET", "/v1/reports/fairness")
        assert (len(pool["items"]), len(fairness["ledgers"])) == (own, own)
