"""What handoff does when a lead qualifies: route it, give it to whose turn it is, tell the others."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from asyncpg import Record

from services.handoff.offers import queries
from services.handoff.offers.rules import Decision, Waiting, grade_band
from services.handoff.offers.use_cases import after, announce, close_superseded, share_out
from services.handoff.routing.queries import active_rules
from services.handoff.routing.rules import RuleBook, first_match
from shared import database, outbox
from shared.events.marketing import LeadQualified
from shared.subscriptions import Context

FIRST_OFFER = 1  # a hop cap that a lead without an offer never reaches


async def offer_leads(context: Context, events: Sequence[LeadQualified]) -> None:
    """Offer each newly qualified lead; one that nobody can take waits in the pool.

    A cycle that is not newer than the one known changes nothing.
    """
    session, now = context.session, context.now
    known = await queries.newest_cycles(session, [event.lead_id for event in events])
    fresh = [event for event in events if _is_newer(event, known)]
    if not fresh:
        return
    older = [known[event.lead_id] for event in fresh if event.lead_id in known]
    freed = await close_superseded(session, older, now=now)
    book = await active_rules(session)
    leads = [_waiting(event, book, known) for event in fresh]
    decisions = await share_out(session, leads, now=now, hop_cap=FIRST_OFFER, freed=freed)
    await _add_leads(context, fresh, decisions)
    await outbox.stage(session, announce(decisions, now=now))


def _is_newer(event: LeadQualified, known: Mapping[UUID, Record]) -> bool:
    return event.lead_id not in known or event.cycle > known[event.lead_id]["cycle"]


def _waiting(event: LeadQualified, book: RuleBook, known: Mapping[UUID, Record]) -> Waiting:
    rule = first_match(book, event)
    before = known.get(event.lead_id)
    return Waiting(
        lead_id=event.lead_id,
        cycle=event.cycle,
        contact_id=event.contact_id,
        team_id=rule.team_id,
        band=grade_band(event.score, hand_raiser=event.hand_raiser),
        rule_set=book.version,
        rule_id=rule.id,
        version=before["version"] if before else 0,
        traceparent=event.traceparent,
    )


async def _add_leads(
    context: Context, events: Sequence[LeadQualified], decisions: Sequence[Decision]
) -> None:
    columns = _columns(context, events, decisions)
    arrays = ", ".join(f"${number}::{cast}[]" for number, (_, cast, _) in enumerate(columns, start=1))
    connection = await database.driver(context.session)
    await connection.execute(
        f"INSERT INTO leads ({', '.join(name for name, _, _ in columns)}) SELECT * FROM unnest({arrays})",
        *(values for _, _, values in columns),
    )


def _columns(
    context: Context, events: Sequence[LeadQualified], decisions: Sequence[Decision]
) -> list[tuple[str, str, list[object]]]:
    leads = [decision.lead for decision in decisions]
    outcome = [list(column) for column in zip(*(after(each, context.now) for each in decisions), strict=True)]
    facts = {
        **dict.fromkeys(("contact_id", "campaign_id", "company_id"), "uuid"),
        **dict.fromkeys(("received_at", "qualified_at"), "timestamptz"),
        **dict.fromkeys(("backfilled", "hand_raiser"), "bool"),
        **dict.fromkeys(("score", "company_size"), "int"),
        **dict.fromkeys(("source", "country", "company_name", "company_domain", "industry"), "text"),
    }
    decided = (
        ("state", "text"),
        ("version", "int"),
        ("hop", "smallint"),
        ("rep_id", "uuid"),
        ("wait_until", "timestamptz"),
        ("assigned_at", "timestamptz"),
    )
    routed = {
        "lead_id": "uuid",
        "cycle": "int",
        "team_id": "uuid",
        "band": "text",
        "rule_set": "int",
        "rule_id": "uuid",
        "traceparent": "text",
    }
    return [
        *((name, cast, [getattr(lead, name) for lead in leads]) for name, cast in routed.items()),
        *((name, cast, values) for (name, cast), values in zip(decided, outcome, strict=False)),
        *((name, cast, [getattr(event, name) for event in events]) for name, cast in facts.items()),
    ]
