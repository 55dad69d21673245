"""What sales can be told by the environment."""

from functools import cache
from typing import ClassVar

from pydantic import Field, SecretStr

from shared.services import SERVICES
from shared.settings import CommonSettings


class Settings(CommonSettings):
    service: ClassVar[str] = "sales"

    sales_database_url: SecretStr = Field(
        description="PostgreSQL of sales: postgresql://role:password@host/db."
    )
    port: int = Field(SERVICES["sales"].port, ge=0, le=65535, description="Port of the API.")
    worker_port: int = Field(
        SERVICES["sales"].worker_port, ge=0, le=65535, description="Port of the worker's health and metrics."
    )
    win_needs_payment: bool = Field(
        default=False, description="A deal can be won only after a payment was recorded for it."
    )
    reps_book_payments: bool = Field(
        default=False,
        description="Reps and managers book payments of their deals, too, not finance, admins and payment "
        "providers only.",
    )


@cache
def reporting_currency() -> str:
    """For handlers, which get no settings: a deal opened from a lead starts in this currency."""
    return CommonSettings().reporting_currency
