"""One transaction per request, begun by its first statement and committed before the answer leaves."""

import asyncio
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import Sessions

_SCOPE_KEY = "leadloop.transaction"


class RequestTransaction:
    """The transaction of one request. Without a statement it never touches the pool."""

    __slots__ = ("_session", "_sessions", "reading")

    def __init__(self, sessions: Sessions, *, reading: bool) -> None:
        self._sessions = sessions
        self._session: AsyncSession | None = None
        self.reading = reading

    @property
    def session(self) -> AsyncSession:
        if self._session is None:
            self._session = self._sessions()
            self._session.info["reading"] = self.reading
        return self._session

    async def commit(self) -> None:
        """Make it so. An exception here becomes the answer: a commit that failed is never a success."""
        if self._session is not None:
            await self._session.commit()

    async def close(self) -> None:
        """Give the connection back, rolling back what was not committed; also in a cancelled request."""
        if self._session is not None:
            await asyncio.shield(self._session.close())


def begin(request: Request, transaction: RequestTransaction) -> None:
    request.scope[_SCOPE_KEY] = transaction


async def hand_over(request: Request) -> AsyncSession:
    """The session of the request's transaction, which the route opened and will commit."""
    return cast(RequestTransaction, request.scope[_SCOPE_KEY]).session


# Slice code uses the session and never commits: the route does, before it answers.
Transaction = Annotated[AsyncSession, Depends(hand_over)]


async def release(session: AsyncSession) -> None:
    """End the transaction of a reading request early, before asking another service something.

    What was loaded stays readable; the connection goes back to the pool. Raises RuntimeError in
    a request that may write: its transaction ends with the answer, or not at all.
    """
    if not session.info.get("reading", False):
        raise RuntimeError("Only a GET can let go of its transaction before the answer.")
    await session.commit()
