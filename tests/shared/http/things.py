"""A small service of our own, on a real database, to see what shared.http.service promises every service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Response
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from shared.database.sessions import create_engine
from shared.http.app import create_service
from shared.http.etags import IfMatch, check_version, etag
from shared.http.schemas import Amount, RequestBody
from shared.http.server import serve
from shared.http.service import (
    Answer,
    Call,
    Caller,
    RawRoute,
    Role,
    Service,
    Transaction,
    allow,
    answer_json,
    public,
    release,
    router,
)
from shared.settings import CommonSettings
from tests.support.keys import Keys

things = router("/v1/things", tags=["things"])
Seller = Annotated[Caller, Depends(allow(Role.REP, Role.SALES_MANAGER, servers="things:write"))]
Editor = Annotated[Caller, Depends(allow(Role.REP, Role.SALES_MANAGER, servers="things:edit"))]
open_to_all = [Depends(public("a test"))]


class ThingsSettings(CommonSettings):
    service: ClassVar[str] = "handoff"
    handoff_database_url: SecretStr


class ThingForm(RequestBody):
    name: str
    price: Amount | None = None


class Gate:
    """Holds a request until the test lets it go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()


gate = Gate()


@things.post("", status_code=201)
async def add(form: ThingForm, caller: Seller, session: Transaction) -> dict[str, str]:
    await session.execute(text("INSERT INTO things (name) VALUES (:name)"), {"name": form.name})
    if form.name == "slow":
        gate.reached.set()
        await gate.opened.wait()
    return {"name": form.name, "by": caller.subject}


@things.get("/{name}", dependencies=open_to_all)
async def show(name: str, session: Transaction, response: Response) -> dict[str, str]:
    await session.execute(text("SELECT 1"))
    response.headers["ETag"] = etag(3)
    await release(session)
    return {"name": name}


@things.patch("/{name}")
async def change(name: str, form: ThingForm, seen: IfMatch, caller: Editor) -> dict[str, str]:
    check_version(seen, 3)
    return {"name": form.name}


@things.post("/statements/{kind}", dependencies=open_to_all)
async def run(kind: str, session: Transaction) -> None:
    statements = {
        "sleep": "SELECT pg_sleep(9)",
        "lock": "LOCK TABLE things NOWAIT",
        "unique": "INSERT INTO things (name, code) VALUES ('u', 'once')",
        "foreign": "INSERT INTO things (name, parent) VALUES ('f', 'nobody')",
        "nul": "SELECT convert_from(decode('00', 'hex'), 'UTF8')",
        "range": "SELECT 99999999999::int",
        "terminate": "SELECT pg_terminate_backend(pg_backend_pid())",
        "broken": "SELECT no_such_column",
    }
    await session.execute(text("SET LOCAL statement_timeout = '200ms'"))
    await session.execute(text(statements[kind]))


@things.post("/refused", dependencies=open_to_all)
async def refuse(session: Transaction) -> Response:
    await session.execute(text("INSERT INTO things (name) VALUES ('refused')"))
    return Response(status_code=404)


@things.post("/large", dependencies=open_to_all, max_body_size=256 * 1024)
async def take_large(body: dict[str, Any]) -> dict[str, int]:
    return {"size": len(body)}


@things.post("/defect", dependencies=open_to_all)
async def defect(session: Transaction) -> None:
    await session.execute(text("INSERT INTO things (name) VALUES ('defect')"))
    raise ValueError("about jane.doe@example.com")


@things.post("/nap", dependencies=open_to_all)
async def nap(session: Transaction) -> dict[str, bool]:
    await session.execute(text("SELECT pg_sleep(2)"))
    return {"rested": True}


async def echo(call: Call) -> Answer:
    call.extra_headers.append((b"access-control-allow-origin", b"https://example.test"))
    if call.params["form"] == "away":
        raise ConnectionRefusedError
    if call.params["form"] == "defect":
        raise KeyError("jane.doe@example.com")
    return answer_json(202, {"size": len(await call.body()), "form": call.params["form"]})


async def closed(call: Call) -> Answer:
    assert call.caller is not None
    return answer_json(200, {"caller": call.caller.subject})


async def remove(call: Call) -> Answer:
    return answer_json(200, {"door": call.params["name"]})


DOORS = [
    RawRoute("/v1/things/{name}", ("DELETE",), remove, public("a test")),
    RawRoute("/v1/forms/{form}/submissions", ("POST", "OPTIONS"), echo, public("forms"), limit=1000),
    RawRoute("/v1/closed", ("POST",), closed, allow(servers="things:write", services=("sales",))),
]
TABLE = """
CREATE TABLE things (
    name text UNIQUE DEFERRABLE INITIALLY DEFERRED,
    code text UNIQUE,
    parent text REFERENCES parents
)
"""


async def make_table(url: str) -> None:
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE parents (name text PRIMARY KEY)"))
        await connection.execute(text(TABLE))
    await engine.dispose()


def make_service(url: str, keys: Keys, **more: Any) -> tuple[Service, ThingsSettings]:
    names = {name.lower(): value for name, value in keys.environment("handoff").items()}
    settings = ThingsSettings(handoff_database_url=SecretStr(url), **{**names, **more})
    return create_service("handoff", settings, [things], doors=DOORS), settings


@asynccontextmanager
async def client_of(app: Service) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://things.test") as client,
    ):
        yield client


def main() -> None:
    settings = ThingsSettings()
    serve(create_service("handoff", settings, [things], doors=DOORS), settings)


if __name__ == "__main__":
    main()
