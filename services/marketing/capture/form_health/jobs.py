"""Looks each minute at how every open form does, and notes it on the form, where lists read it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from prometheus_client import Gauge

from services.marketing.capture.form_health import queries, rules
from services.marketing.capture.form_health.queries import Latest
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.sources.rates import FormHour, FormRate
from services.marketing.capture.sources.rules import FormState
from services.marketing.capture.sources.writes import NOTE_HOURS, NOTE_RATES, NOTE_STATES, forget_hours
from shared import clock
from shared.database.sessions import Driver, Sessions, driver
from shared.observability import telemetry

# Doors make ids by their own clocks, which may be off by a little.
SLACK = timedelta(hours=1)
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtext('marketing.form_health'))"
forms_by_state = Gauge(
    "leadloop_form_state", "Open forms, by how they do.", ["state"], registry=telemetry.registry
)


async def look_at_forms(sessions: Sessions) -> int:
    """Note how each open form does. How many changed; none while another worker is at it."""
    async with sessions.begin() as session:
        connection = await driver(session)
        if not await connection.fetchval(ONE_AT_A_TIME):
            return 0
        known = await sources.open_forms(connection)
        now_so = await _states(connection, known)
        changed = [new for old, new in zip(known, now_so, strict=True) if old != new]
        if changed:
            await NOTE_STATES(connection, changed)
        await _note_rates(connection, [form.id for form in known])
    found = Counter(form.state for form in now_so)
    for name in ("ok", "silent", "rejecting"):
        forms_by_state.labels(name).set(found[name])
    return len(changed)


async def _note_rates(connection: Driver, ids: Sequence[UUID]) -> None:
    """Count the hours that go on, and note what is usual at each form, where its doors read it."""
    found = await queries.hours(connection, ids)
    counted = [FormHour(id_, hour, arrivals) for (id_, hour), arrivals in found.arrivals.items()]
    await NOTE_HOURS(connection, counted)
    await forget_hours(connection, ids, before=found.now)
    busiest = await sources.busiest_hours(connection, ids, before=found.now)
    rates = [
        FormRate(id_, busiest.get(id_, 0), found.now, found.came.get((id_, found.now), 0)) for id_ in ids
    ]
    await NOTE_RATES(connection, rates)


async def _states(connection: Driver, known: list[FormState]) -> list[FormState]:
    ids = [form.id for form in known]
    latest = await queries.latest(connection, ids)
    days = await queries.of_a_day(connection, ids)
    states: list[FormState] = []
    for form in known:
        came = latest[form.id]
        silent = await _is_silent(connection, form, came)
        state = rules.state_of(days.get(form.id, rules.Day()), silent=silent, last=came.last)
        same = state.name == form.state
        since = form.state_since if same else came.now
        # A reason has figures in it that go on changing: those of when it began stay.
        reason = form.state_reason if same else state.reason
        states.append(FormState(form.id, state.name, reason, since))
    return states


async def _is_silent(connection: Driver, form: FormState, came: Latest) -> bool:
    """Silence ends with a post, and not by the days in which there was none."""
    if came.last is None:
        return False
    if form.state == "silent" and form.state_since is not None and came.last < form.state_since:
        return True
    if not rules.may_be_silent(came.times, now=came.now):
        return False
    since = came.now - rules.WINDOW
    times = await queries.arrivals(connection, form.id, first=clock.new_id(since - SLACK), since=since)
    return rules.is_silent(times, now=came.now)
