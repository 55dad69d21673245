"""Correcting a contact or a company: who may, what it says from now on, and what it said before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.access import ONE_CONTACT
from services.marketing.people.contacts import matching, writes
from services.marketing.people.contacts import queries as contacts
from services.marketing.people.contacts.corrections import without
from services.marketing.people.contacts.matching import Directory, Key
from services.marketing.people.contacts.rules import COMPANY_FIELDS, Kind
from services.marketing.people.contacts.writes import HistoryRow
from services.marketing.people.corrections import queries, rules
from services.marketing.people.corrections.schemas import CompanyCorrection, ContactCorrection
from services.marketing.people.holds import use_cases as holds
from shared import clock
from shared.auth.access import Caller, Rows
from shared.database.sessions import Driver, driver
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.http.audit import trail
from shared.http.etags import check_version

NOBODY = "There is no contact with this id."
NO_COMPANY = "There is no company with this id."
KINDS: tuple[Kind, ...] = ("email", "phone")


async def check_seen(session: AsyncSession, caller: Caller, contact_id: UUID, *, now: datetime) -> None:
    """Raises NotFoundError for a contact that is none of the caller's to see."""
    reach = ONE_CONTACT.read.reach(caller)
    if Rows.ALL not in reach and not reach & await holds.reach(session, caller.subject, contact_id, now=now):
        raise NotFoundError(NOBODY)


async def _check_may(
    session: AsyncSession, caller: Caller, contact_id: UUID, fields: set[str], *, now: datetime
) -> None:
    """Raises NotFoundError, or ForbiddenError for who may see the contact or correct some of its fields."""
    reach = ONE_CONTACT.change.reach(caller)
    if Rows.ALL in reach:
        return
    mine = reach & await holds.reach(session, caller.subject, contact_id, now=now)
    if Rows.MANAGED in mine:
        return
    if not mine:
        await check_seen(session, caller, contact_id, now=now)
        raise ONE_CONTACT.change.beyond(caller)
    if beyond := rules.beyond_a_rep(fields):
        own = ", ".join(sorted(rules.OF_A_REP))
        raise ForbiddenError(f"A rep corrects {own}. Ask marketing to correct {', '.join(beyond)}.")


async def correct_contact(
    session: AsyncSession,
    caller: Caller,
    contact_id: UUID,
    correction: ContactCorrection,
    *,
    if_match: int | None,
    now: datetime,
) -> None:
    """Raises NotFoundError, ForbiddenError, StaleError, InvalidError; ConflictError for another's address.

    The locks are taken as the intake does it: the keys, then people. So one of two that are about the same
    person waits for the other, and sees what it did.
    """
    connection = await driver(session)
    seen = await queries.contact(connection, contact_id)
    if seen is None:
        raise NotFoundError(NOBODY)
    given = correction.given
    await _check_may(session, caller, contact_id, set(given), now=now)
    check_version(if_match, seen["version"])
    values, faults = rules.contact_values(given, country=seen["country"])
    if faults:
        raise InvalidError("Correct the fields named in `errors`.", errors=faults)
    keys, dropped = _keys(values, seen)
    directory = await contacts.lock_directory(connection, [*keys, *dropped], now)
    row = await queries.lock_contact(connection, contact_id)
    if row is None:
        raise NotFoundError(NOBODY)
    check_version(if_match, row["version"])
    if _keys(values, row) != (keys, dropped):  # without If-Match; its keys are other ones by now
        raise ConflictError("It was changed at the same moment. Send it again.")
    directory.contacts |= await contacts.lock_contacts(connection, [contact_id], now)
    for key in keys:
        _take(directory, key, contact_id, shows=Rows.ALL in ONE_CONTACT.read.reach(caller))
    contact = directory.contacts[contact_id]
    directory.contacts[contact_id] = replace(
        contact,
        fields={**contact.fields, **values},
        verified=frozenset(without(contact.verified, values)),
        authenticated=frozenset(without(contact.authenticated, values)),
        changed=True,
    )
    await writes.save_directory(connection, directory, now)
    for key in dropped:
        await writes.let_go(connection, key, contact_id)
    await connection.execute(writes.MARK_CONTACT, contact_id, _marks(values, now))
    trail.changed(session, "contacts", contact_id, values)
    history = _history(values, dict(row), caller.subject, now)
    await writes.NOTE_CONTACTS(connection, [replace(one, contact_id=contact_id) for one in history])


def _keys(values: Mapping[str, Any], row: asyncpg.Record) -> tuple[list[Key], list[Key]]:
    """The address and number that are to lead here from now on, and those that are not theirs at all.

    What is replaced goes on leading here: people have several addresses.
    """
    kinds = [kind for kind in KINDS if kind in values]
    new = [Key(kind, values[kind]) for kind in kinds if values[kind] is not None]
    gone = [Key(kind, row[kind]) for kind in kinds if values[kind] is None and row[kind] is not None]
    return new, gone


def _take(directory: Directory, key: Key, contact_id: UUID, *, shows: bool) -> None:
    """Let a key lead to this contact. Raises ConflictError for a personal address that leads to another."""
    holders = directory.holders(key)
    owner = holders[0] if holders else None
    if owner is None:
        directory.owners[key] = directory.claimed[key] = contact_id
    elif all(holder.id != contact_id for holder in holders):
        if key.kind == "email" and not matching.is_weak(key, directory.shared):
            whom = f"contact {owner.id}" if shows else "another contact"
            raise ConflictError(
                f"This address leads to {whom}. If it is not theirs, it has to be cleared there first (PATCH "
                'with "email": null); if both are one person, leave it as it is.'
                + ("" if shows else " Ask marketing to do it.")
            )
        directory.join(key, contact_id)
        directory.share(key)
    directory.attest(key, contact_id)


async def correct_company(
    session: AsyncSession,
    caller: Caller,
    company_id: UUID,
    correction: CompanyCorrection,
    *,
    if_match: int | None,
    now: datetime,
) -> None:
    """Raises NotFoundError, StaleError, InvalidError, and ConflictError for the domain of another company."""
    connection = await driver(session)
    row = await queries.lock_company(connection, company_id)
    if row is None:
        raise NotFoundError(NO_COMPANY)
    check_version(if_match, row["version"])
    values, faults = rules.company_values(correction.given)
    if faults:
        raise InvalidError("Correct the fields named in `errors`.", errors=faults)
    known = {name: row[name] for name in ("domain", *COMPANY_FIELDS)}
    new = {**known, **values}
    if new["domain"] != row["domain"]:
        await _move_domain(connection, company_id, row["domain"], new["domain"])
    await connection.execute(
        writes.CORRECT_COMPANY,
        company_id,
        *new.values(),
        without(row["authenticated"], values),
        _marks(values, now),
        now,
    )
    trail.changed(session, "companies", company_id, values)
    history = _history(values, dict(row), caller.subject, now)
    await writes.NOTE_COMPANIES(connection, [replace(one, company_id=company_id) for one in history])


async def _move_domain(connection: Driver, company_id: UUID, before: str, after: str) -> None:
    """Whoever comes with the former domain goes on being of the company."""
    others = [one for one in await queries.companies_of(connection, after) if one != company_id]
    if others:
        raise ConflictError(f"This domain is, or was, that of company {others[0]}. Correct that one first.")
    await connection.execute(writes.NO_FORMER_DOMAIN, after, company_id)
    await connection.execute(writes.FORMER_DOMAIN, before, company_id)


def _marks(values: Mapping[str, Any], now: datetime) -> str:
    return orjson.dumps(dict.fromkeys(values, now.isoformat())).decode()


def _history(
    values: Mapping[str, Any], before: Mapping[str, Any], by: str, now: datetime
) -> list[HistoryRow]:
    """One line a field, also where it was right before: from now on somebody stands for it."""
    return [
        HistoryRow(
            clock.new_id(now), "corrected", name, _text(before[name]), _text(values[name]), by[:200], now
        )
        for name in sorted(values)
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
