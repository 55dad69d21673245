"""What handoff reads from the environment, besides what every service does."""

from typing import ClassVar

from pydantic import Field, SecretStr

from shared.services import SERVICES
from shared.settings import CommonSettings


class Settings(CommonSettings):
    """Settings of handoff's API and worker."""

    service: ClassVar[str] = "handoff"

    handoff_database_url: SecretStr = Field(description="Handoff's own PostgreSQL database.")
    port: int = Field(SERVICES["handoff"].port, ge=0, le=65535, description="Port of the API.")
    worker_port: int = Field(
        SERVICES["handoff"].worker_port,
        ge=0,
        le=65535,
        description="Port of the worker's health and metrics.",
    )
    offer_hot_seconds: int = Field(
        3600, ge=1, le=30 * 86400, description="How long a rep of a new team has to answer a hot lead."
    )
    offer_warm_seconds: int = Field(
        86400, ge=1, le=30 * 86400, description="How long a rep of a new team has to answer any other lead."
    )
    offer_hops: int = Field(
        5, ge=1, le=50, description="How many reps are offered a lead before it goes back."
    )
