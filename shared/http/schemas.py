"""Shapes that every HTTP surface shares: strict request bodies, money, UTC times."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PlainSerializer,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from shared.money import parse_amount, show_amount


def example(*values: Mapping[str, Any], **fields: Any) -> ConfigDict:
    """The part of a model's configuration that shows examples in OpenAPI; a single one also by its fields."""
    return ConfigDict(json_schema_extra={"examples": [dict(value) for value in values] or [fields]})


class OneOf:
    """A name out of a set that is whole only when the program has been put together.

    `Annotated[str, OneOf(NAMES)]` checks and is described like a Literal of the names there then are.
    """

    def __init__(self, names: Iterable[str] | Callable[[], Iterable[str]]) -> None:
        self._names = names if callable(names) else lambda: names

    def _check(self, name: str) -> str:
        known = list(self._names())
        if name not in known:
            raise ValueError(f"It is one of {', '.join(known)}.")
        return name

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self._names())}


class RequestBody(BaseModel):
    """What HTTP takes in. Unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class View(BaseModel):
    """What HTTP shows; made from a row or an object."""

    model_config = ConfigDict(from_attributes=True)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("At the ends of the calendar a moment with an offset is none in UTC.") from None


def _with_z(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# RFC 3339 with an offset in, UTC inside, `Z` out.
UtcTime = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(_with_z, return_type=str, when_used="json"),
]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]


class Amount(BaseModel):
    """Money at HTTP: a decimal string in the currency's minor units, never a float."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"amount": "1250.00", "currency": "EUR"}]},
    )

    amount: Annotated[str, Field(max_length=24)]
    currency: CurrencyCode

    @model_validator(mode="wrap")
    @classmethod
    def _is_money(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        found = handler(data)
        if found is not data:  # what is an Amount already was looked at when it was made
            parse_amount(found.amount, found.currency)
        return found

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return parse_amount(self.amount, self.currency)

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> "Amount":
        """The amount as shown: 1250 EUR is {"amount": "12.50", "currency": "EUR"}.

        Not read again: a whole number of minor units is money, and a report shows a hundred of them.
        """
        return cls.model_construct(amount=show_amount(amount_minor, currency), currency=currency)
