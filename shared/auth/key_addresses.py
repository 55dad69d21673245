"""Where an issuer's public keys are, and how they are fetched: bounded in time and size, no redirects."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

FETCH_SECONDS = 4.0
MAX_DOCUMENT = 256 * 1024
WELL_KNOWN = "/.well-known/openid-configuration"


class KeySetError(Exception):
    """A key set can't be had. The text says why in plain words, and quotes nothing that came."""


async def discover(issuer: str) -> str:
    """The address of the issuer's keys, by its discovery document (OpenID Connect Discovery 1.0, section 4).

    Raises KeySetError.
    """
    return address_in(await fetch(issuer.removesuffix("/") + WELL_KNOWN), issuer)


def address_in(found: Any, issuer: str) -> str:
    """The address of the keys in a discovery document.

    Raises KeySetError also when the document is of another issuer: its keys would sign for that one.
    """
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise KeySetError("the discovery document names another issuer than AUTH_ISSUER")
    url = found.get("jwks_uri")
    if not isinstance(url, str) or not is_web(url):
        raise KeySetError("the discovery document names no address of keys")
    if issuer.startswith("https:") and not url.startswith("https:"):
        raise KeySetError("the discovery document names an address of keys without TLS")
    return url


async def fetch(url: str) -> Any:
    """The JSON at an address: `https://`, `http://` or `file://`. Raises KeySetError."""
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            raw = await (_over_http(url) if is_web(url) else _from_file(url))
        return json.loads(raw)
    except (TimeoutError, httpx.TimeoutException):
        raise KeySetError("no answer in time") from None
    except (OSError, httpx.HTTPError, httpx.InvalidURL):
        raise KeySetError("not reachable") from None
    except (ValueError, RecursionError):
        raise KeySetError("what came is no JSON") from None


def is_web(url: str) -> bool:
    """Whether an address is one of HTTP."""
    return url.startswith(("https://", "http://"))


async def _from_file(url: str) -> bytes:
    address = urlsplit(url)
    if address.scheme != "file":
        raise KeySetError("not an address of http, https or file")
    return await asyncio.to_thread(Path(unquote(address.path)).read_bytes)


async def _over_http(url: str) -> bytes:
    raw = bytearray()
    async with (
        httpx.AsyncClient(timeout=2, follow_redirects=False) as client,
        client.stream("GET", url, headers={"Accept": "application/json"}) as response,
    ):
        if response.status_code != 200:
            raise KeySetError(f"answered {response.status_code}")
        async for part in response.aiter_bytes():
            raw += part
            if len(raw) > MAX_DOCUMENT:
                raise KeySetError("what came is too large")
    return bytes(raw)
