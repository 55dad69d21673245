"""What the shapes of all slices share."""

from typing import Any

from pydantic import ConfigDict


def example(*values: dict[str, Any], body: bool = False) -> ConfigDict:
    """The configuration of a shape with examples for OpenAPI; a request's `body` refuses unknown fields."""
    extra: Any = {"examples": list(values)}
    if body:
        return ConfigDict(json_schema_extra=extra)
    return ConfigDict(json_schema_extra=extra, from_attributes=True)
