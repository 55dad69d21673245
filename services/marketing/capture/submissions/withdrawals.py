"""Taking submissions back with all that became of them, and setting leads right when they come again.

A submission that is taken back waits in quarantine as `withdrawn`: a replay releases it, and it is processed
anew. Until then it is no touch, counts in no score, and nobody has agreed to anything by it.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.submissions import queries, rules
from services.marketing.capture.submissions.rules import Item
from services.marketing.capture.submissions.schemas import WithdrawalFilter, WithdrawalView
from services.marketing.capture.submissions.tables import Submission
from services.marketing.capture.submissions.writes import withdraw
from services.marketing.funnel.leads import withdrawals as leads
from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.people.consents import writes as consents
from services.marketing.people.contacts import queries as contacts
from services.marketing.people.touches import use_cases as touches
from shared.database.sessions import database_time, driver

WITHDRAWN = "withdrawn"


async def withdraw_matching(session: AsyncSession, wanted: WithdrawalFilter, *, by: str) -> WithdrawalView:
    """Take back all that fit, the oldest first, with what repeats or changes them."""
    now = await database_time(session)
    connection = await driver(session)
    query = select(Submission.id).where(_fits(wanted)).order_by(Submission.id).limit(wanted.limit + 1)
    found = list((await session.scalars(query.with_for_update())).all())
    chosen = found[: wanted.limit]
    rows = await queries.with_followers(connection, chosen)
    people = sorted({row["contact_id"] for row in rows})
    known = await leads.lock(session, people)
    # Read behind the locks: whoever sent something meanwhile is done, and it is seen.
    sent = await _sent(session, people)
    forgotten = await queries.no_longer_told(connection, people)
    out_of_reach = forgotten | await leads.beyond_recall(session, known)
    gone = {row["id"] for row in rows if row["contact_id"] not in out_of_reach}
    touched = await queries.touches_of(connection, gone)
    remaining = [
        one
        for one in await leads.weigh(session, known, sent, gone=gone, touches_gone=Counter(touched))
        if one.lead.contact_id not in out_of_reach
    ]
    if not wanted.dry_run:
        await touches.take_back(session, gone)
        await consents.take_back(connection, gone)
        await leads.save(session, remaining, reason=wanted.reason, now=now)
        await withdraw(connection, gone, reason=WITHDRAWN, detail=f"Taken back as {wanted.reason} by {by}.")
    return WithdrawalView(
        submissions=len(gone),
        touches=len(touched),
        leads=sum(one.lead.withdrawn for one in remaining),
        cycles=sum(len(one.told) for one in remaining),
        kept=sorted(row["id"] for row in rows if row["contact_id"] in out_of_reach),
        dry_run=wanted.dry_run,
        more=len(found) > wanted.limit,
        last_id=chosen[-1] if chosen else None,
    )


async def set_right(session: AsyncSession, released: Sequence[Item]) -> None:
    """Let leads be what their submissions make of them in the order of their receipt, when some of these had
    been taken back. The caller has just processed them, so it holds the locks on their leads.
    """
    leads_of = {item.id: item.contact_id for item in released if item.lead_id and item.contact_id}
    again = await queries.taken_back(await driver(session), leads_of)
    people = sorted({leads_of[one] for one in again})
    if not people:
        return
    known = await leads.lock(session, people)
    sent = await _sent(session, people)
    forgotten = await queries.no_longer_told(await driver(session), people)
    several = {one: each for one, each in sent.items() if len(each) > 1 and one not in forgotten}
    if not several:
        return
    mixed = leads.Known({one: known.leads[one] for one in several}, known.cycles)
    remaining = await leads.weigh(session, mixed, several, again=again)
    await leads.save(session, remaining, reason=WITHDRAWN, now=await database_time(session))


def _fits(wanted: WithdrawalFilter) -> ColumnElement[bool]:
    """Those that made or joined a lead; what waits, or is set aside already, has done nothing."""
    fits: list[ColumnElement[bool]] = [Submission.state.in_(("created", "merged"))]
    if wanted.ids is not None:
        fits.append(Submission.id.in_(wanted.ids))
    if wanted.door is not None:
        fits.append(Submission.door == wanted.door)
    if wanted.source_id is not None:
        fits.append(Submission.source_id == wanted.source_id)
    if wanted.email_domain is not None:
        domain = func.split_part(Submission.captured["email"].astext, "@", 2)
        fits.append(domain == wanted.email_domain.lower())
    if wanted.received_from is not None:
        fits.append(Submission.received_at >= wanted.received_from)
    if wanted.received_to is not None:
        fits.append(Submission.received_at < wanted.received_to)
    if wanted.after is not None:
        fits.append(Submission.id > wanted.after)
    return and_(*fits)


async def _sent(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, list[ScoredSubmission]]:
    """All that stands of these people, as scoring was told of it."""
    connection = await driver(session)
    facts = await contacts.facts_of(connection, people)
    found: dict[UUID, list[ScoredSubmission]] = {}
    for row in await queries.sent_by(connection, people):
        one = _told(row, facts[row["contact_id"]])
        found.setdefault(one.contact_id, []).append(one)
    return found


def _told(row: Record, person: Record) -> ScoredSubmission:
    said = row["captured"] or {}
    # What somebody vouched for; else what they said themselves here, and not in what was taken back.
    job_title = person["job_title"] or said.get("job_title")
    title = {"job_title": job_title} if job_title else {}
    return ScoredSubmission(
        contact_id=row["contact_id"],
        submission_id=row["id"],
        received_at=row["received_at"],
        occurred_at=row["occurred_at"],
        source=row["door"],
        backfilled=row["backfilled"],
        # As its touch says by now: a campaign may have claimed it. A change has none, and is its first one's.
        channel=row["channel"],
        campaign_id=row["touch_campaign"] or row["campaign_id"],
        hand_raiser=bool(said.get("hand_raiser")),
        utm=said.get("utm", {}),
        company_id=person["company_id"],
        company_name=person["company_name"],
        company_domain=person["company_domain"],
        company_size=person["company_size"] or said.get("company_size"),
        industry=person["industry"] or said.get("industry"),
        country=person["country"],
        region=person["region"],
        language=person["language"],
        time_zone=person["time_zone"],
        answers=rules.scored_answers(said.get("answers", {})) | title,
        amends=row["reason"] == "changed",
        traceparent=row["traceparent"],
    )
