"""One transaction per request, begun by its first statement and committed before the answer leaves."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import Sessions

_SCOPE_KEY = "leadloop.transaction"
_ANSWERS_KEY = "leadloop.answers"
Ask = Callable[[], Awaitable[Any]]
Complete = Callable[[], Awaitable[Response]]


class AskFirst(Exception):  # noqa: N818 - no error: the route asks and begins anew
    """Something has to be asked of another service before the transaction of this request begins."""

    def __init__(self, name: str, ask: Ask) -> None:
        super().__init__(name)
        self.name, self.ask = name, ask


class RequestTransaction:
    """The transaction of one request. Without a statement it never touches the pool."""

    __slots__ = ("_session", "_sessions", "complete", "reading")

    def __init__(self, sessions: Sessions, *, reading: bool) -> None:
        self._sessions = sessions
        self._session: AsyncSession | None = None
        self.complete: Complete | None = None
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


async def ask_first(request: Request, name: str, ask: Ask) -> Any:
    """The answer to what a writing request must know of another service, asked outside its transaction.

    Call it before anything is read or written: the first time it ends the transaction, which an
    Idempotency-Key may have begun, and the request begins anew with the answer. What `ask` raises is
    the answer to the request.
    """
    answers: dict[str, Any] = request.scope.setdefault(_ANSWERS_KEY, {})
    if name not in answers:
        raise AskFirst(name, ask)
    return answers[name]


async def answer(request: Request, wanted: AskFirst) -> None:
    """Ask it, and keep the answer for the request's next beginning."""
    request.scope[_ANSWERS_KEY][wanted.name] = await wanted.ask()


def afterwards(request: Request, complete: Complete) -> None:
    """Let this make the answer once the transaction is committed, with what another service says then.

    It must not raise: what was done is done. A repeat under the same Idempotency-Key gets what the
    route itself answered.
    """
    transaction: RequestTransaction = request.scope[_SCOPE_KEY]
    transaction.complete = complete


async def release(session: AsyncSession) -> None:
    """End the transaction of a reading request early, before asking another service something.

    What was loaded stays readable; the connection goes back to the pool. Raises RuntimeError in
    a request that may write: its transaction ends with the answer, or not at all.
    """
    if not session.info.get("reading", False):
        raise RuntimeError("Only a GET can let go of its transaction before the answer.")
    await session.commit()
