"""What sales does when somebody writes again: an activity on their deal, and a task to answer."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.deals.rules import OPEN
from services.sales.work.activities import writes as activities
from services.sales.work.activities.rules import OfCycle
from services.sales.work.activities.writes import SystemActivity
from services.sales.work.resubmissions import queries
from services.sales.work.resubmissions.rules import TITLE, needs_an_answer
from services.sales.work.resubmissions.writes import ATTACH, FORGET, KEEP, AttachedRow, ResubmissionRow
from shared import clock
from shared.database.sessions import database_time, driver
from shared.events.marketing import LeadResubmitted
from shared.messaging.subscriptions import Context

MARKETING = "service:marketing"


async def keep(context: Context, events: Sequence[LeadResubmitted]) -> None:
    """Keep what was told. The caller has seen to it that no deal is being opened meanwhile."""
    rows = [
        ResubmissionRow(
            one.submission_id, one.lead_id, one.cycle, one.contact_id, one.source, one.received_at
        )
        for one in sorted(events, key=lambda one: one.submission_id)
    ]
    await KEEP(await driver(context.session), rows)
    await attach(context.session, {OfCycle(one.lead_id, one.cycle) for one in events})


async def attach(session: AsyncSession, keys: Collection[OfCycle]) -> None:
    """Show what came on the deals that are there, and ask their owners to answer."""
    waiting = await queries.waiting(session, keys)
    if not waiting:
        return
    now = await database_time(session)
    rows: list[SystemActivity] = []
    attached: list[AttachedRow] = []
    asked: set[UUID] = set()
    for one in waiting:
        shown = SystemActivity(
            id=clock.new_id(now),
            deal_id=one["deal_id"],
            assignee_id=one["rep_id"],
            kind="submission",
            title=None,
            contact_id=one["contact_id"],
            direction="inbound",
            due_at=None,
            done_at=one["received_at"],
            submission_id=one["submission_id"],
        )
        rows.append(shown)
        attached.append(AttachedRow(one["submission_id"], shown.id))
        if needs_an_answer(
            deal_is_open=one["state"] == OPEN,
            opened_at=one["opened_at"],
            received_at=one["received_at"],
            is_asked=one["is_asked"] or one["deal_id"] in asked,
        ):
            asked.add(one["deal_id"])
            rows.append(
                SystemActivity(
                    id=clock.new_id(now),
                    deal_id=one["deal_id"],
                    assignee_id=one["rep_id"],
                    kind="task",
                    title=TITLE,
                    contact_id=one["contact_id"],
                    direction=None,
                    due_at=one["received_at"],
                    done_at=None,
                    submission_id=None,
                )
            )
    connection = await driver(session)
    await activities.ADD(connection, rows, by=MARKETING, by_human=False)
    await ATTACH(connection, attached)


async def forget(session: AsyncSession, submission_ids: Collection[UUID]) -> None:
    """Let it be as if these had not been told; a task to answer stays, for its owner to look at."""
    connection = await driver(session)
    await connection.execute(activities.FORGET_SUBMISSIONS, list(submission_ids))
    await connection.execute(FORGET, list(submission_ids))
