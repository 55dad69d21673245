"""Where a request comes from."""

from starlette.types import Scope


def client_address(scope: Scope) -> str | None:
    """The address of whoever is at the other end of the line; None over a local socket."""
    client = scope.get("client")
    return str(client[0]) if client else None
