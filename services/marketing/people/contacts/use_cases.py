"""Finding out who somebody is: load, decide, save."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.contacts import corrections, matching, queries, rules, writes
from services.marketing.people.contacts.matching import Directory
from services.marketing.people.contacts.rules import Company, Identified, Person
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
    keys = {key for person in people for key in matching.keys_of(person)}
    directory = await queries.lock_directory(connection, keys, now)
    domains = await _domains_of(connection, people)
    companies = await _settle_companies(connection, _companies_of(people, domains), now)
    known = set(directory.contacts)
    placed = matching.place_all(people, directory, clock.new_id)
    _employ(directory, people, placed, domains, {domain: company.id for domain, company in companies.items()})
    await writes.save_directory(connection, directory, now)
    await _keep_offered(connection, directory, people, placed, now)
    employers = await _employers(connection, companies, directory, now)
    seen: set[UUID] = set()
    found: list[Identified] = []
    for person, contact_id in zip(people, placed, strict=True):
        created = contact_id not in known and contact_id not in seen
        seen.add(contact_id)
        found.append(_identified(directory.contacts[contact_id], person, employers, created=created))
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
    keys = {key for one in people for key in matching.keys_of(one)}
    directory = await queries.lock_directory(connection, keys, now)
    others = {contact_id for contact_id, _ in changes} - directory.contacts.keys()
    directory.contacts.update(await queries.lock_contacts(connection, others, now))
    domains = await _domains_of(connection, people)
    companies = await _settle_companies(connection, _companies_of(people, domains), now)
    amended = [contact_id for contact_id, _ in changes]
    for contact_id, person in changes:
        matching.amend(directory, contact_id, person)
    _employ(
        directory, people, amended, domains, {domain: company.id for domain, company in companies.items()}
    )
    await writes.save_directory(connection, directory, now)
    await _keep_offered(connection, directory, people, amended, now)
    employers = await _employers(connection, companies, directory, now)
    return [_identified(directory.contacts[one], person, employers, created=False) for one, person in changes]


async def _domains_of(connection: Driver, people: Sequence[Person]) -> list[str | None]:
    """The domain of each person's company; where that was corrected, the one it has now."""
    domains = [rules.domain_of(person) for person in people]
    now_called = await queries.former_domains(connection, {domain for domain in domains if domain})
    return [now_called.get(domain, domain) if domain else None for domain in domains]


async def _keep_offered(
    connection: Driver,
    directory: Directory,
    people: Sequence[Person],
    placed: Sequence[UUID],
    now: datetime,
) -> None:
    """What known sources say of fields that a person corrected is kept beside, once."""
    offered = [
        (contact_id, one)
        for person, contact_id in zip(people, placed, strict=True)
        if directory.contacts[contact_id].held
        for one in corrections.offered_of_contact(directory.contacts[contact_id], person)
    ]
    await writes.keep_offered_of_contacts(connection, offered, now)


async def _employers(
    connection: Driver, companies: Mapping[str, Company], directory: Directory, now: datetime
) -> dict[UUID, Company]:
    """The companies of everyone in the directory, by id."""
    employers = {company.id: company for company in companies.values()}
    others = {contact.company_id for contact in directory.contacts.values() if contact.company_id}
    return {**employers, **await queries.companies_by_id(connection, others - employers.keys(), now)}


async def _settle_companies(
    connection: Driver, companies: Sequence[Company], now: datetime
) -> Mapping[str, Company]:
    """Store companies not known yet and what is new or better said of known ones; by domain, as they are now.

    Only those are written: a lock on each company that is merely met again would let two batches
    with a customer in common wait for each other.
    """
    if not companies:
        return {}
    known = await queries.companies_by_domain(connection, [company.domain for company in companies], now)
    await writes.keep_offered_of_companies(
        connection,
        [
            (known[company.domain].id, one)
            for company in companies
            if company.domain in known
            for one in corrections.offered_of_company(known[company.domain], company)
        ],
        now,
    )
    news = [
        company
        for company in _where_nothing_is_held(companies, known)
        if company.adds_to(known.get(company.domain))
    ]
    if not news:
        return known
    ordered = sorted(news, key=lambda company: company.domain)
    await writes.SETTLE_COMPANIES(connection, ordered, created_at=now, updated_at=now)
    written = await queries.companies_by_domain(connection, [company.domain for company in ordered], now)
    return {**known, **written}


def _where_nothing_is_held(companies: Sequence[Company], known: Mapping[str, Company]) -> Iterator[Company]:
    """No source stands for what a person corrected."""
    for company in companies:
        held = known[company.domain].held if company.domain in known else frozenset[str]()
        yield replace(company, authenticated=company.authenticated - held) if held else company


def _companies_of(people: Sequence[Person], domains: Sequence[str | None]) -> list[Company]:
    """One company per domain, with the best thing anybody in the batch says about each fact."""
    found: dict[str, Company] = {}
    for person, domain in zip(people, domains, strict=True):
        if domain is not None:
            found[domain] = (found.get(domain) or Company(clock.new_id(), domain)).told_by(person)
    return list(found.values())


def _employ(
    directory: Directory,
    people: Sequence[Person],
    placed: Sequence[UUID],
    domains: Sequence[str | None],
    companies: Mapping[str, UUID],
) -> None:
    """Tie contacts to the company their domain names."""
    for person, contact_id, domain in zip(people, placed, domains, strict=True):
        if domain is not None:
            contact = directory.contacts[contact_id]
            directory.contacts[contact_id] = rules.employ(contact, companies[domain], person.word)


def _identified(
    contact: rules.Contact, person: Person, companies: Mapping[UUID, Company], *, created: bool
) -> Identified:
    """What is best known. Of the company, what they say themselves, unless a better source says otherwise."""
    company = companies.get(contact.company_id) if contact.company_id else None
    known = company or Company(contact.id, "")
    values = contact.fields
    name = values["company_name"], contact.word_on("company_name")
    title = values["job_title"], contact.word_on("job_title")
    size, industry = (person.company_size, person.word), (person.industry, person.word)
    return Identified(
        contact_id=contact.id,
        created=created,
        job_title=rules.best((person.job_title, person.word), title)[0],
        company_id=company.id if company else None,
        company_name=rules.best(name, (known.name, known.word_on("name")))[0],
        company_domain=company.domain if company else None,
        company_size=rules.best(size, (known.size, known.word_on("size")))[0],
        industry=rules.best(industry, (known.industry, known.word_on("industry")))[0],
        country=values["country"] or known.country,
        region=values["region"],
        language=values["language"],
        time_zone=values["time_zone"],
    )
