"""Teams and reps over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.handoff.staff.access import NEW_TEAMS, REPS, TEAMS
from services.handoff.staff.reps import queries, use_cases
from services.handoff.staff.reps.schemas import RepEdit, RepForm, RepView, TeamEdit, TeamForm, TeamView
from services.handoff.staff.reps.tables import Load, Rep, Team
from shared import clock
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Caller, Transaction, router

teams = router("/v1/teams", tags=["teams"])
reps = router("/v1/reps", tags=["reps"])

Admin = Annotated[Caller, Depends(NEW_TEAMS.change)]
Lead = Annotated[Caller, Depends(TEAMS.change)]
Reader = Annotated[Caller, Depends(TEAMS.read)]
RepLead = Annotated[Caller, Depends(REPS.change)]
RepReader = Annotated[Caller, Depends(REPS.read)]


@teams.get("")
async def list_teams(session: Transaction, caller: Reader, paging: Paging) -> Page[TeamView]:
    """Teams the caller may see."""
    order = Order(Team.id)
    rows = (await session.scalars(order.page(queries.teams(caller), paging))).all()
    return order.show(rows, paging, TeamView.model_validate)


@teams.get("/{team_id}", response_model=TeamView)
async def show_team(team_id: UUID, session: Transaction, caller: Reader, response: Response) -> Team:
    """One team."""
    team = (await session.scalars(queries.teams(caller).where(Team.id == team_id))).one_or_none()
    if team is None:
        raise NotFoundError(f"No team {team_id}.")
    response.headers["ETag"] = etag(team.version)
    return team


@teams.post("", status_code=201, response_model=TeamView)
async def add_team(
    form: TeamForm, session: Transaction, caller: Admin, request: Request, response: Response
) -> Team:
    """Add a team. Name it in a routing rule, and it gets leads."""
    team = await use_cases.add_team(session, form, request.app.state.settings)
    response.headers["ETag"] = etag(team.version)
    return team


@teams.patch("/{team_id}", response_model=TeamView)
async def change_team(
    team_id: UUID,
    edit: TeamEdit,
    seen: IfMatchDemanded,
    session: Transaction,
    caller: Lead,
    response: Response,
) -> Team:
    """Change a team; a new answer time holds for the offers made from now on."""
    team = await use_cases.change_team(session, team_id, edit, caller, seen=seen, now=clock.now())
    response.headers["ETag"] = etag(team.version)
    return team


@reps.get("")
async def list_reps(
    session: Transaction,
    caller: RepReader,
    paging: Paging,
    team_id: UUID | None = None,
    active: Annotated[bool | None, Query(description="Only these.")] = None,
) -> Page[RepView]:
    """Reps the caller may see, with how many leads they have open."""
    found = queries.reps(caller)
    if team_id is not None:
        found = found.where(Rep.team_id == team_id)
    if active is not None:
        found = found.where(Rep.active == active)
    order = Order(Rep.id)
    rows = (await session.execute(order.page(found, paging))).all()
    return order.show(rows, paging, lambda row: _view(row[0], row[1]), key=lambda row: (row[0].id,))


@reps.get("/{rep_id}")
async def show_rep(rep_id: UUID, session: Transaction, caller: RepReader, response: Response) -> RepView:
    """One rep."""
    row = (await session.execute(queries.reps(caller).where(Rep.id == rep_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"No rep {rep_id}.")
    response.headers["ETag"] = etag(row[0].version)
    return _view(row[0], row[1])


@reps.post("", status_code=201)
async def add_rep(form: RepForm, session: Transaction, caller: RepLead, response: Response) -> RepView:
    """Add a rep. They start at their team's level: neither flooded nor starved."""
    rep = await use_cases.add_rep(session, form, caller, now=clock.now())
    response.headers["ETag"] = etag(rep.version)
    return _view(rep, 0)


@reps.patch("/{rep_id}")
async def change_rep(
    rep_id: UUID,
    edit: RepEdit,
    seen: IfMatchDemanded,
    session: Transaction,
    caller: RepLead,
    response: Response,
) -> RepView:
    """Change a rep. An inactive one gets no offers, and can neither see nor do anything."""
    rep = await use_cases.change_rep(session, rep_id, edit, caller, seen=seen, now=clock.now())
    load = await session.get(Load, rep.id)
    response.headers["ETag"] = etag(rep.version)
    return _view(rep, load.open_leads if load else 0)


def _view(rep: Rep, open_leads: int) -> RepView:
    names = RepView.model_fields.keys() - {"open_leads"}
    return RepView(**{name: getattr(rep, name) for name in names}, open_leads=open_leads)
