"""`ETag` on reads, `If-Match` on edits: an edit of something that changed meanwhile is refused (412)."""

import re
from typing import Annotated

from fastapi import Depends, Header

from shared.errors import StaleError

_OURS = re.compile(r'"(\d{1,18})"', re.ASCII)


def etag(version: int) -> str:
    """The tag of this version: response.headers["ETag"] = etag(row.version)."""
    return f'"{version}"'


def check_version(seen: int | None, version: int) -> None:
    """Raises StaleError unless the version the caller has seen is the current one."""
    if seen is not None and seen != version:
        raise StaleError("It was changed meanwhile. Read it again and repeat the edit on what is there now.")


async def _if_match(
    sent: Annotated[
        str | None, Header(alias="If-Match", description="The ETag of the version you have seen.")
    ] = None,
) -> int | None:
    if sent is None or sent.strip() == "*":
        return None
    match = _OURS.fullmatch(sent.strip())
    if match is not None:
        return int(match[1])
    # Weak tags, lists and foreign tags match no version of ours (RFC 9110 13.1.1).
    raise StaleError("If-Match is not a version of this. Read it again and send its ETag.")


# The version the caller has seen, or None when they did not say: then the last edit wins.
IfMatch = Annotated[int | None, Depends(_if_match)]
