"""Keeping sales' copy of reps, which handoff owns."""

from collections.abc import Sequence

from services.sales.reference.reps.writes import COPY, FORGET, row_of
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.handoff import RepChanged
from shared.messaging.subscriptions import Context


async def copy_reps(context: Context, events: Sequence[RepChanged]) -> None:
    """Keep each rep as the newest fact says, whatever order the facts come in."""
    newest = {event.rep_id: event for event in sorted(events, key=lambda event: event.version)}
    reps = [row_of(newest[rep_id]) for rep_id in sorted(newest)]
    await COPY(await driver(context.session), reps)


async def forget_reps(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Forget these reps; those that handoff has are told again, as they are now."""
    told = {event.rep_id for event in forged if isinstance(event, RepChanged)}
    await (await driver(context.session)).execute(FORGET, list(told))
    return {str(rep_id) for rep_id in told}
