"""What handoff says of offers that ended and of its reps."""

from collections.abc import Sequence

from services.marketing.people.holds.writes import (
    COPY_HOLDERS,
    END,
    FORGET_HOLDERS,
    EndedRow,
    HolderRow,
)
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.handoff import LeadDeclined, OfferExpired, RepChanged
from shared.messaging.subscriptions import Context


async def end_declined(context: Context, events: Sequence[LeadDeclined]) -> None:
    """Who said no holds the lead no more."""
    rows = [EndedRow(one.lead_id, one.version, "ended", one.declined_at) for one in events]
    await END(await driver(context.session), rows)


async def end_expired(context: Context, events: Sequence[OfferExpired]) -> None:
    """Nor does who did not answer in time."""
    rows = [EndedRow(one.lead_id, one.version, "ended", one.expired_at) for one in events]
    await END(await driver(context.session), rows)


async def copy_holders(context: Context, events: Sequence[RepChanged]) -> None:
    """Keep each rep as the newest fact says."""
    newest = {one.rep_id: one for one in sorted(events, key=lambda one: one.version)}
    rows = [
        HolderRow(
            rep_id,
            rep.subject,
            rep.display_name,
            rep.team_id,
            rep.manager_subject,
            rep.active,
            rep.version,
        )
        for rep_id, rep in sorted(newest.items())
    ]
    await COPY_HOLDERS(await driver(context.session), rows)


async def forget_holders(context: Context, forged: Sequence[Event], _: Sequence[Event]) -> set[str]:
    """Forget these reps; those that handoff has are told again, as they are now."""
    told = {one.rep_id for one in forged if isinstance(one, RepChanged)}
    await (await driver(context.session)).execute(FORGET_HOLDERS, list(told))
    return {str(rep_id) for rep_id in told}
