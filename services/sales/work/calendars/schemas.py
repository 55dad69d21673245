"""What HTTP takes in and shows of feeds."""

from typing import Any
from uuid import UUID

from pydantic import Field

from services.sales.schemas import Text
from shared.http.schemas import RequestBody, UtcTime, View, example

FEED: dict[str, Any] = {
    "id": "01937a5e-000a-7aaa-8bbb-00000000000a",
    "rep_id": "01937a5e-0004-7aaa-8bbb-000000000004",
    "name": "My phone",
    "created_at": "2026-11-27T10:00:00Z",
}


class FeedForm(RequestBody):
    """Where it will be shown, so that it can be told from others."""

    model_config = example(name="My phone")

    name: Text


class FeedView(View):
    model_config = example(**FEED)

    id: UUID
    rep_id: UUID
    name: str
    created_at: UtcTime


class NewFeedView(FeedView):
    """The feed, and where calendars fetch it: shown this once. Whoever has the path reads the feed."""

    model_config = example(**FEED, path="/v1/calendar/J7kq3o0Vt0m8bXo4yqv3nQ.ics")

    path: str = Field(description="At the address of sales; revoke the feed when strangers have it.")
