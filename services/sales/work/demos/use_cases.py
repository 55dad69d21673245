"""Keeping what was shown, asked and objected."""

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.lists import queries as lists
from services.sales.reference.lists.rules import refusal
from services.sales.reference.reps.queries import known_reps
from services.sales.work.activities import queries as activities
from services.sales.work.activities.tables import Activity
from services.sales.work.activities.use_cases import take
from services.sales.work.demos import queries
from services.sales.work.demos.rules import SHOWN, Booked, count
from services.sales.work.demos.schemas import DemoForm, DemoReport, ObjectionLine
from services.sales.work.demos.tables import Demo
from shared.auth.access import Caller
from shared.errors import ConflictError, FieldError, InvalidError, NotFoundError


async def show_sheet(session: AsyncSession, caller: Caller, activity_id: UUID) -> tuple[Demo, Activity]:
    """Raises NotFoundError."""
    activity = await activities.visible_activity(session, caller, activity_id)
    if activity is None:
        raise NotFoundError(f"No activity {activity_id}.")
    sheet = await queries.sheet_of(session, activity_id)
    if sheet is None:
        raise NotFoundError("Nothing is noted of this activity as a demo.")
    return sheet, activity


async def keep_sheet(
    session: AsyncSession,
    caller: Caller,
    activity_id: UUID,
    form: DemoForm,
    *,
    if_match: int | None,
    now: datetime,
) -> tuple[Demo, Activity]:
    """Replace the sheet. Raises what `take` does, ConflictError, InvalidError."""
    activity = await take(session, caller, activity_id, if_match=if_match)
    if activity.kind not in SHOWN:
        raise ConflictError(f"It is a {activity.kind}; only a demo or presentation has such a sheet.")
    await _insist(session, activity, form)
    sheet = await queries.sheet_of(session, activity_id)
    if sheet is None:
        sheet = Demo(activity_id=activity_id)
        session.add(sheet)
    for name, value in form.model_dump(mode="json", exclude={"presenter_id"}).items():
        setattr(sheet, name, value)
    sheet.presenter_id = form.presenter_id
    sheet.by, sheet.changed_at = caller.subject, now
    activity.revision += 1
    await session.flush()
    return sheet, activity


async def report_demos(session: AsyncSession, caller: Caller, start: date, end: date) -> DemoReport:
    """How many were booked, held and missed from `start` on and before `end`, and what spoke against it."""
    wanted = queries.demos(caller, start, end)
    counted = count(
        Booked(one.due_at, one.done_at, one.outcome, one.cancelled_at is not None, one.moves)
        for one in (await session.scalars(wanted)).all()
    )
    return DemoReport(
        start=start,
        end=end,
        **asdict(counted),
        show_rate=counted.show_rate,
        objections=[
            ObjectionLine(category=category, number=number, resolved=resolved)
            for category, number, resolved in await queries.objections(session, wanted)
        ],
    )


async def _insist(session: AsyncSession, activity: Activity, form: DemoForm) -> None:
    """Attendees are people on the deal, the presenter is a rep, and objections are of the list."""
    on_it = {activity.contact_id, *(activity.deal.contact_ids if activity.deal else ())}
    faults = [
        _fault(f"/attendees/{place}/contact_id", "Nobody on this deal.")
        for place, one in enumerate(form.attendees)
        if one.contact_id not in on_it
    ]
    if form.presenter_id is not None and not await known_reps(session, [form.presenter_id]):
        faults.append(_fault("/presenter_id", "Not a rep."))
    kinds = await lists.choices(session, "objections") if form.objections else {}
    for place, objection in enumerate(form.objections):
        refused = refusal(kinds, objection.category, has_note=bool(objection.text))
        if refused is not None:
            field, why = refused
            faults.append(_fault(f"/objections/{place}/{'category' if field == 'key' else 'text'}", why))
    if faults:
        raise InvalidError("The sheet names what is not there.", errors=faults)


def _fault(pointer: str, detail: str) -> FieldError:
    return {"pointer": pointer, "detail": detail}
