"""What HTTP takes in and shows of the lists."""

from typing import Any

from pydantic import Field

from services.sales.schemas import Text
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

ENTRY: dict[str, Any] = {"key": "price", "name": "Too expensive", "position": 1, "needs_note": False}


class EntryForm(RequestBody):
    """An entry people may choose from now on."""

    model_config = example(**ENTRY)

    key: Code
    name: Text
    position: int = Field(default=0, ge=0, le=1000, description="The lowest is shown first.")
    needs_note: bool = Field(default=False, description="Who chooses it says more in a note.")


class EntryChange(RequestBody):
    """Only what is given changes."""

    model_config = example(active=False)

    name: Text | None = None
    position: int | None = Field(default=None, ge=0, le=1000)
    needs_note: bool | None = None
    active: bool | None = Field(
        default=None, description="false retires it: nobody chooses it any more, and what names it keeps it."
    )


class EntryView(View):
    model_config = example(**ENTRY, active=True, changed_at="2026-11-27T10:00:00Z", revision=1)

    key: str
    name: str
    position: int
    needs_note: bool
    active: bool
    changed_at: UtcTime
    revision: int
