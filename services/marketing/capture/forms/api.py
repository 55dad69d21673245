"""`/v1/forms`: the web forms, how each does, and what to paste into a page."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.access import SOURCES
from services.marketing.capture.embed.rules import snippet
from services.marketing.capture.embed.use_cases import shown
from services.marketing.capture.form_health import use_cases as form_health
from services.marketing.capture.form_health.schemas import StateName
from services.marketing.capture.forms.schemas import FormChange, FormView, NewForm
from services.marketing.capture.sources import queries, use_cases
from services.marketing.capture.sources.tables import Form
from services.marketing.settings import Settings
from shared import clock
from shared.auth.access import Caller
from shared.errors import InvalidError, NotFoundError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

forms = router("/v1/forms", tags=["forms"])
Readers = Annotated[Caller, Depends(SOURCES.read)]
Writers = Annotated[Caller, Depends(SOURCES.change)]
NEWEST_FORMS = Order(Form.created_at, Form.id, descending=True)


def _check_challenge(form: Form, request: Request) -> None:
    """Raises InvalidError for a challenge that nobody could pass, or that could not be checked."""
    settings: Settings = request.app.state.settings
    known = settings.secrets_of_challenges()
    if form.challenge is not None and form.challenge not in known:
        there = ", ".join(sorted(known)) or "none"
        detail = f"CHALLENGE_SECRETS has no secret of it. It has: {there}."
        raise InvalidError(detail, errors=[{"pointer": "/challenge", "detail": detail}])
    if (form.challenge is None) != (form.challenge_site_key is None):
        detail = "A challenge and the site key of its widget go together: send both, or null for both."
        raise InvalidError(detail, errors=[{"pointer": "/challenge_site_key", "detail": detail}])


async def _show(session: AsyncSession, rows: Sequence[Form], request: Request) -> dict[UUID, FormView]:
    settings: Settings = request.app.state.settings
    overviews = await form_health.overviews(session, [form.id for form in rows])
    views: dict[UUID, FormView] = {}
    for form in rows:
        view = views[form.id] = FormView.model_validate(form)
        view.snippet = snippet(shown(form), settings.public_address)
        view.page_url = f"{settings.public_address}/v1/forms/{form.key}/page"
        view.last_submission_at, view.last_test_at, view.last_30_days = overviews[form.id]
    return views


async def _show_one(session: AsyncSession, form: Form, request: Request, response: Response) -> FormView:
    response.headers["ETag"] = etag(form.version)
    return (await _show(session, [form], request))[form.id]


@forms.get("")
async def list_forms(
    session: Transaction,
    paging: Paging,
    request: Request,
    _: Readers,
    state: Annotated[StateName | None, Query(description="Only open forms that do so.")] = None,
) -> Page[FormView]:
    """The web forms, newest first, with how each does."""
    rows = (await session.scalars(NEWEST_FORMS.page(queries.forms(state), paging))).all()
    views = await _show(session, rows, request)
    return NEWEST_FORMS.show(rows, paging, lambda form: views[form.id])


@forms.post("", status_code=201)
async def add_form(
    form: NewForm,
    session: Transaction,
    request: Request,
    response: Response,
    background: BackgroundTasks,
    _: Writers,
) -> FormView:
    """Make a web form. Its `pk_` key may stand in a page's source: it can only write submissions."""
    row = await use_cases.add_form(session, form.columns(), now=clock.now())
    _check_challenge(row, request)
    request.app.state.known_sources.forget_after(background, row.key)
    return await _show_one(session, row, request, response)


@forms.get("/{form_id}")
async def show_form(
    form_id: UUID, session: Transaction, request: Request, response: Response, _: Readers
) -> FormView:
    """One form, how it does, and HTML to paste into a page."""
    form = await queries.form_by_id(session, form_id)
    if form is None:
        raise NotFoundError("There is no form with this id.")
    return await _show_one(session, form, request, response)


@forms.patch("/{form_id}")
async def change_form(
    form_id: UUID,
    change: FormChange,
    session: Transaction,
    request: Request,
    response: Response,
    seen: IfMatchDemanded,
    background: BackgroundTasks,
    _: Writers,
) -> FormView:
    """Change a form. Doors of other processes go by its old settings for moments."""
    values = change.model_dump(exclude_unset=True)
    form = await use_cases.change_form(session, form_id, values, seen, now=clock.now())
    _check_challenge(form, request)
    request.app.state.known_sources.forget_after(background, form.key)
    return await _show_one(session, form, request, response)
