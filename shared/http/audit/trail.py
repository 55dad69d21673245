"""Who did what: one row for each write of a person or a key, in the transaction of the write itself.

What changed is taken from the mapped objects that were written; what set-based statements change, the use
case says with `changed(…)`. Kept are ids, states, amounts, numbers, days and who people of ours are; of any
other text only that it changed, since it may be personal data (ASVS 5.0 V16).
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import LoaderCallableStatus, Session
from starlette.requests import Request
from starlette.responses import Response

from shared import clock
from shared.auth.access import Access, Caller
from shared.database.sessions import driver
from shared.http.client_address import client_address
from shared.observability import telemetry

Did = Literal["created", "changed", "deleted"]
Values = Mapping[str, tuple[Any, Any]]
MOST_CHANGES = 20
# Columns of text that hold a word of ours, or the subject of somebody of the company.
WORDS = frozenset(
    (
        *(
            "state",
            "stage",
            "reason",
            "cancel_reason",
            "outcome",
            "direction",
            "origin",
            "kind",
            "channel",
            "band",
            "role",
            "fact",
        ),
        *("cause", "currency", "base", "quote", "source", "model", "start", "scopes"),
        *("subject", "manager_subject", "created_by", "by"),
    )
)
_NOTES = "audit"
_PLAIN = (bool, int, float, UUID, date, Decimal)
INSERT = """
INSERT INTO audit_events (id, subject, kind, roles, credential, address, request_id, method, route,
                          object_kind, object_id, status, changes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::jsonb)
"""


def is_write(caller: Caller | None, accesses: Collection[Access]) -> bool:
    """Whether what this caller does at a route that takes a body is theirs to answer for.

    Services only ask, and what is only read changes nothing, whatever the method.
    """
    only_read = all(access.name.startswith("read ") for access in accesses)
    return caller is not None and caller.kind in ("person", "server") and not only_read


def watch(session: AsyncSession) -> None:
    """Note what changes in this session from now on."""
    session.info[_NOTES] = []


def changed(
    session: AsyncSession,
    kind: str,
    id: object,
    fields: Collection[str] = (),
    *,
    values: Values | None = None,
    did: Did = "changed",
) -> None:
    """Note what a set-based statement did: fields, with before and after where they are no personal data."""
    told: dict[str, Any] = dict.fromkeys(sorted(fields))
    told |= {name: [_shown(before), _shown(after)] for name, (before, after) in (values or {}).items()}
    _add(session.sync_session, kind, id, did, told)


async def record(
    session: AsyncSession, request: Request, caller: Caller, route: str, response: Response
) -> None:
    """Write the row, in the session's transaction. `route` is the template of the path."""
    await session.flush()
    notes: list[dict[str, Any]] = session.info.get(_NOTES, [])
    kind, object_id = _object(request, route, response, notes)
    await (await driver(session)).execute(
        INSERT,
        clock.new_id(),
        caller.subject[:240],
        caller.kind,
        sorted(caller.roles),
        caller.credential[:240],
        client_address(request.scope),
        telemetry.trace_id(telemetry.current_traceparent() or ""),
        request.method,
        route,
        kind,
        object_id,
        response.status_code,
        orjson.dumps(notes).decode(),
    )


def _object(
    request: Request, route: str, response: Response, notes: Collection[Mapping[str, Any]]
) -> tuple[str, str | None]:
    """What the path is about: `deals` and its id, of `/v1/deals/{deal_id}/win`; else what was made."""
    literal, _, rest = route.removeprefix("/v1/").partition("/{")
    if rest:
        id = request.path_params.get(rest.partition("}")[0])
    elif location := response.headers.get("location"):
        id = location.rpartition("/")[2]
    else:
        id = next((note["id"] for note in notes if note["did"] == "created"), None)
    return literal[:60], None if id is None else str(id)[:200]


@event.listens_for(Session, "before_flush")  # of all: to listen to one session costs more than its row
def _note(session: Session, *_: object) -> None:
    if _NOTES not in session.info:
        return
    for one in session.new:
        _add_object(session, one, "created")
    for one in session.dirty:
        _add_object(session, one, "changed")
    for one in session.deleted:
        _add_object(session, one, "deleted")


def _add_object(session: Session, one: Any, did: Did) -> None:
    kind: Any = type(one)
    table, key, columns = _mapped(kind)
    state: Any = inspect(one)
    after = state.dict
    # What an attribute was before is kept of those that were set; of a new object it is nothing.
    before = state.committed_state if did == "changed" else dict.fromkeys(after if did == "created" else ())
    fields = {
        name: _told(name, before[name], after.get(name))
        for name in columns.intersection(before)
        if before[name] != after.get(name) or did == "created"
    }
    if fields or did != "changed":
        _add(session, table, "/".join(str(getattr(one, name)) for name in key), did, fields)


@cache
def _mapped(kind: Any) -> tuple[str, tuple[str, ...], frozenset[str]]:
    """The table of a class, the attributes of its key, and those of all its columns."""
    mapper: Any = inspect(kind)
    key = tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)
    return mapper.local_table.name, key, frozenset(mapper.column_attrs.keys())


def _told(name: str, *both: Any) -> list[Any] | None:
    """Before and after; None when that is more than may be told."""
    values = [None if isinstance(value, LoaderCallableStatus) else value for value in both]
    texts = [value for value in values if not _is_plain(value)]
    if texts and not (name in WORDS and all(isinstance(value, str) for value in texts)):
        return None
    return [_shown(value) for value in values]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(one, UUID) for one in value)
    return value is None or isinstance(value, _PLAIN)


def _shown(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _add(session: Session, kind: str, id: object, did: Did, fields: Mapping[str, Any]) -> None:
    notes: list[dict[str, Any]] | None = session.info.get(_NOTES)
    if notes is None:
        return
    if len(notes) < MOST_CHANGES:
        notes.append(
            {"kind": kind, "id": None if id is None else str(id), "did": did, "fields": dict(fields)}
        )
    elif len(notes) == MOST_CHANGES:
        notes.append({"kind": "more", "id": None, "did": did, "fields": {}})
