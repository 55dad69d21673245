"""A service's API in this process, on a database of its own, and a client that speaks HTTP to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Request

from tests.support.keys import Keys


async def replace_what_is_there(request: Request) -> None:
    """An edit names the version it changes; one that says nothing of it means whatever is there."""
    if request.method in ("PATCH", "PUT"):
        request.headers.setdefault("If-Match", "*")


@asynccontextmanager
async def serving(
    service: str, database_url: str, keys: Keys, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    environment = {f"{service.upper()}_DATABASE_URL": database_url, **keys.environment(service), **settings}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app: FastAPI = import_module(f"services.{service}.app").create()
    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app, raise_app_exceptions=False),
            base_url=f"http://{service}.test",
            event_hooks={"request": [replace_what_is_there]},
        ) as client,
    ):
        yield app, client
