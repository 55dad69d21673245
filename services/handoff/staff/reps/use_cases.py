"""Who can be offered leads. Every change of a rep is told to the others as RepChanged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.settings import Settings
from services.handoff.staff.access import REPS, TEAMS
from services.handoff.staff.reps import queries
from services.handoff.staff.reps.schemas import RepEdit, RepForm, TeamEdit, TeamForm
from services.handoff.staff.reps.tables import Load, Rep, Team
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.handoff import RepChanged
from shared.http.audit import trail
from shared.http.etags import check_version
from shared.messaging import outbox


async def add_team(session: AsyncSession, form: TeamForm, settings: Settings) -> Team:
    values = {
        "answer_seconds_hot": settings.offer_hot_seconds,
        "answer_seconds_warm": settings.offer_warm_seconds,
        **form.model_dump(exclude_none=True),
    }
    id_ = clock.new_id(await database_time(session))
    statement = insert(Team).values(id=id_, **values).on_conflict_do_nothing().returning(Team)
    team = (await session.scalars(statement)).one_or_none()
    if team is None:
        raise ConflictError(f"There is a team named {form.name!r} already.")
    manager = {"manager_subject": (None, team.manager_subject)}
    trail.changed(session, "teams", team.id, ["name"], values=manager, did="created")
    return team


async def change_team(
    session: AsyncSession, team_id: UUID, edit: TeamEdit, caller: Caller, *, seen: int | None, now: datetime
) -> Team:
    team = await queries.team_for_edit(session, team_id, TEAMS.change, caller)
    if team is None:
        if await queries.sees_team(session, team_id, caller):
            raise TEAMS.change.beyond(caller)
        raise NotFoundError(f"No team {team_id}.")
    check_version(seen, team.version)
    changes = _changes(team, edit.model_dump(exclude_unset=True))
    if "name" in changes and await queries.team_by_name(session, changes["name"]):
        raise ConflictError(f"There is a team named {changes['name']!r} already.")
    if changes:
        _apply(team, changes)
    if {"name", "manager_subject"} & changes.keys():
        members = await queries.reps_of_team(session, team_id)
        for rep in members:
            rep.version += 1
        await _announce(session, members, team, now=now)
    return team


async def add_rep(session: AsyncSession, form: RepForm, caller: Caller, *, now: datetime) -> Rep:
    team = await _own_team(session, form.team_id, caller)
    id_ = clock.new_id(await database_time(session))
    statement = insert(Rep).values(id=id_, **form.model_dump())
    rep = (await session.scalars(statement.on_conflict_do_nothing().returning(Rep))).one_or_none()
    if rep is None:
        raise ConflictError("There is a rep with this subject already. Change that one.")
    told = {"subject": (None, rep.subject), "team_id": (None, rep.team_id)}
    trail.changed(session, "reps", rep.id, ["display_name"], values=told, did="created")
    session.add(Load(rep_id=rep.id, open_leads=0))
    await _announce(session, [rep], team, now=now)
    return rep


async def change_rep(
    session: AsyncSession, rep_id: UUID, edit: RepEdit, caller: Caller, *, seen: int | None, now: datetime
) -> Rep:
    rep = await queries.rep_for_edit(session, rep_id, REPS.change, caller)
    if rep is None:
        if await queries.sees_rep(session, rep_id, caller):
            raise REPS.change.beyond(caller)
        raise NotFoundError(f"No rep {rep_id}.")
    check_version(seen, rep.version)
    changes = _changes(rep, edit.model_dump(exclude_unset=True))
    if changes:
        team = await _own_team(session, changes.get("team_id", rep.team_id), caller)
        _apply(rep, changes)
        await _announce(session, [rep], team, now=now)
    return rep


async def _own_team(session: AsyncSession, team_id: UUID, caller: Caller) -> Team:
    """The team, locked so that its name can't change behind the fact we publish about its rep."""
    team = await queries.team_for_edit(session, team_id, REPS.change, caller)
    if team is None:
        raise InvalidError(
            "This team can't take the rep.",
            errors=[{"pointer": "/team_id", "detail": "No such team of yours."}],
        )
    return team


def _changes(row: Team | Rep, wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def _apply(row: Team | Rep, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1


async def _announce(session: AsyncSession, reps: Sequence[Rep], team: Team, *, now: datetime) -> None:
    await session.flush()
    await outbox.stage(session, [_changed(rep, team, now) for rep in reps])


def _changed(rep: Rep, team: Team, now: datetime) -> RepChanged:
    return RepChanged(
        version=rep.version,
        rep_id=rep.id,
        subject=rep.subject,
        display_name=rep.display_name,
        team_id=team.id,
        team_name=team.name,
        manager_subject=team.manager_subject,
        active=rep.active,
        changed_at=now,
    )


async def tell_reps(session: AsyncSession, keys: Sequence[str]) -> list[RepChanged]:
    """These reps as they are now, for who has to hear of them again. Nothing is staged."""
    now = await database_time(session)
    found = select(Rep, Team).join(Team, Team.id == Rep.team_id).where(Rep.id.in_(map(UUID, keys)))
    return [_changed(rep, team, now) for rep, team in (await session.execute(found)).all()]
