"""Keeping marketing's copy of the dated exchange rates, which sales owns."""

from collections.abc import Sequence
from decimal import Decimal

from services.marketing.acquisition.spend.writes import FORGET, KEEP, Rate
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.sales import ExchangeRateSet
from shared.messaging.subscriptions import Context


async def keep_rates(context: Context, events: Sequence[ExchangeRateSet]) -> None:
    """One unit of `base` is worth `rate` units of `quote` from `valid_on` on."""
    rates = [
        Rate(event.base, event.quote, event.valid_on, Decimal(event.rate), event.version) for event in events
    ]
    await KEEP(await driver(context.session), rates, recorded_at=context.now)


async def forget_rates(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Forget all rates of these pairs; those that sales has set are told again."""
    pairs = {event.key for event in forged if isinstance(event, ExchangeRateSet)}
    await (await driver(context.session)).execute(FORGET, list(pairs))
    return pairs
