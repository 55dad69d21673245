"""Events about one deal, and the touches before it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.ops.reconcile.equations.money import CREDITS, MONTHS, ROLLUPS
from deploy.ops.reconcile.equations.shape import Equation, Since
from services.marketing.people.touches.rules import NewTouch
from services.marketing.people.touches.use_cases import record
from shared import clock
from shared.database.sessions import Sessions, driver
from shared.events.sales import DealAmended, DealClosed, DealOpened, DealStageChanged
from tests.support.samples import NOON

CLOSED_AT = NOON + timedelta(days=30)


@dataclass
class Story:
    """Facts about one deal, each with the next version."""

    deal_id: UUID = field(default_factory=clock.new_id)
    contact_id: UUID = field(default_factory=clock.new_id)
    lead_id: UUID | None = None
    cycle: int | None = None
    origin: Literal["lead", "prospecting"] = "lead"
    currency: str = "USD"
    rep_id: UUID = field(default_factory=clock.new_id)
    version: int = 0

    def _facts(self, **more: Any) -> dict[str, Any]:
        self.version += 1
        common = {
            "deal_id": self.deal_id,
            "lead_id": self.lead_id,
            "cycle": self.cycle,
            "version": self.version,
            "currency": self.currency,
        }
        return common | more

    def opened(self) -> DealOpened:
        return DealOpened(
            **self._facts(
                origin=self.origin,
                contact_ids=(self.contact_id,),
                rep_id=self.rep_id,
                pipeline_id=clock.new_id(),
                stage="new",
                amount_minor=0,
                opened_at=NOON + timedelta(days=2),
            )
        )

    def moved(self) -> DealStageChanged:
        return DealStageChanged(
            **self._facts(
                from_stage="new",
                to_stage="demo",
                probability=20,
                counts_as_pipeline=True,
                became_qualified=True,
                became_opportunity=True,
                amount_minor=0,
                changed_at=NOON + timedelta(days=5),
            )
        )

    def _worth(self, amount: int, reporting: int | None, closed_on: date | None) -> dict[str, Any]:
        return {
            "contact_ids": (self.contact_id,),
            "origin": self.origin,
            "rep_id": clock.new_id(),
            "amount_minor": amount,
            "reporting_amount_minor": amount if reporting is None else reporting,
            "reporting_currency": "EUR",
            "rate": "1",
            "closed_on": closed_on or CLOSED_AT.date(),
            "closed_at": CLOSED_AT,
        }

    def closed(
        self,
        amount: int = 0,
        *,
        reporting: int | None = None,
        outcome: Literal["won", "lost", "disqualified"] = "won",
        closed_on: date | None = None,
    ) -> DealClosed:
        return DealClosed(**self._facts(**self._worth(amount, reporting, closed_on), outcome=outcome))

    def amended(
        self,
        amount: int,
        *,
        reporting: int | None = None,
        cause: Literal["amended", "refunded", "reopened"] = "amended",
    ) -> DealAmended:
        return DealAmended(
            **self._facts(
                **self._worth(amount, reporting, None),
                cause=cause,
                outcome=None if cause == "reopened" else "won",
                amended_at=CLOSED_AT + timedelta(days=1),
            )
        )


def touch(contact_id: UUID, at: datetime, **changes: Any) -> NewTouch:
    values: dict[str, Any] = {
        "id": clock.new_id(),
        "contact_id": contact_id,
        "kind": "page_view",
        "source": "test",
        "channel": "email",
        "occurred_at": at,
    }
    return NewTouch(**(values | changes))


async def store(sessions: Sessions, *touches: NewTouch) -> None:
    async with sessions.begin() as session:
        await record(session, touches, now=NOON)


async def fetch(sessions: Sessions, query: str, *values: Any) -> list[tuple[Any, ...]]:
    async with sessions.begin() as session:
        return [tuple(row) for row in await (await driver(session)).fetch(query, *values)]


async def differing(session: AsyncSession, equation: Equation) -> set[tuple[str, str]]:
    """The entries that one side of an equation has and the other has not, by the queries of reconcile."""
    connection = await driver(session)
    sides = [
        {tuple(row) for row in await connection.fetch(Since(None).fill(side.sql))}
        for side in (equation.left, equation.right)
        if side is not None
    ]
    return sides[0] ^ sides[1]


async def nothing_is_off(sessions: Sessions) -> bool:
    """Credits sum to amounts, and the sums the reports read to the credits."""
    async with sessions.begin() as session:
        for equation in (CREDITS, ROLLUPS, MONTHS):
            assert await differing(session, equation) == set(), equation.claim
    return True
