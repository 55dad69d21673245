"""Set-based writes of the reps' loads."""

from collections import Counter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.staff.reps.tables import Load
from shared.database import bulk
from shared.database.sessions import driver


class LoadChange(NamedTuple):
    rep_id: UUID
    change: int


CHANGE = bulk.Statement(
    "UPDATE loads l SET open_leads = greatest(0, l.open_leads + changes.change) "
    "FROM {changes} WHERE l.rep_id = changes.rep_id",
    changes=bulk.Rows(Load, LoadChange, types={"change": "int"}),
)


async def change_loads(session: AsyncSession, more: Counter[UUID], fewer: Counter[UUID]) -> None:
    """Count these leads as open, or open no longer, of their reps, whose loads are locked."""
    changes = [
        LoadChange(rep_id, more[rep_id] - fewer[rep_id]) for rep_id in sorted(more.keys() | fewer.keys())
    ]
    if any(each.change for each in changes):
        await CHANGE(await driver(session), changes=changes)
