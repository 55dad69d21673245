"""What is known of each person, and how much of it somebody may see: by roles, holds and handoff's word."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.overview.cards import queries
from services.marketing.overview.cards.rules import Said
from services.marketing.overview.cards.schemas import HeldLead
from services.marketing.people.access import ONE_CONTACT
from services.marketing.people.contacts import rules
from services.marketing.people.contacts.corrections import held
from services.marketing.people.contacts.rules import Word
from services.marketing.people.contacts.tables import Company, Contact
from services.marketing.people.holds import queries as holds
from services.marketing.people.holds.rules import Hold, Holder, Stage, stage_of, standing
from shared.auth.access import Caller, Rows


async def stages(
    session: AsyncSession,
    asking: Caller,
    contact_ids: Sequence[UUID],
    told: Sequence[HeldLead],
    *,
    now: datetime,
) -> dict[UUID, Stage]:
    """How much of each of these contacts this person holds; who may read all contacts holds all.

    What a server may read was said when its key was made; the service that asks has seen to it.
    """
    reach = ONE_CONTACT.read.reach(asking)
    if Rows.ALL in reach or asking.kind == "server":
        return dict.fromkeys(contact_ids, Stage.IN_HAND)
    if Rows.OWN not in reach:
        return dict.fromkeys(contact_ids, Stage.NONE)
    known = await holds.holds_of(session, contact_ids)
    await _add(session, known, told, asking.subject)
    return {contact_id: stage_of(standing(rows, now), asking.subject) for contact_id, rows in known.items()}


async def _add(
    session: AsyncSession, known: dict[UUID, list[Hold]], told: Sequence[HeldLead], subject: str
) -> None:
    """What handoff has decided and marketing has not heard yet, of leads of these people and no others."""
    newer = [one for one in told if one.contact_id in known and _is_newer(one, known[one.contact_id])]
    owners = await queries.contacts_of_leads(session, [one.lead_id for one in newer]) if newer else {}
    for one in newer:
        if owners.get(one.lead_id) == one.contact_id:
            known[one.contact_id] = [
                *(row for row in known[one.contact_id] if row.source_id != one.lead_id),
                _hold(one, subject),
            ]


def _is_newer(told: HeldLead, known: Sequence[Hold]) -> bool:
    return all(row.version < told.version for row in known if row.source_id == told.lead_id)


def _hold(told: HeldLead, subject: str) -> Hold:
    return Hold(
        contact_id=told.contact_id,
        source_id=told.lead_id,
        kind="lead",
        version=told.version,
        lead_id=told.lead_id,
        cycle=told.cycle,
        rep_id=None,
        state=told.state,
        holder=Holder(subject, told.lead_id),
    )


def said_of(contact: Contact, company: Company | None, now: datetime) -> dict[str, Said]:
    """What is known of a person that a card may show, each with who stands for it."""
    standing = held(contact.corrected, now)

    def word(name: str) -> Word:
        return rules.word_on(name, contact.authenticated, contact.verified, standing)

    def own(name: str) -> Said:
        return getattr(contact, name), word(name)

    names = [name for name in ("given_name", "family_name") if getattr(contact, name)]
    first, other = _company_names(own("company_name"), word("company_id"), company, now)
    return {
        "name": (
            " ".join(getattr(contact, name) for name in names) or None,
            min((word(name) for name in names), default=Word.ANONYMOUS),
        ),
        **{name: own(name) for name in ("job_title", "email", "phone", "country")},
        "company": first,
        "company_otherwise": other if other[0] != first[0] else (None, Word.ANONYMOUS),
    }


def _company_names(own: Said, word: Word, company: Company | None, now: datetime) -> tuple[Said, Said]:
    """What the person's company is called, by the better source, and by the other one."""
    if company is None:
        return own, (None, Word.ANONYMOUS)
    of_domain = company.name, rules.word_on("name", company.authenticated, held=held(company.corrected, now))
    better = rules.best(own, of_domain)
    if better[0] is None:
        better = company.domain, word
    return better, own if better == of_domain else of_domain
