"""Who may correct whom: every role and pair of roles, by whether they hold the contact."""

import pytest
from httpx import AsyncClient

from services.marketing.people.corrections import rules
from shared.auth.access import Rows
from shared.database.sessions import Sessions
from tests.marketing.people.corrections.doors import BEA, PHONE, Desk, holding
from tests.support.keys import Keys
from tests.support.role_pairs import ANY, ONE_ROLE, PAIRS, Roles, expected, heard

READ = {**{role: {ANY} for role in ("admin", "marketer", "analyst", "sales_manager")}, "rep": {"own"}}
CHANGE = {"admin": {ANY}, "marketer": {ANY}, "sales_manager": {"managed"}, "rep": {"own"}}
HELD = {"nobody's": (Rows.NONE, ()), "own": (Rows.OWN, ("own",)), "managed": (Rows.MANAGED, ("managed",))}


@pytest.fixture
async def desk(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Desk:
    opened = await Desk.open(marketing, keys, marketing_sessions)
    assert isinstance(opened, Desk)
    return opened


async def test_every_role_and_pair_reads_and_corrects_what_is_theirs(desk: Desk, keys: Keys) -> None:
    bea = (await desk.server_says(**BEA))["contact_id"]
    path = f"/v1/contacts/{bea}"
    wrong: list[tuple[str, Roles, str, int, int]] = []
    for whose, (rows, words) in HELD.items():
        async with holding(desk.sessions, "ana", bea, rows):
            for roles in (*ONE_ROLE, *PAIRS):
                who = keys.as_(*roles, subject="ana")
                asked = {
                    "read": await desk.client.get(path, headers=who),
                    "history": await desk.client.get(f"{path}/history", headers=who),
                    "correct": await desk.client.patch(
                        path, json={"phone": PHONE}, headers=who | {"if-match": "*"}
                    ),
                }
                for what, answer in asked.items():
                    done = CHANGE if what == "correct" else READ
                    right = expected(roles, words, read=READ, done=done)
                    if heard(answer.status_code) != right:
                        wrong.append((what, roles, whose, answer.status_code, right))

    assert wrong == []


async def test_a_rep_corrects_phone_and_names_only(desk: Desk, keys: Keys) -> None:
    bea = (await desk.server_says(**BEA))["contact_id"]
    path = f"/v1/contacts/{bea}"
    async with holding(desk.sessions, "ana", bea, Rows.OWN):
        seen = (await desk.read(path, "rep", "ana")).headers["etag"]
        fields = {"phone": PHONE, "given_name": "Beatrix", "family_name": None}
        done = await desk.send(path, fields, seen=seen, role="rep", subject="ana")
        assert (done.status_code, done.json()["given_name"]) == (200, "Beatrix")
        for name in ("email", "job_title", "company_name", "country", "region", "language", "time_zone"):
            beyond = await desk.send(path, {name: None, "phone": None}, role="rep", subject="ana")
            assert beyond.status_code == 403, name
            assert name in beyond.json()["detail"]
        assert set(fields) == rules.OF_A_REP
    assert (await desk.get(path))["phone"] == PHONE
    lost = await desk.send(path, {"phone": None}, role="rep", subject="ana")
    assert lost.status_code == 404
    assert {line[4] for line in await desk.history(path)} == {"ana"}


async def test_a_rep_does_not_learn_whose_an_address_is(desk: Desk, keys: Keys) -> None:
    """A rep corrects no address, and a manager sees everybody: what is left is a number of somebody's."""
    bea = (await desk.server_says(**BEA))["contact_id"]
    otto = await desk.form_says(email="otto@firm.de", name="Otto Kern", phone=PHONE)
    async with holding(desk.sessions, "ana", bea, Rows.OWN):
        told = await desk.send(f"/v1/contacts/{bea}", {"phone": PHONE}, role="rep", subject="ana")
    assert told.status_code == 200
    assert otto["contact_id"] not in told.text
    assert "otto@firm.de" not in told.text


async def test_companies_are_for_marketing_and_managers(desk: Desk, keys: Keys) -> None:
    await desk.server_says(**BEA)
    [company] = (await desk.get("/v1/companies"))["items"]
    path = f"/v1/companies/{company['id']}"
    may = {
        roles: (await desk.send(path, {"size": 10}, role=roles)).status_code
        for roles in ("admin", "marketer", "sales_manager", "analyst", "finance", "rep")
    }
    assert may == {
        **dict.fromkeys(("admin", "marketer", "sales_manager"), 200),
        **dict.fromkeys(("analyst", "finance", "rep"), 403),
    }
