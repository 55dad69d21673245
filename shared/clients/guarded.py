"""The one client for addresses that people enter: a webhook to call, a calendar to read.

Whoever may name an address may name one of our own network, and have us ask there for them (server-side
request forgery; OWASP API7:2023). So only https, only public addresses, looked up once and connected to as
looked up (a name can't answer differently the second time), no redirects, and an end by time and by size.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

KIB = 1024
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052): the last four bytes are an IPv4 address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class RefusedAddressError(Exception):
    """An address that is asked nothing; the text says why, for whoever entered it."""


class AnswerTooLargeError(Exception):
    """The answer went on past the limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a name, by the system's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_public(address: str) -> bool:
    """Whether this is an address of the internet: none of ours, of this machine, shared, or for many."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        return found.is_global and not found.is_multicast and all(map(_is_public, _inside(found)))
    return _is_public(found)


def _is_public(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast


def _inside(address: IPv6Address) -> Iterable[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    tunnelled = address.teredo or ()
    translated = (IPv4Address(int(address) & 0xFFFFFFFF),) if address in _TRANSLATED else ()
    return [each for each in (address.ipv4_mapped, address.sixtofour, *tunnelled, *translated) if each]


class _PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to what a name was looked up as, and to nothing else; TLS still checks the name."""

    def __init__(self, resolve: Resolve, allowed: Collection[str]) -> None:
        self._resolve, self._allowed = resolve, allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *more: Any, **named: Any
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await asyncio.wait_for(self._resolve(host, port), timeout)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        # All of them: a name with one address of ours among others would sooner or later lead there.
        if not addresses or not all(found in self._allowed or is_public(found) for found in addresses):
            raise RefusedAddressError(f"{host} is not an address of the public internet.")
        return await self._network.connect_tcp(addresses[0], port, timeout, *more, **named)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise RefusedAddressError("A socket of this machine is no address.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class GuardedClient:
    """Asks addresses that people entered. Close it at the stop of the process.

    `allowed` addresses and `schemes` besides https are for a network that is known to be one's own.
    """

    def __init__(
        self,
        *,
        seconds: float = 5,
        largest: int = 256 * KIB,
        resolve: Resolve = look_up,
        allowed: Collection[str] = (),
        schemes: Collection[str] = ("https",),
    ) -> None:
        self._seconds, self._largest, self._schemes = seconds, largest, schemes
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=20,
            keepalive_expiry=0,  # each request looks its name up
            network_backend=_PublicNetwork(resolve, allowed),
        )
        self._client = httpx.AsyncClient(
            transport=transport, timeout=seconds, follow_redirects=False, trust_env=False
        )

    async def ask(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, one answer. A redirect is an answer like any other.

        Raises RefusedAddressError, AnswerTooLargeError, TimeoutError, and httpx.HTTPError when there is none.
        """
        given = httpx.URL(url)
        if given.scheme not in self._schemes or not given.host:
            raise RefusedAddressError(f"The address begins with {' or '.join(self._schemes)}://.")
        if given.userinfo:
            raise RefusedAddressError("An address with a name and password in it is not asked.")
        # Unpacked by nobody: a small body could become an endless one.
        wanted = {**(headers or {}), "accept-encoding": "identity"}
        async with asyncio.timeout(self._seconds):
            async with self._client.stream(method, given, content=content, headers=wanted) as response:
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > self._largest:
                        raise AnswerTooLargeError(f"More than {self._largest} bytes came.")
                return Answer(response.status_code, dict(response.headers), bytes(body))

    async def close(self) -> None:
        await self._client.aclose()
