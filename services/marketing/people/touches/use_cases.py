"""Recording touches: from submissions, and from other systems."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.acquisition.campaigns.rules import CampaignFacts, CampaignReference, channel_of_link
from services.marketing.people.contacts import normalize, queries
from services.marketing.people.contacts import use_cases as contacts
from services.marketing.people.contacts.rules import Person
from services.marketing.people.touches.rules import NewTouch
from services.marketing.people.touches.schemas import TouchForm
from services.marketing.people.touches.writes import INSERT
from shared import clock
from shared.database.sessions import driver
from shared.errors import FieldError, InvalidError

OUTSIDE = "api"  # the source of touches that other systems tell; their external ids are unique in it


async def record(session: AsyncSession, touches: Sequence[NewTouch], *, now: datetime) -> int:
    """Store the touches and count the new ones; what is known by submission or external id is left alone."""
    return len(await INSERT(await driver(session), touches, recorded_at=now))


async def record_told(session: AsyncSession, forms: Sequence[TouchForm], *, now: datetime) -> int:
    """Record what other systems saw; how many touches are new. Raises InvalidError for unknown people."""
    people = await _whose(session, forms, now=now)
    named = await campaigns.resolve(session, [r for form in forms for r in _references(form)])
    touches = [
        _told(form, contact_id, next((named[r] for r in _references(form) if r in named), None), now)
        for form, contact_id in zip(forms, people, strict=True)
    ]
    return await record(session, touches, now=now)


def _references(form: TouchForm) -> list[CampaignReference]:
    found = [CampaignReference("id", str(form.campaign_id))] if form.campaign_id else []
    if form.utm.get("campaign"):
        found.append(CampaignReference("utm", form.utm["campaign"]))
    return found


def _told(form: TouchForm, contact_id: UUID, campaign: CampaignFacts | None, now: datetime) -> NewTouch:
    utm = {str(name): value for name, value in form.utm.items()}
    click_ids = {str(name): value for name, value in form.click_ids.items()}
    claimed = campaign.channel if campaign else None
    return NewTouch(
        id=clock.new_id(),
        contact_id=contact_id,
        kind=form.kind,
        source=OUTSIDE,
        channel=form.channel or claimed or channel_of_link(utm, click_ids),
        occurred_at=form.occurred_at or now,
        external_id=form.external_id,
        campaign_id=campaign.id if campaign else None,
        session_id=form.session_id,
        landing_path=form.landing_path,
        utm=utm,
        click_ids=click_ids,
    )


async def _whose(session: AsyncSession, forms: Sequence[TouchForm], *, now: datetime) -> list[UUID]:
    """The contact of each touch. An address nobody knows becomes a contact; an unknown id is an error."""
    addresses = {form.email: normalize.email(form.email) for form in forms if form.email}
    given = {form.contact_id for form in forms if form.contact_id}
    known = await queries.known_contacts(session, list(given))
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
    return [form.contact_id or ids[addresses[form.email or ""] or ""] for form in forms]
