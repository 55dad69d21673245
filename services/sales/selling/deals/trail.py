"""What becomes of a deal leaves a trail: a line for each field that changed, and one for each fact told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.deals import rules
from services.sales.selling.deals.rules import DealState
from services.sales.selling.deals.tables import Deal, DealChangeRecord, DealFactRecord
from shared import clock


@contextmanager
def changing(
    session: AsyncSession, deal: Deal, *, by: str, at: datetime, why: str | None = None
) -> Iterator[None]:
    """Whatever the caller changes of this deal, which is locked, is one revision and a line per field."""
    before = deal.tracked
    yield
    deal.revision += 1
    session.add_all(
        DealChangeRecord(
            id=clock.new_id(at),
            deal_id=deal.id,
            field=field,
            before=before[field],
            after=after,
            why=why,
            by=by,
            occurred_at=at,
        )
        for field, after in deal.tracked.items()
        if after != before[field]
    )


def record(
    session: AsyncSession,
    deal: Deal,
    after: DealState,
    *,
    fact: str,
    by: str,
    at: datetime,
    why: str | None = None,
    rep: tuple[UUID, UUID] | None = None,
) -> None:
    """Put the deal where the rules say and add the line of its history. The caller stages the event.

    `rep`: it goes to this one, of this team.
    """
    before = deal.deal_state
    with changing(session, deal, by=by, at=at, why=why):
        deal.deal_state = after
        if rep is not None:
            deal.rep_id, deal.team_id = rep
    if after.state == rules.OPEN:
        deal.closed_rep_id = deal.closed_team_id = None
    elif before.state == rules.OPEN:
        deal.closed_rep_id, deal.closed_team_id = deal.rep_id, deal.team_id
    leaves_stage = after.stage != before.stage or (before.state == rules.OPEN and after.state != rules.OPEN)
    session.add(
        DealFactRecord(
            deal_id=deal.id,
            version=after.version,
            fact=fact,
            from_state=before.state,
            to_state=after.state,
            from_stage=before.stage,
            to_stage=after.stage,
            seconds=rules.seconds_between(before.stage_since, at) if leaves_stage else 0,
            net_minor=after.net_minor,
            reporting_minor=after.reporting_minor,
            reason=after.reason,
            by=by,
            occurred_at=at,
        )
    )
