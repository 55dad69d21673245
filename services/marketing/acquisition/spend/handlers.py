"""Keeping marketing's copy of the dated exchange rates, which sales owns."""

from collections.abc import Sequence
from decimal import Decimal

from shared.database.sessions import driver
from shared.events.sales import ExchangeRateSet
from shared.messaging.subscriptions import Context

# The version counts per currency pair: a later word about the same day wins.
KEEP = """
INSERT INTO exchange_rates AS r (base, quote, valid_on, rate, version, recorded_at)
SELECT x.*, $1
FROM unnest($2::text[], $3::text[], $4::date[], $5::numeric[], $6::bigint[]) AS x
ON CONFLICT (base, quote, valid_on) DO UPDATE
SET rate = excluded.rate, version = excluded.version, recorded_at = excluded.recorded_at
WHERE r.version < excluded.version
"""


async def keep_rates(context: Context, events: Sequence[ExchangeRateSet]) -> None:
    """One unit of `base` is worth `rate` units of `quote` from `valid_on` on."""
    connection = await driver(context.session)
    await connection.execute(
        KEEP,
        context.now,
        [event.base for event in events],
        [event.quote for event in events],
        [event.valid_on for event in events],
        [Decimal(event.rate) for event in events],
        [event.version for event in events],
    )
