"""Optimistic edits: whoever edits says which version they have seen."""

from shared.errors import StaleError


def check_version(seen: int | None, version: int) -> None:
    """Raises StaleError unless the version the caller has seen is the current one."""
    if seen is not None and seen != version:
        raise StaleError("It was changed meanwhile. Read it again and repeat the edit on what is there now.")
