"""`Idempotency-Key`: the same request sent twice has one effect and one answer.

The answer is kept encrypted with a key made of the Idempotency-Key, of which only a hash is kept: who
sent it can have the answer again, and nobody reads persons or secrets in this table.

The key's row, the effect and the stored answer commit in one transaction, so there is no state
in between: either all of it happened or the key was never seen. An answer that refuses (4xx,
5xx) stores nothing, since nothing happened; the key can be used again.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import false, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from shared.auth.access import Caller
from shared.database.edge_tables import KEPT_DAYS, idempotency
from shared.errors import KeyInUseError, KeyReusedError, UnparseableError

LONGEST_KEY = 255
NONCE = 12
_KEPT_HEADERS = ("content-type", "location", "etag")


@dataclass(frozen=True, slots=True)
class Claim:
    """One request as the key's row knows it."""

    caller: str
    route: str
    key_hash: bytes
    fingerprint: bytes
    secret: AESGCM

    def row(self) -> dict[str, Any]:
        return {"caller": self.caller, "route": self.route, "key_hash": self.key_hash}

    def lock(self) -> int:
        """Number of the advisory lock that says this request is running."""
        digest = hashlib.sha256("\0".join((self.caller, self.route)).encode() + self.key_hash).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


def parse_key(sent: str, *, longest: int = LONGEST_KEY) -> str:
    """The key in an Idempotency-Key header, with or without the quotes of the standard.

    Raises UnparseableError for a key that is empty, too long or not printable ASCII.
    """
    key = sent[1:-1] if len(sent) > 1 and sent[0] == sent[-1] == '"' else sent
    if not 0 < len(key) <= longest or not (key.isascii() and key.isprintable()):
        raise UnparseableError(f"An Idempotency-Key is 1 to {longest} printable ASCII characters.")
    return key


def claim_of(request: Request, caller: Caller | None, body: bytes) -> Claim | None:
    """The claim of a request that carries a key: a POST of a person or a server. None for all others.

    Raises UnparseableError when that is no key.
    """
    sent = request.headers.get("idempotency-key")
    if sent is None or request.method != "POST" or caller is None or caller.kind not in ("person", "server"):
        return None
    key = parse_key(sent)
    route = f"POST {request.url.path}"[:400]
    query = request.scope.get("query_string", b"")
    fingerprint = hashlib.sha256(b"\0".join((route.encode(), query, body))).digest()
    name = f"{caller.kind}:{caller.subject}"[:240]
    key_hash = hashlib.sha256(key.encode()).digest()
    secret = hashlib.sha256("\0".join(("stored answer", name, route, key)).encode()).digest()
    return Claim(name, route, key_hash, fingerprint, AESGCM(secret))


async def once(
    session: AsyncSession,
    claim: Claim,
    work: Callable[[], Awaitable[Response]],
    *,
    days: int = KEPT_DAYS,
) -> Response:
    """The stored answer of this claim, or that of `work`, stored in the session's transaction.

    An answer holds for so many `days`, 0 is for ever. A refusal is stored, too, and goes with the
    transaction, which the route rolls back.

    Raises KeyReusedError when the key came with another request, and KeyInUseError while the
    first one is still running: at once, since a request that waits would hold a connection.
    """
    stored = await _stored_answer(session, claim, days)
    if stored is not None:
        return stored
    response = await work()
    await _store_answer(session, claim, response, days)
    return response


# One statement takes the lock and looks. Its snapshot is older than the lock, so an answer committed
# in between is missed here; the insert at the end then meets its row, and everything is rolled back.
_LOOK = text(
    """
    SELECT pg_try_advisory_xact_lock(:lock) AS free, i.fingerprint, i.status, i.headers, i.body
    FROM (SELECT 1) AS one
    LEFT JOIN idempotency AS i ON i.caller = :caller AND i.route = :route AND i.key_hash = :key_hash
         AND (:days = 0 OR i.created_at > now() - make_interval(days => :days))
    """
)


async def _stored_answer(session: AsyncSession, claim: Claim, days: int) -> Response | None:
    row = (await session.execute(_LOOK, {**claim.row(), "lock": claim.lock(), "days": days})).one()
    if row.fingerprint is None:
        if not row.free:
            raise KeyInUseError("A request with this Idempotency-Key is still running. Send it again.")
        return None
    if row.fingerprint != claim.fingerprint:
        raise KeyReusedError("This Idempotency-Key came with another request before. Use a new key.")
    body = claim.secret.decrypt(row.body[:NONCE], row.body[NONCE:], None)
    return Response(body, row.status, {**row.headers, "idempotent-replayed": "true"})


async def _store_answer(session: AsyncSession, claim: Claim, response: Response, days: int) -> None:
    nonce = secrets.token_bytes(NONCE)
    answer = {
        "fingerprint": claim.fingerprint,
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        "body": nonce + claim.secret.encrypt(nonce, bytes(response.body), None),
    }
    row = insert(idempotency).values(**claim.row(), **answer)
    expired = idempotency.c.created_at <= func.now() - timedelta(days=days) if days else false()
    row = row.on_conflict_do_update(
        index_elements=["caller", "route", "key_hash"],
        set_={**answer, "created_at": func.now()},
        where=expired,
    )
    if (await session.execute(row.returning(idempotency.c.key_hash))).one_or_none() is None:
        raise KeyInUseError("A request with this Idempotency-Key has just ended. Send it again.")
