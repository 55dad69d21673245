"""Corrections as a test makes them, beside what the doors say meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from httpx import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.corrections.use_cases import HOLDS
from shared.auth.access import Rows
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


@contextmanager
def holding(known: dict[tuple[str, str], Rows]) -> Iterator[None]:
    """Say who holds whom, by subject and contact, as the app's own way to know it would."""

    async def holds(_: AsyncSession, subject: str, contact_id: UUID) -> Rows:
        return known.get((subject, str(contact_id)), Rows.NONE)

    HOLDS.append(holds)
    try:
        yield
    finally:
        HOLDS.remove(holds)
