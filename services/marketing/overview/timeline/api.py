"""`/v1/contacts/{id}/timeline`: everything that happened between us and a person, the latest first."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends
from pydantic import ConfigDict
from sqlalchemy import Select, Text, cast, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.tables import Submission
from services.marketing.funnel.leads.tables import Lead
from services.marketing.funnel.lifecycle.tables import LifecycleEntry
from services.marketing.people.contacts import queries as contacts
from services.marketing.people.touches.tables import Touch
from shared.auth.access import Caller, Role, allow
from shared.errors import NotFoundError
from shared.http.schemas import UtcTime, View
from shared.http.service import Transaction, router

MOST = 200
timelines = router("/v1/contacts", tags=["contacts"])
Readers = Annotated[Caller, Depends(allow(Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER))]
EXAMPLE: dict[str, Any] = {
    "contact_id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c20",
    "items": [
        {
            "at": "2026-11-23T09:30:00.180Z",
            "kind": "stage",
            "what": "mql",
            "reason": None,
            "source": None,
            "channel": None,
            "campaign_id": None,
            "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c21",
            "cycle": 1,
        },
        {
            "at": "2026-11-23T09:30:00.125Z",
            "kind": "touch",
            "what": "submission",
            "reason": None,
            "source": "web_form",
            "channel": "paid_search",
            "campaign_id": "019ab1c2-0000-7000-8000-00000000c0de",
            "id": "019ab1c2-7d40-7c4f-9a51-2f6e0b7d4c23",
            "cycle": None,
        },
    ],
}


class Happening(View):
    """A submission (`what`: its state), a touch (its kind) or a lifecycle stage of the lead."""

    at: UtcTime
    kind: Literal["submission", "touch", "stage"]
    what: str
    reason: str | None
    source: str | None
    channel: str | None
    campaign_id: UUID | None
    id: UUID
    cycle: int | None


class TimelineView(View):
    """What happened, at most the latest 200."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    contact_id: UUID
    items: list[Happening]


@timelines.get("/{contact_id}/timeline")
async def show_timeline(contact_id: UUID, session: Transaction, _: Readers) -> TimelineView:
    """Submissions, touches and lifecycle stages of a person, the latest first."""
    if await contacts.contact_by_id(session, contact_id) is None:
        raise NotFoundError("There is no contact with this id.")
    return TimelineView(contact_id=contact_id, items=await happenings(session, contact_id))


async def happenings(session: AsyncSession, contact_id: UUID) -> list[Happening]:
    everything = union_all(_submissions(contact_id), _touches(contact_id), _stages(contact_id)).subquery()
    rows = await session.execute(
        select(everything).order_by(everything.c.at.desc(), everything.c.kind).limit(MOST)
    )
    return [Happening.model_validate(row) for row in rows]


def _row(
    kind: str, at: Any, what: Any, id_: Any, *, reason: Any = None, source: Any = None, channel: Any = None,
    campaign_id: Any = None, cycle: Any = None,
) -> Select[Any]:  # fmt: skip
    """Rows of one shape, whatever they are made of."""

    def text(value: Any, name: str) -> Any:
        return cast(null() if value is None else value, Text).label(name)

    return select(
        cast(at, Submission.occurred_at.type).label("at"),
        literal(kind).label("kind"),
        text(what, "what"),
        text(reason, "reason"),
        text(source, "source"),
        text(channel, "channel"),
        cast(null() if campaign_id is None else campaign_id, Submission.id.type).label("campaign_id"),
        id_.label("id"),
        cast(null() if cycle is None else cycle, LifecycleEntry.cycle.type).label("cycle"),
    )


def _submissions(contact_id: UUID) -> Select[Any]:
    table = Submission
    return _row(
        "submission",
        table.occurred_at,
        table.state,
        table.id,
        reason=table.reason,
        source=table.door,
        campaign_id=table.campaign_id,
    ).where(table.contact_id == contact_id)


def _touches(contact_id: UUID) -> Select[Any]:
    table = Touch
    return _row(
        "touch",
        table.occurred_at,
        table.kind,
        table.id,
        source=table.source,
        channel=table.channel,
        campaign_id=table.campaign_id,
    ).where(table.contact_id == contact_id)


def _stages(contact_id: UUID) -> Select[Any]:
    table = LifecycleEntry
    query = _row("stage", table.at, table.stage, table.lead_id, reason=table.reason, cycle=table.cycle)
    return query.join(Lead, Lead.id == table.lead_id).where(Lead.contact_id == contact_id)
