"""While processes are replaced one by one, those of the code before write to tables by their former names."""

from sqlalchemy import text

from shared.database.sessions import Sessions

FORMER = (
    "INSERT INTO consumer_offset (topic, part, next_offset) VALUES ('t', 0, 7) ON CONFLICT (topic, part) "
    "DO UPDATE SET next_offset = GREATEST(consumer_offset.next_offset, EXCLUDED.next_offset)",
    "SELECT next_offset FROM consumer_offset ORDER BY part FOR UPDATE",
    "INSERT INTO parked_event (event_id, topic, part, off, key, type, data, reason) VALUES "
    "('019ab1c2-7d3e-7c4f-9a51-2f6e0b7d4c11', 't', 0, 1, 'k', 'x', '', 'invalid') "
    "ON CONFLICT (event_id) DO NOTHING",
    "UPDATE parked_event SET state = 'discarded', ended_at = now()",
)


async def test_what_is_written_under_a_former_name_is_in_the_table(sales_sessions: Sessions) -> None:
    for _ in range(2):  # the second time meets the rows of the first
        for statement in FORMER:
            async with sales_sessions.begin() as session:
                await session.execute(text(statement))

    async with sales_sessions() as session:
        offsets = (await session.execute(text("SELECT topic, next_offset FROM consumer_offsets"))).all()
        parked = (await session.execute(text("SELECT key, state FROM parked_events"))).all()
    assert [tuple(row) for row in offsets] == [("t", 7)]
    assert [tuple(row) for row in parked] == [("k", "discarded")]
