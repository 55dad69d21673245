"""Where a request comes from: who is at the other end of the line, or whom our proxies speak for.

Anybody may write `X-Forwarded-For` (and `Forwarded`, RFC 7239), so it is believed only from the end, and only
as far as proxies of ours wrote it: each adds who spoke to it behind what was there. One of the two headers is
read, the one those proxies write: the other one passes through them as a stranger made it up.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from starlette.types import Scope

from shared import settings

MOST_HOPS = 16  # proxies of ours in a row; what is before them is not read
NETWORK_BITS = 64  # of IPv6: what one household or one server gets, within which it is anybody it likes
X_FORWARDED_FOR, FORWARDED = "x-forwarded-for", "forwarded"
_REMEMBERED = 8192
_PORT = re.compile(r"(?::[0-9]{1,5})?")
_LONGEST = 64
Address = IPv4Address | IPv6Address


class TrustedProxies:
    """The proxies that stand before us, as networks with commas between, and the header they write.

    Raises ValueError for a text that is no network.
    """

    def __init__(self, networks: str = "", header: str = X_FORWARDED_FOR) -> None:
        self._networks = settings.networks(networks)
        self._header = header.encode()
        self._entries = _forwarded if header == FORWARDED else _plain
        self._trusts = lru_cache(_REMEMBERED)(self._is_ours)

    def client(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Whom a request is from that `peer` brought: the last one named whom no proxy of ours can be.

        What is no address ends it: then it is the last one that could be read.
        """
        found = read(peer)
        if found is None:
            return peer
        if self._networks and self._trusts(found):
            lines = [value.decode("latin-1") for name, value in headers if name == self._header]
            for entry in self._entries(",".join(lines)):
                before = read(entry)
                if before is None:
                    break
                found = before
                if not self._trusts(found):
                    break
        return str(found)

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _plain(text: str) -> Iterator[str]:
    """The entries of X-Forwarded-For, the last one first; empty ones are none (RFC 9110, 5.6.1)."""
    for entry in reversed(text.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        if entry := entry.strip():
            yield entry


def _forwarded(text: str) -> Iterator[str]:
    """Who spoke to each proxy by `Forwarded`, the last one first; "" where a proxy does not say."""
    for element in _plain(text):
        pairs = (pair.partition("=") for pair in element.split(";"))
        named = (value for name, _, value in pairs if name.strip().lower() == "for")
        yield next(named, "").strip().strip('"')


@lru_cache(_REMEMBERED)
def read(text: str) -> Address | None:
    """An address as it is written anywhere: with a port, in brackets, IPv4 within IPv6. None for all else."""
    if len(text) > _LONGEST:
        return None
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        if _PORT.fullmatch(port) is None or "]" not in text:
            return None
    else:
        host, colon, port = text.partition(":")
        if ":" in port:
            host = text
        elif _PORT.fullmatch(colon + port) is None:
            return None
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def client_address(scope: Scope) -> str | None:
    """The address of whoever sent a request; None over a local socket."""
    client = scope.get("client")
    if not client:
        return None
    app: Any = scope.get("app")
    proxies: TrustedProxies = getattr(getattr(app, "state", None), "trusted_proxies", None) or _NONE
    return proxies.client(str(client[0]), scope.get("headers", ()))


_NONE = TrustedProxies()


@lru_cache(_REMEMBERED)
def network_of(address: str | None) -> str:
    """Who counts as one client: an IPv4 address, or the /64 that an IPv6 address is in."""
    found = read(address) if address else None
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, NETWORK_BITS), strict=False))
    return str(found) if found is not None else address or "local"


def client_network(scope: Scope) -> str:
    """The network that a request is counted for."""
    return network_of(client_address(scope))
