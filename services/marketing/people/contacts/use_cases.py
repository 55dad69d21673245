"""Finding out who somebody is: load, decide, save."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.contacts import queries, rules, writes
from services.marketing.people.contacts.rules import Company, Directory, Identified, Person
from shared import clock
from shared.database.sessions import Driver, driver


async def identify(session: AsyncSession, people: Sequence[Person], *, now: datetime) -> list[Identified]:
    """The contact of each person, in order, found or made; companies likewise.

    The same person twice in the batch is one contact, and so is the same person in two
    workers at once: they take turns on the person's keys until the commit.
    """
    if not people:
        return []
    connection = await driver(session)
    keys = {key for person in people for key in rules.keys_of(person)}
    directory = await queries.lock_directory(connection, keys)
    domains = [rules.domain_of(person) for person in people]
    companies = await _settle_companies(connection, _companies_of(people, domains), now)
    known = set(directory.contacts)
    placed = rules.place_all(people, directory, clock.new_id)
    _employ(directory, placed, domains, {domain: company.id for domain, company in companies.items()})
    await writes.save_directory(connection, directory, now)
    employers = await _employers(connection, companies, directory)
    seen: set[UUID] = set()
    found: list[Identified] = []
    for contact_id in placed:
        created = contact_id not in known and contact_id not in seen
        seen.add(contact_id)
        found.append(_identified(directory.contacts[contact_id], employers, created=created))
    return found


async def amend(
    session: AsyncSession, changes: Sequence[tuple[UUID, Person]], *, now: datetime
) -> list[Identified]:
    """Correct what is known of these contacts by what their source says now; in order, as they are then.

    The contact is told, not found: it may have another address now. A key that is somebody else's stays so.
    """
    if not changes:
        return []
    connection = await driver(session)
    people = [person for _, person in changes]
    directory = await queries.lock_directory(
        connection, {key for one in people for key in rules.keys_of(one)}
    )
    others = {contact_id for contact_id, _ in changes} - directory.contacts.keys()
    directory.contacts.update(await queries.lock_contacts(connection, others))
    domains = [rules.domain_of(person) for person in people]
    companies = await _settle_companies(connection, _companies_of(people, domains), now)
    for (contact_id, person), domain in zip(changes, domains, strict=True):
        company = companies[domain] if domain else None
        rules.amend(directory, contact_id, person, company_id=company.id if company else None)
    await writes.save_directory(connection, directory, now)
    employers = await _employers(connection, companies, directory)
    return [_identified(directory.contacts[one], employers, created=False) for one, _ in changes]


async def _employers(
    connection: Driver, companies: Mapping[str, Company], directory: Directory
) -> dict[UUID, Company]:
    """The companies of everyone in the directory, by id."""
    employers = {company.id: company for company in companies.values()}
    others = {contact.company_id for contact in directory.contacts.values() if contact.company_id}
    return {**employers, **await queries.companies_by_id(connection, others - employers.keys())}


async def _settle_companies(
    connection: Driver, companies: Sequence[Company], now: datetime
) -> Mapping[str, Company]:
    """Store companies not known yet and fill in blanks of known ones; by domain, as they are now.

    Only those are written: a lock on each company that is merely met again would let two batches
    with a customer in common wait for each other.
    """
    if not companies:
        return {}
    known = await queries.companies_by_domain(connection, [company.domain for company in companies])
    news = [company for company in companies if company.adds_to(known.get(company.domain))]
    if not news:
        return known
    ordered = sorted(news, key=lambda company: company.domain)
    await writes.SETTLE_COMPANIES(connection, ordered, created_at=now, updated_at=now)
    written = await queries.companies_by_domain(connection, [company.domain for company in ordered])
    return {**known, **written}


def _companies_of(people: Sequence[Person], domains: Sequence[str | None]) -> list[Company]:
    """One company per domain, with the first thing anybody in the batch says about each fact."""
    found: dict[str, Company] = {}
    for person, domain in zip(people, domains, strict=True):
        if domain is None:
            continue
        company = found.get(domain)
        found[domain] = Company(
            company.id if company else clock.new_id(),
            domain,
            name=(company and company.name) or person.company_name,
            size=(company and company.size) or person.company_size,
            industry=(company and company.industry) or person.industry,
            country=(company and company.country) or person.country,
        )
    return list(found.values())


def _employ(
    directory: Directory, placed: Sequence[UUID], domains: Sequence[str | None], companies: dict[str, UUID]
) -> None:
    """Tie contacts without a company to the one their domain names."""
    for contact_id, domain in zip(placed, domains, strict=True):
        contact = directory.contacts[contact_id]
        if domain is not None and contact.company_id is None:
            directory.contacts[contact_id] = replace(contact, company_id=companies[domain], changed=True)


def _identified(contact: rules.Contact, companies: dict[UUID, Company], *, created: bool) -> Identified:
    company = companies.get(contact.company_id) if contact.company_id else None
    values = contact.fields
    return Identified(
        contact_id=contact.id,
        created=created,
        company_id=company.id if company else None,
        company_name=(company.name if company else None) or values.get("company_name"),
        company_domain=company.domain if company else None,
        company_size=company.size if company else None,
        industry=company.industry if company else None,
        country=values.get("country") or (company.country if company else None),
        region=values.get("region"),
        language=values.get("language"),
        time_zone=values.get("time_zone"),
    )
