"""What handoff does when sales tells of a call, a mail or a meeting."""

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.attempts import queries
from services.handoff.handshake.attempts.rules import (
    CHANNELS,
    Attempt,
    Response,
    is_attempt,
    is_connect,
    response_of,
)
from services.handoff.handshake.attempts.writes import FORGET, SAVE, AttemptRow
from services.handoff.routing.allocation import responses
from services.handoff.routing.allocation.responses import LeadClocks, ResponseRow
from services.handoff.routing.allocation.writes import LeadKey
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.handoff import FirstResponseMade
from shared.events.sales import ActivityLogged
from shared.messaging import outbox
from shared.messaging.subscriptions import Context


async def count_attempts(context: Context, events: Sequence[ActivityLogged]) -> None:
    """Stop the clocks of these leads, or let them run on where something did not happen after all.

    Derived from the newest news of each activity, whatever the order they come in.
    """
    newest = {one.activity_id: one for one in sorted(events, key=lambda one: one.version)}
    rows = [
        AttemptRow(
            one.activity_id,
            one.version,
            one.lead_id,
            one.cycle,
            one.rep_id,
            CHANNELS.get(one.kind, "message"),
            one.occurred_at,
            is_attempt(one.direction, by_human=one.by_human, cancelled=one.cancelled),
            is_connect(one.kind, one.direction, one.outcome, cancelled=one.cancelled),
        )
        for _, one in sorted(newest.items())
        if one.lead_id is not None and one.cycle is not None
    ]
    heard = await SAVE(await driver(context.session), rows)
    await _set_clocks(context.session, {LeadKey(row["lead_id"], row["cycle"]) for row in heard})


async def forget_attempts(context: Context, forged: Sequence[Event], true: Sequence[Event]) -> set[str]:
    """Forget these activities and hear the true ones anew; clocks stop by them alone."""
    told = {one.activity_id for one in forged if isinstance(one, ActivityLogged)}
    rows = await (await driver(context.session)).fetch(FORGET, list(told))
    await _set_clocks(context.session, {LeadKey(row["lead_id"], row["cycle"]) for row in rows})
    return {str(activity_id) for activity_id in told}


async def _set_clocks(session: AsyncSession, keys: Collection[LeadKey]) -> None:
    if not keys:
        return
    locked = await responses.lock(session, keys)
    attempts = await queries.attempts_of(session, [clocks.key for clocks in locked])
    rows: list[ResponseRow] = []
    facts: list[FirstResponseMade] = []
    for clocks in locked:
        stated = clocks.stated
        known = [*attempts.get(clocks.key, ()), *([_stated(stated)] if stated else [])]
        found = response_of(known, qualified_at=clocks.qualified_at)
        if found[:3] == (clocks.responded_at, clocks.channel, clocks.activity_id) and (
            found.connected_at == clocks.connected_at
        ):
            continue
        news = clocks.is_newest and found.responded_at not in (None, clocks.responded_at)
        version = clocks.version + news
        rows.append(_row(clocks, found, version))
        if news:
            facts.append(_fact(clocks, found, version))
    await responses.SET(await driver(session), rows)
    await outbox.stage(session, facts)


def _stated(stated: responses.Stated) -> Attempt:
    return Attempt(None, None, stated.channel, stated.at)


def _row(clocks: LeadClocks, found: Response, version: int) -> ResponseRow:
    stated = clocks.stated
    return ResponseRow(
        *clocks.key,
        version,
        found.responded_at,
        found.channel,
        found.activity_id,
        found.connected_at,
        stated.at if stated else None,
        stated.channel if stated else None,
    )


def _fact(clocks: LeadClocks, found: Response, version: int) -> FirstResponseMade:
    assert found.responded_at is not None
    assert found.channel is not None
    return FirstResponseMade(
        version=version,
        lead_id=clocks.key.lead_id,
        cycle=clocks.key.cycle,
        rep_id=found.rep_id or clocks.rep_id,
        channel=found.channel,
        responded_at=found.responded_at,
    )
