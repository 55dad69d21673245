"""Asking somebody else while the rest of a page is read."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@asynccontextmanager
async def meanwhile(question: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """The question, under way; await it for its answer. Broken off when the block ends without that.

    Let go of the transaction before awaiting it.
    """
    asked = asyncio.create_task(question)
    try:
        yield asked
    finally:
        asked.cancel()
