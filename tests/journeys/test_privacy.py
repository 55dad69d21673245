"""Names and addresses stay in marketing: not in topics, logs, or the other services' databases."""

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.topics import topic_names
from shared.messaging import topics
from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token, win
from tests.support.loop import Loop

PLANTED = ("Plantedname", "planted.famous", "Famous-planted", "+4930555777")


async def everything_in(url: str) -> str:
    """Every row of every table, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = []
        for table in tables:
            for row in await connection.fetch(f"SELECT * FROM {table['name']}"):
                found += [
                    value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
        return "\n".join(found)
    finally:
        await connection.close()


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


async def everything_on(loop: Loop) -> str:
    """Every record of every topic of this loop: key, value and headers."""
    client = AIOKafkaConsumer(bootstrap_servers=loop.bootstrap, auto_offset_reset="earliest")
    await client.start()
    try:
        partitions = [
            TopicPartition(loop.prefix + name, number)
            for name in topic_names()
            for number in range(topics.PARTITIONS)
        ]
        client.assign(partitions)
        ends = await client.end_offsets(partitions)
        found: list[str] = []
        while any([await client.position(partition) < ends[partition] for partition in partitions]):
            for records in (await client.getmany(timeout_ms=300)).values():
                found += [str((record.key, record.value, record.headers)) for record in records]
        return "\n".join(found)
    finally:
        await client.stop()


async def test_planted_names_and_addresses_are_found_in_marketing_only(loop: Loop) -> None:
    rep = f"rep-{token()}"
    await team_with(loop, rep)
    submission = await send_lead(
        loop,
        email=f"planted.famous@{token()}.example",
        given_name="Plantedname",
        family_name="Famous-planted",
        phone="+49305557771",
        company="Muster GmbH",
    )
    lead = await lead_of(loop, submission)
    offer = await offer_of(loop, lead["lead_id"])
    assert "Plantedname" in str(offer["contact"])
    await accept(loop, offer, rep)
    deal = await deal_of(loop, lead["lead_id"])
    await win(loop, deal["id"], "10.00")
    await loop.quiet()

    assert "Plantedname" in await everything_in(loop.databases["marketing"]), (
        "the planted name was not stored"
    )
    places = {
        "handoff's database": await everything_in(loop.databases["handoff"]),
        "sales' database": await everything_in(loop.databases["sales"]),
        "topics": await everything_on(loop),
        "logs": "\n".join(path.read_text(errors="replace") for path in loop.folder.glob("*.log")),
    }
    assert "lead_qualified" in places["topics"]
    found = [(place, word) for place, text in places.items() for word in PLANTED if word in text]
    assert found == []
