"""Every SELECT of the timeline."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.submissions.tables import Submission
from services.marketing.funnel.leads.tables import Lead
from services.marketing.funnel.lifecycle.tables import LifecycleEntry
from services.marketing.overview.timeline.schemas import TimelineItem
from services.marketing.people.touches.tables import Touch

MOST = 200


async def timeline_items(session: AsyncSession, contact_id: UUID) -> list[TimelineItem]:
    everything = union_all(_submissions(contact_id), _touches(contact_id), _stages(contact_id)).subquery()
    rows = await session.execute(
        select(everything).order_by(everything.c.at.desc(), everything.c.kind).limit(MOST)
    )
    return [TimelineItem.model_validate(row) for row in rows]


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
