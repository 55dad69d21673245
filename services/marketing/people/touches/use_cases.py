"""Recording touches: from submissions, and from other systems; and giving them to whom they belong."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.acquisition.campaigns.rules import CampaignFacts, CampaignReference
from services.marketing.acquisition.channels import rules as channels
from services.marketing.people.contacts import normalize
from services.marketing.people.contacts import queries as contact_queries
from services.marketing.people.contacts import use_cases as contacts
from services.marketing.people.contacts.rules import Person
from services.marketing.people.touches import queries
from services.marketing.people.touches.rules import (
    EARLY,
    Claimed,
    NamedVisit,
    NewAnonymousTouch,
    NewTouch,
    unmatched_of,
)
from services.marketing.people.touches.schemas import TouchForm
from services.marketing.people.touches.writes import (
    ADOPT,
    CLAIM,
    INSERT,
    INSERT_ANONYMOUS,
    NOTE_UNMATCHED,
    TAKE_BACK,
)
from shared import clock
from shared.database.sessions import driver
from shared.errors import FieldError, InvalidError

OUTSIDE = "api"  # the source of touches that other systems tell; their external ids are unique in it
References = Mapping[UUID, Sequence[CampaignReference]]


async def record(
    session: AsyncSession,
    touches: Sequence[NewTouch],
    references: References | None = None,
    *,
    now: datetime,
) -> int:
    """Store the touches and count the new ones; what is known by submission or external id is left alone.

    `references` of a touch are kept while it has no campaign, by the touch's id.
    """
    connection = await driver(session)
    new = {row["id"] for row in await INSERT(connection, touches, recorded_at=now)}
    named = references or {}
    unmatched = [
        one for touch in touches if touch.id in new for one in unmatched_of(touch, named.get(touch.id, ()))
    ]
    await NOTE_UNMATCHED(connection, unmatched)
    return len(new)


async def take_back(session: AsyncSession, submission_ids: Collection[UUID]) -> None:
    """Forget the touches of these submissions. What was said in them is kept there, and makes them again."""
    await (await driver(session)).execute(TAKE_BACK, list(submission_ids))


async def adopt(session: AsyncSession, visits: Sequence[NamedVisit]) -> None:
    """Give these people what their sessions and browsers did before they said who they are."""
    known = [visit for visit in dict.fromkeys(visits) if visit.session_id or visit.visitor_id]
    await ADOPT(await driver(session), named=known)


async def claim(session: AsyncSession, campaign_id: UUID | None, *, most: int) -> list[Claimed]:
    """Let campaigns (this one, or all) take touches that carried their names before they were registered."""
    found = await queries.claimable(session, campaign_id, most=most)
    if not found:
        return []
    rows = await (await driver(session)).fetch(CLAIM, *map(list, zip(*found, strict=True)))
    return [Claimed(*row) for row in rows]


async def record_told(session: AsyncSession, forms: Sequence[TouchForm], *, now: datetime) -> int:
    """Record what other systems saw; how many touches are new. Raises InvalidError, for all of them."""
    named = await campaigns.resolve(session, [r for form in forms for r in _references(form)])
    await _check(session, forms, named, now=now)
    people = await _whose(session, forms, now=now)
    touches: list[NewTouch] = []
    anonymous: list[NewAnonymousTouch] = []
    references: dict[UUID, list[CampaignReference]] = {}
    for form, contact_id in zip(forms, people, strict=True):
        campaign = next((named[r] for r in _references(form) if r in named), None)
        if contact_id is None:
            anonymous.append(_told_of_nobody(form, campaign, now))
            continue
        touches.append(_told(form, contact_id, campaign, now))
        references[touches[-1].id] = _references(form)
    waiting = await INSERT_ANONYMOUS(await driver(session), anonymous, recorded_at=now)
    return len(waiting) + await record(session, touches, references, now=now)


def _references(form: TouchForm) -> list[CampaignReference]:
    found = [CampaignReference("id", str(form.campaign_id))] if form.campaign_id else []
    if name := channels.said(form.utm.get("campaign")):
        found.append(CampaignReference("utm", name))
    return found


def _told(form: TouchForm, contact_id: UUID, campaign: CampaignFacts | None, now: datetime) -> NewTouch:
    told = _told_of_nobody(form, campaign, now)
    return NewTouch(
        contact_id=contact_id, **{name: getattr(told, name) for name in NewAnonymousTouch.__slots__}
    )


def _told_of_nobody(form: TouchForm, campaign: CampaignFacts | None, now: datetime) -> NewAnonymousTouch:
    utm = {str(name): value for name, value in form.utm.items()}
    click_ids = {str(name): value for name, value in form.click_ids.items()}
    named = form.channel or (campaign.channel if campaign else None)
    return NewAnonymousTouch(
        id=clock.new_id(),
        kind=form.kind,
        source=OUTSIDE,
        channel=named or channels.classify(utm, click_ids, form.referrer),
        channel_rules=None if named else channels.RULES_VERSION,
        occurred_at=min(form.occurred_at or now, now),
        external_id=form.external_id,
        campaign_id=campaign.id if campaign else None,
        session_id=form.session_id,
        visitor_id=form.visitor_id,
        landing_path=form.landing_path,
        referrer=channels.without_query(form.referrer) if form.referrer else None,
        utm=utm,
        click_ids=click_ids,
    )


async def _check(
    session: AsyncSession,
    forms: Sequence[TouchForm],
    named: Mapping[CampaignReference, CampaignFacts],
    *,
    now: datetime,
) -> None:
    """Campaigns and channels that are given exist, and nothing has happened in the future."""
    own = {form.channel for form in forms if form.channel} - channels.CHANNELS.keys()
    keys = {channel.key for channel in await campaigns.channels(session)} if own else set()
    wrong: list[FieldError] = []
    for number, form in enumerate(forms):
        if form.campaign_id and CampaignReference("id", str(form.campaign_id)) not in named:
            detail = "There is no such campaign; leave it out, or name it by utm.campaign until it is there."
            wrong.append({"pointer": f"/touches/{number}/campaign_id", "detail": detail})
        if form.channel in own - keys:
            detail = f"There is no channel {form.channel}; add it at /v1/channels."
            wrong.append({"pointer": f"/touches/{number}/channel", "detail": detail})
        if form.occurred_at and form.occurred_at > now + EARLY:
            detail = "This is in the future; a touch is told when it has happened."
            wrong.append({"pointer": f"/touches/{number}/occurred_at", "detail": detail})
    if wrong:
        raise InvalidError("Some touches can't be.", errors=wrong)


async def _whose(session: AsyncSession, forms: Sequence[TouchForm], *, now: datetime) -> list[UUID | None]:
    """The contact of each touch, None while nobody has said who it is.

    An address nobody knows becomes a contact; an unknown id is an error.
    """
    addresses = {form.email: normalize.email(form.email) for form in forms if form.email}
    given = {form.contact_id for form in forms if form.contact_id}
    known = await contact_queries.known_contacts(session, list(given))
    wrong: list[FieldError] = []
    for number, form in enumerate(forms):
        if form.contact_id and form.contact_id not in known:
            wrong.append({"pointer": f"/touches/{number}/contact_id", "detail": "There is no such contact."})
        elif form.email and addresses[form.email] is None:
            wrong.append({"pointer": f"/touches/{number}/email", "detail": "This is no e-mail address."})
    if wrong:
        raise InvalidError("Some touches are of nobody we know.", errors=wrong)
    strangers = [address for address in dict.fromkeys(addresses.values()) if address]
    told = [Person(email=address, trust="authenticated") for address in strangers]
    found = await contacts.identify(session, told, now=now)
    ids = {address: person.contact_id for address, person in zip(strangers, found, strict=True)}
    nameless = [form for form in forms if not form.contact_id and not form.email]
    visits = await _visits(session, nameless) if nameless else {}
    return [
        form.contact_id
        or (ids[addresses[form.email] or ""] if form.email else None)
        or visits.get(form.session_id or "")
        or visits.get(form.visitor_id or "")
        for form in forms
    ]


async def _visits(session: AsyncSession, forms: Sequence[TouchForm]) -> dict[str, UUID]:
    """Who the sessions and browsers are that a form has named already."""
    sessions = {form.session_id for form in forms if form.session_id}
    visitors = {form.visitor_id for form in forms if form.visitor_id}
    return await queries.named_visits(session, sessions, visitors)
