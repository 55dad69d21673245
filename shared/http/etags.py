"""`ETag` on reads, `If-Match` on edits: an edit of something that changed meanwhile is refused (412)."""

import re
from typing import Annotated

from fastapi import Depends, Header

from shared.errors import PreconditionRequiredError, StaleError

_OURS = re.compile(r'"(\d{1,18})"', re.ASCII)


def etag(version: int) -> str:
    """The tag of this version: response.headers["ETag"] = etag(row.version)."""
    return f'"{version}"'


def check_version(seen: int | None, version: int) -> None:
    """Raises StaleError unless the version the caller has seen is the current one."""
    if seen is not None and seen != version:
        raise StaleError("It was changed meanwhile. Read it again and repeat the edit on what is there now.")


_Sent = Annotated[str | None, Header(alias="If-Match", description="The ETag of the version you have seen.")]


async def _if_match(sent: _Sent = None) -> int | None:
    return None if sent is None else _version(sent)


async def _demanded(sent: _Sent = None) -> int | None:
    if sent is None:
        raise PreconditionRequiredError(
            "Say which version you change: GET it, and send its ETag as If-Match. "
            "`If-Match: *` replaces whatever is there by then."
        )
    return _version(sent)


def _version(sent: str) -> int | None:
    if sent.strip() == "*":
        return None
    match = _OURS.fullmatch(sent.strip())
    if match is not None:
        return int(match[1])
    # Weak tags, lists and foreign tags match no version of ours (RFC 9110 13.1.1).
    raise StaleError("If-Match is not a version of this. Read it again and send its ETag.")


# The version the caller has seen, or None when they did not say: then the last edit wins.
IfMatch = Annotated[int | None, Depends(_if_match)]
# The same where it has to be said; None when they said `*`.
IfMatchDemanded = Annotated[int | None, Depends(_demanded)]
