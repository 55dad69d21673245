"""Opening, editing and moving deals, each with its line in the history and its event."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps import queries as reps
from services.sales.reference.reps.tables import Rep
from services.sales.selling.access import DEALS
from services.sales.selling.deals import queries, rules
from services.sales.selling.deals.rules import RefusedError, StageFacts
from services.sales.selling.deals.schemas import DealChange, DealForm, StageMove
from services.sales.selling.deals.tables import Deal
from services.sales.selling.deals.trail import changing, record
from services.sales.selling.pipelines import queries as pipelines
from services.sales.selling.pipelines.tables import Pipeline
from services.sales.settings import reporting_currency
from shared import clock
from shared.auth.access import INACTIVE, Access, Caller, Role
from shared.database.sessions import database_time
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.sales import DealOpened, DealStageChanged
from shared.http.etags import check_version
from shared.http.schemas import Amount
from shared.messaging import outbox

MANAGERS = (Role.ADMIN, Role.SALES_MANAGER, Role.FINANCE)


@contextmanager
def refusals_are_conflicts() -> Iterator[None]:
    """What the rules refuse is a 409 for the caller."""
    try:
        yield
    except RefusedError as refusal:
        raise ConflictError(str(refusal)) from None


async def take(
    session: AsyncSession, caller: Caller, deal_id: UUID, access: Access, *, if_match: int | None = None
) -> Deal:
    """A deal to which the caller may do this, locked. Raises what `out_of_reach` says, StaleError."""
    deal = await queries.deal_within(session, access, caller, deal_id, lock=True)
    if deal is None:
        raise await out_of_reach(session, caller, deal_id, access)
    check_version(if_match, deal.revision)
    return deal


async def out_of_reach(
    session: AsyncSession, caller: Caller, deal_id: UUID, access: Access
) -> ForbiddenError | NotFoundError:
    """Why there is no such deal for this: they may only see it, or not even that."""
    if await queries.visible_deal(session, caller, deal_id) is not None:
        return access.beyond(caller)
    if await reps.is_inactive(session, caller):
        return ForbiddenError(INACTIVE)
    return NotFoundError(f"No deal {deal_id}.")


def moment(caller: Caller, given: datetime | None, access: Access, *, now: datetime) -> datetime:
    """When something happened: now, or what a manager says. Raises ForbiddenError, InvalidError."""
    if given is None:
        return now
    if not access.by(caller, *MANAGERS):
        raise ForbiddenError("Only managers, finance and admins enter the past; leave out occurred_at.")
    if given > now:
        raise InvalidError(
            "It can't have happened yet.",
            errors=[{"pointer": "/occurred_at", "detail": "Lies in the future."}],
        )
    return given


def check_people(wanted: Sequence[UUID], joinable: Collection[UUID]) -> None:
    """Raises InvalidError for who may not be put on the deal, and in the same words for nobody's ids."""
    strangers = [number for number, one in enumerate(wanted) if one not in joinable]
    if strangers:
        detail = (
            "Nobody you can put on this deal: not in your hands or your team's, nor free and of its company."
        )
        raise InvalidError(
            "Not all of these people can be on this deal.",
            errors=[{"pointer": f"/contact_ids/{number}", "detail": detail} for number in strangers],
        )


async def open_deal(session: AsyncSession, caller: Caller, form: DealForm, *, now: datetime) -> Deal:
    """Open a deal of one's own prospecting, before the pipeline like every other."""
    at = moment(caller, form.occurred_at, DEALS.change, now=now)
    rep = await _rep_for(session, caller, form.rep_id)
    pipeline = await _pipeline(session, form.pipeline_id)
    deal = Deal(
        id=clock.new_id(await database_time(session)),
        origin="prospecting",
        contact_ids=form.contact_ids,
        company_id=form.company_id,
        company_name=form.company_name,
        rep_id=rep.id,
        team_id=rep.team_id,
        sourced_by=rep.id,
        pipeline_id=pipeline.id,
        opened_at=at,
        title=form.title,
        tags=sorted(set(form.tags)),
        expected_close_on=form.expected_close_on,
        state=rules.OPEN,
        stage=pipeline.first_stage.key,
        stage_since=at,
        currency=form.amount.currency if form.amount else reporting_currency(),
        amount_minor=form.amount.minor if form.amount else 0,
        version=1,
        revision=1,
    )
    session.add(deal)
    await session.flush()
    await session.refresh(deal)
    event = DealOpened(
        version=deal.version,
        deal_id=deal.id,
        origin="prospecting",
        contact_ids=tuple(deal.contact_ids),
        company_id=deal.company_id,
        rep_id=deal.rep_id,
        team_id=deal.team_id,
        sourced_by=deal.sourced_by,
        pipeline_id=deal.pipeline_id,
        stage=deal.stage,
        amount_minor=deal.amount_minor,
        currency=deal.currency,
        opened_at=deal.opened_at,
    )
    await outbox.stage(session, [event])
    return deal


async def edit_deal(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    change: DealChange,
    *,
    if_match: int | None,
    now: datetime,
) -> Deal:
    """What it is called and tagged with, whenever; what an open one is expected to bring, and when."""
    deal = await take(session, caller, deal_id, DEALS.change, if_match=if_match)
    given = change.model_fields_set
    with changing(session, deal, by=caller.subject, at=now, why=change.why):
        if given & {"amount", "expected_close_on"}:
            with refusals_are_conflicts():
                deal.deal_state = rules.price(
                    deal.deal_state,
                    change.amount.minor if change.amount else deal.amount_minor,
                    change.amount.currency if change.amount else deal.currency,
                )
        if "gross" in given:
            deal.gross_minor = _gross(deal, change.gross)
        if "expected_close_on" in given:
            deal.close_pushes += rules.is_push(deal.expected_close_on, change.expected_close_on)
            deal.expected_close_on = change.expected_close_on
        if "title" in given:
            deal.title = change.title
        if "tags" in given:
            deal.tags = sorted(set(change.tags or ()))
    return deal


def _gross(deal: Deal, gross: Amount | None) -> int | None:
    if gross is None:
        return None
    if gross.currency != deal.currency or gross.minor < deal.amount_minor:
        detail = f"In {deal.currency}, and no less than the net amount of {deal.amount.amount}."
        raise InvalidError("That is no gross amount.", errors=[{"pointer": "/gross", "detail": detail}])
    return gross.minor


async def move_deal(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    form: StageMove,
    *,
    if_match: int | None,
    now: datetime,
) -> Deal:
    """Move a deal to another stage of its pipeline, forward or back."""
    deal = await take(session, caller, deal_id, DEALS.change, if_match=if_match)
    at = moment(caller, form.occurred_at, DEALS.change, now=now)
    found = await pipelines.stage_of(session, deal.pipeline_id, form.stage)
    if found is None:
        raise InvalidError(
            "The deal's pipeline has no such stage; GET /v1/pipelines lists them.",
            errors=[{"pointer": "/stage", "detail": "Not an active stage of the deal's pipeline."}],
        )
    stage, qualifies = found
    before = deal.deal_state
    with refusals_are_conflicts():
        facts = StageFacts(
            stage.key, stage.probability, counts_as_pipeline=stage.counts_as_pipeline, qualifies=qualifies
        )
        after = rules.move(before, facts, at=at)
    record(session, deal, after, fact="stage_changed", by=caller.subject, at=at, why=form.why)
    event = DealStageChanged(
        version=deal.version,
        deal_id=deal.id,
        lead_id=deal.lead_id,
        cycle=deal.cycle,
        from_stage=before.stage,
        to_stage=deal.stage,
        probability=stage.probability,
        counts_as_pipeline=stage.counts_as_pipeline,
        became_qualified=before.qualified_at is None and deal.qualified_at is not None,
        became_opportunity=before.opportunity_at is None and deal.opportunity_at is not None,
        amount_minor=after.net_minor,
        currency=deal.currency,
        changed_at=at,
    )
    await outbox.stage(session, [event])
    return deal


async def _rep_for(session: AsyncSession, caller: Caller, rep_id: UUID | None) -> Rep:
    if rep_id is None:
        rep = await reps.rep_of_subject(session, caller.subject)
    else:
        rep = await reps.rep_within(session, DEALS.change, caller, rep_id)
    if rep is None or not rep.active:
        detail = "Not an active rep you may open deals for." if rep_id else "You are no active rep: name one."
        raise InvalidError("The deal needs a rep.", errors=[{"pointer": "/rep_id", "detail": detail}])
    return rep


async def _pipeline(session: AsyncSession, pipeline_id: UUID | None) -> Pipeline:
    if pipeline_id is None:
        return await pipelines.default_pipeline(session)
    pipeline = await pipelines.pipeline_by_id(session, pipeline_id)
    if pipeline is None:
        raise InvalidError(
            "There is no such pipeline; GET /v1/pipelines lists them.",
            errors=[{"pointer": "/pipeline_id", "detail": "Not a pipeline."}],
        )
    return pipeline
