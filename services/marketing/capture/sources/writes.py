"""Set-based writes on forms, and secrets sealed anew."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.marketing.capture.sources.rates import FormHour, FormRate
from services.marketing.capture.sources.rules import FormState
from services.marketing.capture.sources.tables import Form, HourOfForm
from shared.database import bulk
from shared.database.sessions import Driver

# By the id alone, and not by the version: what a form is noted to do is no edit of it.
NOTE_STATES = bulk.update(Form, FormState, key=("id",))
NOTE_RATES = bulk.update(
    Form,
    FormRate,
    key=("id",),
    where="(t.busiest_hour, t.hour_began, t.hour_count) "
    "IS DISTINCT FROM (x.busiest_hour, x.hour_began, x.hour_count)",
)
NOTE_HOURS = bulk.insert(
    HourOfForm, FormHour, order_by=("form_id", "hour"), on_conflict=bulk.replace("form_id", "hour")
)


async def reseal(connection: Driver, secret_id: UUID, before: bytes, anew: bytes) -> int:
    """How many were: none when it was changed or removed meanwhile."""
    done = await connection.execute(
        "UPDATE connection_secrets SET sealed = $3 WHERE id = $1 AND sealed = $2", secret_id, before, anew
    )
    return int(done.rpartition(" ")[2])


async def forget_hours(connection: Driver, form_ids: Collection[UUID], *, before: datetime) -> None:
    """Hours that tell nothing any more of what is usual at these forms."""
    await connection.execute(
        "DELETE FROM form_hours WHERE form_id = ANY($1::uuid[]) "
        "AND hour < $2::timestamptz - interval '28 days'",
        list(form_ids),
        before,
    )
