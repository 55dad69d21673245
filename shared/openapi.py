"""What `/openapi.json` says beyond what FastAPI finds: problems, who may call, the doors."""

from typing import TYPE_CHECKING

from shared.settings import CommonSettings

if TYPE_CHECKING:
    from shared.web import Service


def describe(app: "Service", name: str, settings: CommonSettings) -> None:
    """Complete the service's OpenAPI document."""
