"""From captured leads to contacts, touches and leads, a batch in one transaction; and doing it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.capture.connectors import registry
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.deliveries.rules import GONE, Raw, submission_id
from services.marketing.capture.deliveries.schemas import ReplayedView
from services.marketing.capture.deliveries.tables import Delivery
from services.marketing.capture.deliveries.use_cases import replay_deliveries
from services.marketing.capture.sources.queries import Settings
from services.marketing.capture.submissions import queries, repeats, rules
from services.marketing.capture.submissions.repeats import Said
from services.marketing.capture.submissions.rules import Item
from services.marketing.capture.submissions.schemas import ReplayFilter
from services.marketing.capture.submissions.tables import Submission
from services.marketing.capture.submissions.writes import save
from services.marketing.funnel.leads import use_cases as leads
from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.people.consents.rules import ConsentRow
from services.marketing.people.consents.writes import ADD
from services.marketing.people.contacts import use_cases as contacts
from services.marketing.people.contacts.rules import Identified
from shared.database.sessions import driver
from shared.errors import ConflictError, NotFoundError

REPLAYABLE = ("quarantined", "rejected")


async def process_submissions(session: AsyncSession, items: Sequence[Item], *, now: datetime) -> list[Item]:
    """Judge, identify and register these leads, and write their submissions; answers those that make none.

    What repeats or changes an earlier submission belongs to its contact and lead, and is no touch.
    """
    if not items:
        return []
    connection = await driver(session)
    keys = {key for item in items if (key := repeats.key_of(item))}
    accepted = repeats.sort_out(items, await queries.standing(connection, keys))
    idle = repeats.left_out(items)
    await _name_campaigns(session, items)
    people = await contacts.identify(session, [item.lead.person for item in accepted], now=now)
    for item, found in zip(accepted, people, strict=True):
        item.contact_id = found.contact_id
    await _find_clicks(session, accepted, people)
    changes = [item for item in items if item.changes is not None]
    for item in changes:
        item.contact_id = item.changes.contact_id
    amended = await contacts.amend(
        session, [(item.contact_id, item.lead.person) for item in changes if item.contact_id], now=now
    )
    news = [(item, found) for item, found in zip(accepted, people, strict=True) if item.repeats is None]
    news += zip(changes, amended, strict=True)
    arrivals = [_arrival(item, found) for item, found in news]
    for (item, _), registered in zip(news, await leads.register(session, arrivals, now=now), strict=True):
        item.lead_id = registered.lead_id
        item.state = "created" if registered.created else "merged"
    for item in items:
        repeats.settle(item)
    await _note_consents(session, [*accepted, *changes], now=now)
    none = {item.id for item in idle}
    await save(session, [item for item in items if item.id not in none], now=now)
    return idle


def item_of(raw: Raw, lead: CapturedLead, number: int, source: Settings | None) -> Item:
    """A lead of a delivery, as a submission to be settled."""
    campaign_id = source.campaign_id if source is not None else None
    return Item(submission_id(raw.id, number), number, raw, lead, default_campaign=campaign_id)


async def _find_clicks(session: AsyncSession, accepted: Sequence[Item], people: Sequence[Identified]) -> None:
    """Mark those who said the same a moment ago. Their keys are held, so nobody says it at the same time."""
    met = {person.contact_id for person in people if person.created}
    said = {
        Said(item.raw.source_id, item.contact_id, item.content_hash)
        for item in accepted
        if item.contact_id and item.content_hash and item.contact_id not in met and not item.lead.external_id
    }
    repeats.clicked_again(accepted, await queries.said_before(await driver(session), said))


async def _note_consents(session: AsyncSession, items: Sequence[Item], *, now: datetime) -> None:
    """What each person agreed to and refused; nothing is written for who was not asked."""
    said = [
        ConsentRow(
            submission_id=item.id,
            purpose=purpose,
            contact_id=item.contact_id,
            state=state,
            source=item.raw.door,
            source_id=item.raw.source_id,
            text_version=item.lead.consent.text_version,
            at=rules.when(item.lead, item.raw.received_at)[0],
        )
        for item in items
        if item.lead.consent and item.contact_id
        for purpose, state in item.lead.consent.states.items()
    ]
    await ADD(await driver(session), said, recorded_at=now)


async def _name_campaigns(session: AsyncSession, items: Sequence[Item]) -> None:
    """The campaign of each lead: the first of its references that is known, else its source's own."""
    references = [reference for item in items for reference in rules.references_of(item)]
    known = await campaigns.resolve(session, references)
    for item in items:
        item.campaign = next((known[r] for r in rules.references_of(item) if r in known), None)


def _arrival(item: Item, found: Identified) -> ScoredSubmission:
    """What scoring and leads are told of an accepted submission."""
    lead = item.lead
    occurred_at, backfilled = rules.when(lead, item.raw.received_at)
    return ScoredSubmission(
        contact_id=found.contact_id,
        submission_id=item.id,
        received_at=item.raw.received_at,
        occurred_at=occurred_at,
        source=item.raw.door,
        source_id=item.raw.source_id,
        implied_channel=registry.implied_channel(item.raw.door),
        backfilled=backfilled,
        route=rules.is_routed(
            lead, item.raw.received_at, by_platform=item.raw.door in registry.WITH_CONNECTIONS
        ),
        channel=item.campaign.channel if item.campaign else None,
        campaign_id=item.campaign.id if item.campaign else None,
        hand_raiser=lead.hand_raiser,
        utm=lead.utm,
        click_ids=lead.click_ids,
        landing_url_path=lead.landing_path,
        session_id=lead.session_id,
        visitor_id=lead.visitor_id,
        referrer=lead.referrer,
        self_reported=lead.self_reported,
        references=tuple(lead.campaigns),
        company_id=found.company_id,
        company_name=found.company_name,
        company_domain=found.company_domain,
        company_size=found.company_size or lead.person.company_size,
        industry=found.industry or lead.person.industry,
        country=found.country,
        region=found.region,
        language=found.language,
        time_zone=found.time_zone,
        # The title as it is best known: a stranger's form makes nobody a director.
        answers=rules.scored(lead) | ({"job_title": found.job_title} if found.job_title else {}),
        amends=item.changes is not None,
        traceparent=item.raw.traceparent,
    )


async def replay_submission(session: AsyncSession, submission_id: UUID) -> Submission:
    """Process one again. Raises ConflictError for one that became a lead, or still waits."""
    row = await queries.submission(session, submission_id, lock=True)
    if row is None:
        raise NotFoundError("There is no submission with this id.")
    if row.state not in REPLAYABLE:
        raise ConflictError(f"The submission is {row.state}; only a quarantined or rejected one is replayed.")
    if not await _replay_submissions(session, [submission_id]):
        raise ConflictError(GONE)
    await session.refresh(row)
    return row


async def replay_matching(session: AsyncSession, wanted: ReplayFilter) -> ReplayedView:
    """Process again all that fit, the oldest first."""
    table = Delivery if wanted.state == "unreadable" else Submission
    conditions: list[ColumnElement[bool]] = [table.state == wanted.state, table.cleared_at.is_(None)]
    if wanted.reason is not None:
        conditions.append(table.reason == wanted.reason)
    if wanted.door is not None:
        conditions.append(table.door == wanted.door)
    if wanted.source_id is not None:
        conditions.append(table.source_id == wanted.source_id)
    if wanted.received_from is not None:
        conditions.append(table.received_at >= wanted.received_from)
    if wanted.received_to is not None:
        conditions.append(table.received_at < wanted.received_to)
    query = select(table.id).where(and_(*conditions)).order_by(table.id).limit(wanted.limit + 1)
    ids = list((await session.scalars(query.with_for_update(skip_locked=True))).all())
    chosen = ids[: wanted.limit]
    again = replay_deliveries if table is Delivery else _replay_submissions
    return ReplayedView(replayed=await again(session, chosen) if chosen else 0, more=len(ids) > wanted.limit)


async def _replay_submissions(session: AsyncSession, ids: list[UUID]) -> int:
    """What a person set free is not held back by signs of spam again; details are asked for anew."""
    ids = await queries.with_bodies(session, ids)
    fetched = Submission.door.in_(registry.WITH_DETAILS)
    asks = and_(fetched, Submission.details.is_(None))
    useless = and_(fetched, func.coalesce(Submission.reason, "").like("details_%"))
    result = await session.execute(
        update(Submission)
        .where(Submission.id.in_(ids), Submission.state.in_(REPLAYABLE))
        .values(
            state="pending",
            waits_for=case((or_(asks, useless), "details"), else_="processing"),
            next_attempt_at=case((or_(asks, useless), func.now()), else_=None),
            details=case((useless, None), else_=Submission.details),
            attempts=0,
            tries=0,
            lease_until=None,
            alarmed_at=None,
            released=or_(Submission.released, Submission.state == "quarantined"),
            reason=None,
            detail=None,
            settled_at=None,
        )
        .returning(Submission.id)
    )
    return len(result.all())
