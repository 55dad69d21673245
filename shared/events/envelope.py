"""The shape every event has on the wire."""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

# A reason, a source, a stage: a short machine word. Free text never travels in an event.
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,79}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=-(2**53), le=2**53, description="Amount in the currency's minor units.")]
Rate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{1,12}(\.\d{1,12})?$"),
    Field(description="A decimal as text, so that no reader makes a float of it."),
]
Day = date


class Event(BaseModel):
    """A fact one service tells the others.

    Named in the past tense. Fields are only ever added, and added with a default;
    anything else is a new class with the next version in its type.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[str]

    version: int = Field(ge=1, description="Counts the facts of one key in one topic, without gaps.")
    # The trace this fact belongs to. It travels as a header, never inside the data.
    traceparent: SkipJsonSchema[str | None] = Field(default=None, exclude=True, repr=False)

    @property
    def key(self) -> str:
        """Kafka key. Events with the same key are read in the order they were staged."""
        raise NotImplementedError

    def data(self) -> bytes:
        """What is sent: compact JSON, UTF-8."""
        return self.__pydantic_serializer__.to_json(self)

    @classmethod
    def publisher(cls) -> str:
        """The service that raises this fact; the CloudEvents source is `/leadloop/<publisher>`."""
        return cls.type.split(".")[1]

    @classmethod
    def read(cls, data: bytes, traceparent: str | None = None) -> "Event":
        """Validate received data. Raises ValueError (pydantic's) when it is not this event."""
        event = cls.model_validate_json(data)
        if traceparent:
            event.__dict__["traceparent"] = traceparent  # frozen for others; a copy costs half the reading
        return event


class Envelope(BaseModel):
    """What travels around an event: the CloudEvents attributes and the undecoded data."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    type: str
    key: str
    time: AwareDatetime
    data: bytes
    topic: str = ""
    partition: int = 0
    offset: int = 0
    traceparent: str | None = None


class LeadFact(Event):
    """A fact about one lead: keyed by it, so that all facts of a lead stay in order."""

    lead_id: UUID
    cycle: int = Field(ge=1, description="Counts the times this person was qualified.")

    @property
    def key(self) -> str:
        return str(self.lead_id)


def all_events() -> list[type[Event]]:
    """Every concrete event class, in a stable order."""
    found: list[type[Event]] = []
    waiting: list[Any] = [Event]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            if "type" in child.__dict__ and isinstance(child.__dict__.get("topic", ""), str):
                found.append(child)
    return sorted(found, key=lambda event: event.type)
