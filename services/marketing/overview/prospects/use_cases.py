"""Finding and making prospects: who is at it already, and taking in hand who is free."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.overview.access import PROSPECTS
from services.marketing.overview.prospects import queries, rules
from services.marketing.overview.prospects.schemas import (
    ProspectCompany,
    ProspectForm,
    ProspectSearch,
    ProspectsView,
    ProspectView,
)
from services.marketing.people.contacts import normalize
from services.marketing.people.contacts.use_cases import identify
from services.marketing.people.corrections import rules as corrections
from services.marketing.people.holds import queries as holds
from services.marketing.people.holds import use_cases as holding
from services.marketing.people.holds.rules import Whose, whose
from shared.auth.access import Caller, Rows
from shared.errors import ConflictError, InvalidError
from shared.http.audit import trail

NOBODYS = "Name an active rep of yours in `rep_id`."


async def search(
    session: AsyncSession, caller: Caller, wanted: ProspectSearch, *, now: datetime
) -> ProspectsView:
    """Raises InvalidError for what can be nobody's address, number or domain."""
    if wanted.domain is not None:
        domain = normalize.company_domain(wanted.domain)
        found = await queries.company(session, _usable(domain, "/domain", corrections.DOMAIN))
        return ProspectsView(items=[], company=ProspectCompany(**found) if found else None)
    ids = await _ids(session, wanted)
    return ProspectsView(items=await _seen(session, caller, ids, PROSPECTS.read.reach(caller), now=now))


async def _ids(session: AsyncSession, wanted: ProspectSearch) -> Sequence[UUID]:
    if wanted.external_id is not None:
        return await queries.by_external_id(session, wanted.external_id)
    if wanted.email is not None:
        email = normalize.email(wanted.email)
        return await queries.by_key(session, "email", _usable(email, "/email", corrections.EMAIL))
    country = normalize.country(wanted.country) if wanted.country else None
    phone = normalize.phone(wanted.phone or "", country)
    return await queries.by_key(session, "phone", _usable(phone, "/phone", corrections.PHONE))


def _usable(value: str | None, pointer: str, why: str) -> str:
    if value is None:
        raise InvalidError("Nobody can have that.", errors=[{"pointer": pointer, "detail": why}])
    return value


async def add(
    session: AsyncSession, caller: Caller, form: ProspectForm, *, now: datetime
) -> tuple[bool, ProspectView]:
    """Whether the person was made, and the person, in the rep's hands.

    Raises InvalidError; ConflictError when somebody else is at it, and then nothing of the form is kept.
    """
    reach = PROSPECTS.change.reach(caller)
    rep_id = await queries.rep(session, caller.subject, form.rep_id, of_all=Rows.ALL in reach)
    if rep_id is None and (form.rep_id is not None or Rows.ALL not in reach):
        raise InvalidError(NOBODYS, errors=[{"pointer": "/rep_id", "detail": NOBODYS}])
    person, faults = rules.person_of(form.model_dump(exclude={"rep_id"}))
    if faults:
        raise InvalidError("Correct the fields named in `errors`.", errors=faults)
    [known] = await identify(session, [person], now=now)
    if not known.created:
        [seen] = await _seen(session, caller, [known.contact_id], reach, now=now)
        _insist_on_ours(seen)
    until = await holding.claim(session, known.contact_id, rep_id, now=now) if rep_id else None
    told = sorted(name for name, value in form.model_dump(exclude={"rep_id"}).items() if value is not None)
    trail.changed(session, "contacts", known.contact_id, told, did="created" if known.created else "changed")
    [shown] = await queries.people(session, [known.contact_id])
    return known.created, ProspectView(
        status="yours" if rep_id else "free",
        contact_id=known.contact_id,
        name=shown["name"],
        company_id=shown["company_id"],
        company=shown["company"],
        held_until=until,
    )


def _insist_on_ours(seen: ProspectView) -> None:
    if seen.status == "held":
        whom = seen.held_by or "another rep"
        raise ConflictError(f"{whom} has this person in hand. Talk to them, or to their manager.")
    if seen.status == "routed":
        raise ConflictError(
            "Their lead is being offered to a rep now. Answer the offer, if it is yours; else leave them to "
            "who gets it."
        )


async def _seen(
    session: AsyncSession, caller: Caller, ids: Collection[UUID], reach: Rows, *, now: datetime
) -> list[ProspectView]:
    known = await holds.holds_of(session, ids)
    routed = await queries.routed(session, ids)
    found: list[ProspectView] = []
    for row in await queries.people(session, ids):
        status, holder = whose(known[row["id"]], reach, caller.subject, now)
        if status is Whose.FREE and row["id"] in routed:
            status = Whose.ROUTED
        if status in (Whose.HELD, Whose.ROUTED):
            found.append(ProspectView(status=status.value, held_by=holder and holder.display_name))
        else:
            found.append(
                ProspectView(
                    status=status.value,
                    contact_id=row["id"],
                    name=row["name"],
                    company_id=row["company_id"],
                    company=row["company"],
                )
            )
    return found
