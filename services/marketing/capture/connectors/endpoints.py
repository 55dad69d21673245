"""What a door is, and what the doors of all kinds do alike: find who may send, keep it, answer."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from services.marketing.capture.connectors.quotas import DoorQuotas
from services.marketing.capture.connectors.rules import CapturedLead, DetailsAnswer, UnreadableError
from services.marketing.capture.deliveries.group_commit import FrontDoor
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.deliveries.writes import NewDelivery
from services.marketing.capture.sources.cache import KnownSources
from services.marketing.capture.sources.encryption import Sealer, SealError, digest, matches
from services.marketing.capture.sources.rules import ConnectionKind, ConnectionSettings, FormSettings
from services.marketing.settings import Settings
from shared import clock
from shared.errors import NotFoundError, TooManyRequestsError, UnauthenticatedError, UnavailableError
from shared.http.client_address import client_network
from shared.http.idempotency import parse_key
from shared.http.raw_routes import JSON, Answer, Call, RawRoute
from shared.observability import telemetry

FORGED = "The signature or key does not fit this connection; look at its secrets."
UNOPENED = "The connection's secret can't be read; set it again."
R = TypeVar("R")
Source = FormSettings | ConnectionSettings | None


class DetailsClient(Protocol):
    """Asks a platform for the details of leads that it only announced."""

    async def ask(self, external_id: str, connection: ConnectionSettings) -> DetailsAnswer: ...


OpenClient = Callable[[Settings, Sealer], AbstractAsyncContextManager[DetailsClient]]
ReadDetails = Callable[[bytes, CapturedLead, ConnectionSettings], CapturedLead]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """All that the rest of the house knows of one kind of door."""

    name: str
    routes: tuple[RawRoute, ...]
    # The leads in a delivery. Raises UnreadableError or NoticeError when there is none to be had.
    read: Callable[[Raw, Source], Sequence[CapturedLead]]
    # Whether a form or a connection stands behind its deliveries; else whoever called does.
    has_sources: bool = True
    # Whether its senders show who they are, by a key or a signature; else anybody may have written it.
    authenticated: bool = True
    # What its connections are made of, where it has any.
    connections: ConnectionKind | None = None
    # Where its leads came from when neither a campaign nor a link says so.
    channel: str | None = None
    # For a door that announces leads of which the details have to be fetched.
    read_details: ReadDetails | None = None
    open_client: OpenClient | None = None


def form_behind(source: Source) -> FormSettings:
    if not isinstance(source, FormSettings):
        raise UnreadableError("source_gone")
    return source


def connection_behind(source: Source) -> ConnectionSettings:
    if not isinstance(source, ConnectionSettings):
        raise UnreadableError("source_gone")
    return source


def idempotency_key(call: Call, *, scope: str = "k") -> str | None:
    """The Idempotency-Key header as the key of a delivery.

    `scope` is a letter that tells routes of one caller apart; it is one of those that live for 48 hours.
    """
    given = call.header(b"idempotency-key")
    return f"{scope}:{parse_key(given.strip())}" if given is not None else None


def front_door(call: Call) -> FrontDoor:
    found: FrontDoor = call.state.front_door
    return found


def known_sources(call: Call) -> KnownSources:
    found: KnownSources = call.state.known_sources
    return found


def quotas(call: Call) -> DoorQuotas:
    found: DoorQuotas = call.state.quotas
    return found


def network(call: Call) -> str:
    """Whom a request is counted for."""
    return client_network(call.scope)


def refuse(call: Call, door: str, reason: str, check: Callable[[], R]) -> R:
    """What a quota says; when it refuses, that is counted by door and reason first."""
    try:
        return check()
    except TooManyRequestsError:
        front_door(call).refuse(door, reason)
        raise


async def check_guesses(call: Call, door: str, key: str) -> None:
    """Raises TooManyRequestsError for a network that guesses keys, before one that is none is looked up."""
    if quotas(call).guesses.wait(network(call)) and not await known_sources(call).exists(key):
        refuse(call, door, "guessing", lambda: quotas(call).check_guesses(network(call)))


def short(text: str | None) -> str | None:
    return text[:300] if text else None


async def connection_of(call: Call, kind: str) -> ConnectionSettings:
    """The connection whose key is in the path.

    Raises NotFoundError, and TooManyRequestsError for a network that guesses keys, or sent this connection
    too much that was forged: before the database is asked, a body read or a signature made.
    """
    key = call.params["connection_key"]
    await check_guesses(call, kind, key)
    found = await known_sources(call).connection(kind, key)
    if found is None:
        quotas(call).guesses.take(network(call))
        raise NotFoundError("There is no connection with this key.")
    refuse(call, kind, "forging", lambda: quotas(call).check_forgeries(found.id, network(call)))
    return found


def secrets_of(call: Call, connection: ConnectionSettings, kind: str) -> list[str]:
    """The live secrets of a kind, the oldest first. Raises UnavailableError when they can't be opened."""
    sealer: Sealer = call.state.sealer
    try:
        return [sealer.open(sealed, connection.id) for sealed in connection.sealed.get(kind, ())]
    except SealError as error:
        raise UnavailableError(UNOPENED) from error


def knows_secret(call: Call, connection: ConnectionSettings, kind: str, given: str) -> bool:
    """Whether it is one of the live secrets of a kind that senders show, in constant time."""
    live = map(digest, secrets_of(call, connection, kind))
    return matches(given, [*connection.digests.get(kind, ()), *live])


def forged(call: Call, connection: ConnectionSettings, reason: str) -> UnauthenticatedError:
    """What somebody hears who could not prove who they are; it is counted, and for their network, too."""
    front_door(call).refuse(connection.kind, reason)
    quotas(call).forged(connection.id, network(call))
    return UnauthenticatedError(FORGED)


async def store(call: Call, connection: ConnectionSettings, body: bytes, key: str | None) -> None:
    """Keep what a connection brought, and proved, as it came."""
    quotas(call).proven(connection.id, network(call))
    await front_door(call).store(
        NewDelivery(
            clock.new_id(),
            connection.kind,
            connection.id,
            body,
            dedupe_key=key,
            content_type="application/json",
            user_agent=short(call.header(b"user-agent")),
            traceparent=telemetry.current_traceparent(),
        )
    )


def accepted(first: UUID, status: bytes = b"pending") -> Answer:
    return Answer(202, b'{"submission_id":"%s","status":"%s"}' % (str(first).encode(), status), (JSON,))
