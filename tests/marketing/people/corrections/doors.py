"""Corrections as a test makes them, beside what the doors say meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from httpx import Response

from shared import clock
from shared.auth.access import Rows
from shared.database.sessions import Sessions, driver
from tests.marketing.people.contacts.test_whose_word import Doors

PHONE, MOBILE, OTHER = "+493090182000", "+4915123456789", "+4915198765432"
BEA = {"email": "bea@target-co.com", "given_name": "Bea", "family_name": "Boss"}


class Desk(Doors):
    """Doors, and somebody who corrects."""

    async def read(self, path: str, role: str = "marketer", subject: str = "mia") -> Response:
        return await self.client.get(path, headers=self.keys.as_(role, subject=subject))

    async def send(
        self,
        path: str,
        fields: Any,
        *,
        seen: str = "",
        role: str = "marketer",
        subject: str = "mia",
    ) -> Response:
        """PATCH with the ETag that somebody of marketing reads now, or the one given; None: without any."""
        if seen == "":
            seen = (await self.read(path)).headers.get("etag", '"0"')
        headers = self.keys.as_(role, subject=subject) | {"if-match": seen}
        return await self.client.patch(path, json=fields, headers=headers)

    async def correct(self, path: str, **fields: Any) -> dict[str, Any]:
        answer = await self.send(path, fields)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def history(self, path: str) -> list[tuple[Any, ...]]:
        shown = (await self.get(f"{path}/history"))["items"]
        return [(one["kind"], one["field"], one["before"], one["after"], one["by"]) for one in shown]


@asynccontextmanager
async def holding(sessions: Sessions, subject: str, contact_id: str, rows: Rows) -> AsyncIterator[None]:
    """Let somebody have the contact in hand as a rep, or as the manager of one; meanwhile, and no longer."""
    deal, rep = clock.new_id(), clock.new_id()
    holder = {Rows.OWN: (subject, None), Rows.MANAGED: ("somebody", subject)}.get(rows, ("somebody", None))
    async with sessions.begin() as session:
        connection = await driver(session)
        await connection.execute(
            "INSERT INTO holders (rep_id, subject, team_id, manager_subject, active, version) "
            "VALUES ($1, $2, $1, $3, true, 1)",
            rep,
            *holder,
        )
        await connection.execute(
            "INSERT INTO contact_holds (source_id, contact_id, kind, version, rep_id, state) "
            "VALUES ($1, $2, 'deal', 1, $3, 'open')",
            deal,
            UUID(contact_id),
            rep,
        )
    yield
    async with sessions.begin() as session:
        connection = await driver(session)
        await connection.execute("DELETE FROM contact_holds WHERE source_id = $1", deal)
        await connection.execute("DELETE FROM holders WHERE rep_id = $1", rep)
