"""While processes are replaced one by one, those of the code before write to tables by their former names."""

import pytest
from sqlalchemy import text

from shared.database.sessions import Sessions

FORMER = [
    "INSERT INTO consumer_offset (topic, part, next_offset) VALUES ('t', 0, 7) ON CONFLICT (topic, part) "
    "DO UPDATE SET next_offset = GREATEST(consumer_offset.next_offset, EXCLUDED.next_offset)",
    "INSERT INTO parked_event (event_id, topic, part, off, key, type, data, reason) VALUES "
    "(gen_random_uuid(), 't', 0, 1, 'k', 'x', '', 'invalid') ON CONFLICT (event_id) DO NOTHING",
    "SELECT next_offset FROM consumer_offset ORDER BY part FOR UPDATE",
    "UPDATE parked_event SET state = 'discarded', ended_at = now()",
]


@pytest.mark.parametrize("statement", FORMER)
async def test_a_former_name_is_the_table(statement: str, sales_sessions: Sessions) -> None:
    async with sales_sessions.begin() as session:
        for before in FORMER[:2]:
            await session.execute(text(before))
        await session.execute(text(statement))
        kept = text("SELECT (SELECT count(*) FROM consumer_offsets) + (SELECT count(*) FROM parked_events)")
        assert await session.scalar(kept) >= 2
