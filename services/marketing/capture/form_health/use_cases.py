"""How forms do, put together for people."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.connectors import field_mapping, registry
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_form
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.form_health import queries, rules
from services.marketing.capture.form_health.schemas import (
    FormActivity,
    FormCounts,
    FormDay,
    FormField,
    RefusedOrigin,
)
from services.marketing.capture.sources import queries as sources
from services.marketing.capture.sources.rules import FormSettings, nearly
from services.marketing.capture.sources.tables import Form
from shared.database.sessions import driver
from shared.errors import ProblemError

POSTS_READ = 200
MOST_FIELDS = 200
# Of one form: when its last post and its last test came, and what became of those of 30 days.
Overview = tuple[datetime | None, datetime | None, FormCounts]


async def overviews(session: AsyncSession, form_ids: Collection[UUID]) -> Mapping[UUID, Overview]:
    """In short, for each of these forms."""
    connection = await driver(session)
    latest = await queries.latest(connection, form_ids, most=1)
    counts = await queries.counts(connection, form_ids)
    return {
        form_id: (latest[form_id].last, latest[form_id].tested, FormCounts(**counts.get(form_id, {})))
        for form_id in form_ids
    }


async def activity(session: AsyncSession, form: Form) -> FormActivity:
    """In detail, with what its latest posts' fields were taken for."""
    connection = await driver(session)
    last, tested, counts = (await overviews(session, [form.id]))[form.id]
    days = await queries.days(connection, form.id)
    refused = await queries.refused_origins(connection, form.id)
    posts = await queries.latest_posts(connection, form.id, POSTS_READ)
    settings = (await sources.settings_by_id(connection, [form.id]))[form.id]
    fields = fields_of(posts, settings) if isinstance(settings, FormSettings) else []
    return FormActivity(
        form_id=form.id,
        state=form.state,
        state_reason=form.state_reason,
        state_since=form.state_since,
        last_submission_at=last,
        last_test_at=tested,
        last_30_days=counts,
        days=[FormDay(day=day, **states) for day, states in days.items()],
        refused_origins=[
            RefusedOrigin(origin=origin, count=count, last_at=at, hint=_hint(origin, form.origins))
            for origin, count, at in refused
        ],
        posts_read=len(posts),
        fields=fields,
        fields_not_understood=[field.name for field in fields if field.understood_as is None],
    )


def fields_of(posts: Sequence[Raw], form: FormSettings) -> list[FormField]:
    """The names of the fields in these posts, the latest first; never what was in them."""
    counted: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    taken: dict[str, str | None] = {}
    for post in posts:
        for name, target in _targets(post, form).items():
            counted[name] += 1
            last.setdefault(name, post.received_at)
            taken[name] = taken.get(name) or target
    return [
        FormField(name=name, understood_as=taken[name], count=count, last_at=last[name])
        for name, count in counted.most_common(MOST_FIELDS)
    ]


def _targets(post: Raw, form: FormSettings) -> dict[str, str | None]:
    """By the name of each field of a post, what it was taken for."""
    try:
        known = field_mapping.named_fields(parse_form(post.body, post.content_type), form.mapping)
        lead = next(iter(registry.read(post, form)), CapturedLead())
    except (ProblemError, NoticeError, UnreadableError):
        return {}
    if form.honeypot_field in known:
        known[form.honeypot_field] = "honeypot"
    return {
        name: rules.understood(name, target, lead.answers)
        for name, target in known.items()
        if not name.startswith("_")  # what form builders and our own script say to the door
    }


def _hint(origin: str, allowed: Collection[str]) -> str | None:
    near = nearly(origin, allowed)
    if near is None:
        return None
    return f"The form's origins have {near}; add this one, too, if the page is yours."
