"""What HTTP takes in and shows of demos."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.sales.schemas import Text
from shared.events.envelope import Code
from shared.http.schemas import RequestBody, UtcTime, View, example

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=500)]
Part = Literal["buyer", "champion", "economic", "technical", "user", "blocker"]

SHEET: dict[str, Any] = {
    "product": "reporting",
    "presenter_id": "01937a5e-0004-7aaa-8bbb-000000000004",
    "attendees": [{"contact_id": "01937a5e-0002-7aaa-8bbb-000000000002", "role": "champion"}],
    "material": [
        {"title": "Slides", "link": "https://files.example/slides", "sent_at": "2026-11-25T16:00:00Z"}
    ],
    "questions": [{"text": "Does it read our own data?", "answer": "Yes, by CSV and API."}],
    "objections": [
        {"category": "security", "text": "Where is it hosted?", "answer": "In Frankfurt.", "resolved": True}
    ],
}


class Attendee(RequestBody):
    """Somebody on the deal, and their part in the decision."""

    contact_id: UUID
    role: Part | None = None


class Material(RequestBody):
    title: Text
    link: Link | None = None
    sent_at: UtcTime | None = None


class Question(RequestBody):
    text: Words
    answer: Words | None = None


class Objection(RequestBody):
    """What speaks against it for them, of `GET /v1/lists/objections`, and what was said to that."""

    category: Code
    text: Words | None = None
    answer: Words | None = None
    resolved: bool = False


class DemoForm(RequestBody):
    """The whole sheet: what is left out is taken off."""

    model_config = example(**SHEET)

    product: Code | None = None
    presenter_id: UUID | None = Field(default=None, description="The rep who shows it.")
    attendees: list[Attendee] = Field(default_factory=list, max_length=50)
    material: list[Material] = Field(default_factory=list, max_length=50)
    questions: list[Question] = Field(default_factory=list, max_length=100)
    objections: list[Objection] = Field(default_factory=list, max_length=50)


class DemoView(View):
    """The sheet. When it is, whether it was held and what is next are with the activity."""

    model_config = example(
        activity_id="01937a5e-0006-7aaa-8bbb-000000000006",
        **SHEET,
        by="rep-ana",
        changed_at="2026-11-25T16:05:00Z",
    )

    activity_id: UUID
    product: str | None
    presenter_id: UUID | None
    attendees: list[Attendee]
    material: list[Material]
    questions: list[Question]
    objections: list[Objection]
    by: str
    changed_at: UtcTime


class ObjectionLine(View):
    model_config = example(category="security", number=3, resolved=2)

    category: str
    number: int
    resolved: int


class DemoReport(View):
    """Demos and presentations of a period, each once, at its last date. Those called off count in no rate."""

    model_config = example(
        **{"from": "2026-11-01", "to": "2026-12-01"},
        booked=10,
        held=6,
        no_show=2,
        cancelled=1,
        rescheduled=3,
        show_rate="0.7500",
        objections=[{"category": "security", "number": 3, "resolved": 2}],
    )

    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    booked: int
    held: int
    no_show: int
    cancelled: int
    rescheduled: int
    show_rate: Decimal | None = Field(description="Held ÷ (held + no-show); null while neither happened.")
    objections: list[ObjectionLine] = Field(description="Of those held: the most frequent first.")
