"""`/v1/activities/{id}.ics`, `/v1/calendar-feeds`, and the feeds themselves at `/v1/calendar/{token}.ics`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from services.sales.work.access import ACTIVITIES, FEEDS
from services.sales.work.calendars import queries, use_cases
from services.sales.work.calendars.rules import MEDIA_TYPE
from services.sales.work.calendars.schemas import FeedForm, FeedView, NewFeedView
from shared.auth.access import Caller, public
from shared.errors import NotFoundError, TooManyRequestsError
from shared.http.client_address import client_address
from shared.http.query_names import any_query
from shared.http.service import Transaction, router
from shared.rate_limits import RateLimit

ICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}, "example": "BEGIN:VCALENDAR…"}}},
}
OPEN = public("Calendars fetch it; a token of its own is in the path, and it names no person.")
feeds = router("/v1/calendar-feeds", tags=["calendar"])
calendar = router("/v1/calendar", tags=["calendar"])
files = router("/v1/activities", tags=["calendar"])
Readers = Annotated[Caller, Depends(ACTIVITIES.read)]
Owners = Annotated[Caller, Depends(FEEDS.change)]
Lookers = Annotated[Caller, Depends(FEEDS.read)]


@files.get("/{activity_id}/calendar.ics", response_class=Response, responses=ICS)
async def show_file(activity_id: UUID, session: Transaction, caller: Readers) -> Response:
    """One activity for a calendar: opened again after a change it moves it there, or takes it out."""
    content = await use_cases.show_one(session, caller, activity_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{activity_id}.ics"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@feeds.get("")
async def list_feeds(session: Transaction, caller: Lookers) -> list[FeedView]:
    """The feeds there are: your own, a manager their reps' too."""
    rows = await session.scalars(queries.feeds_within(FEEDS.read, caller).limit(200))
    return [FeedView.model_validate(feed) for feed in rows.all()]


@feeds.post("", status_code=201)
async def add_feed(form: FeedForm, session: Transaction, caller: Owners) -> NewFeedView:
    """A feed of what you have to do, for the calendar of a phone or a mail program. Shows its path once."""
    feed, token = await use_cases.add_feed(session, caller, form.name)
    return NewFeedView(**FeedView.model_validate(feed).model_dump(), path=f"/v1/calendar/{token}.ics")


@feeds.delete("/{feed_id}", status_code=204)
async def revoke_feed(feed_id: UUID, session: Transaction, caller: Owners) -> None:
    """Revoke a feed: its path leads nowhere from now on."""
    await use_cases.revoke_feed(session, caller, feed_id)


@calendar.get(
    "/{token}.ics", dependencies=[Depends(OPEN), Depends(any_query)], response_class=Response, responses=ICS
)
async def show_feed(token: str, session: Transaction, request: Request) -> Response:
    """A rep's calendar: what they have to do, by kind and company, without a person's name."""
    guesses: RateLimit = request.app.state.calendar_guesses
    network = client_address(request.scope) or ""
    if wait := guesses.wait(network):
        raise TooManyRequestsError(
            "Too many calendars were asked for from your network that are none. Look at the address.",
            wait=wait,
        )
    try:
        content = await use_cases.fill_feed(session, token[:100])
    except NotFoundError:
        guesses.take(network)
        raise
    headers = {
        "Cache-Control": "private, max-age=300",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
