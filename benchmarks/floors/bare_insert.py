"""One INSERT that commits, and nothing else: as a FastAPI endpoint, and without any framework."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI, Request

from shared import clock

TABLE = (
    "CREATE TABLE IF NOT EXISTS deliveries "
    "(id uuid PRIMARY KEY, body bytea, received_at timestamptz DEFAULT now())"
)
INSERT = "INSERT INTO deliveries (id, body) VALUES ($1, $2)"
pools: list[Any] = []


@asynccontextmanager
async def pool() -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as opened:
        await opened.execute(TABLE)
        pools.append(opened)
        yield


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool():
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {}


@app.post("/v1/forms/{form_key}/submissions", status_code=202)
async def take(request: Request) -> dict[str, str]:
    delivery_id = clock.new_id()
    await pools[0].execute(INSERT, delivery_id, await request.body())
    return {"submission_id": str(delivery_id), "status": "pending"}


async def bare(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """The same as an ASGI function."""
    if scope["type"] == "lifespan":
        await receive()
        async with pool():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    answer = b"{}"
    if scope["method"] == "POST":
        message = await receive()
        delivery_id = clock.new_id()
        await pools[0].execute(INSERT, delivery_id, message["body"])
        answer = b'{"submission_id":"%s","status":"pending"}' % str(delivery_id).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    status = 202 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
