"""The set-based write of consents."""

from collections.abc import Collection
from uuid import UUID

from services.marketing.people.consents.rules import ConsentRow
from services.marketing.people.consents.tables import ConsentGiven
from shared.database import bulk
from shared.database.sessions import Driver

# A submission that is processed again says nothing new.
ADD = bulk.insert(ConsentGiven, ConsentRow, constants=("recorded_at",), on_conflict=bulk.keep())


async def take_back(connection: Driver, submission_ids: Collection[UUID]) -> None:
    """What these submissions said no longer holds: what was said before them does."""
    await connection.execute(
        "DELETE FROM consents WHERE submission_id = ANY($1::uuid[])", list(submission_ids)
    )
