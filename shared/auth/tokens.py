"""Signed tokens (JWT, EdDSA only) and the key sets they are checked with.

People's tokens come from the organisation's OIDC provider; the local stack signs its own with the
same functions. A service signs a token per call for the one service it calls.
"""

import asyncio
import base64
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.errors import UnauthenticatedError, UnavailableError

ALGORITHM = "EdDSA"
SERVICE_SECONDS = 60
REFRESH_SECONDS = 300.0
LEAST_SECONDS_BETWEEN_FETCHES = 10.0
MAX_KEY_SET = 256 * 1024

log = structlog.get_logger()

Jwk = Mapping[str, Any]


def new_key(kid: str) -> dict[str, str]:
    """A private Ed25519 key as a JWK (RFC 8037). Store it where only its owner can read it."""
    key = Ed25519PrivateKey.generate()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": ALGORITHM,
        "use": "sig",
        "kid": kid,
        "x": _base64url(key.public_key().public_bytes_raw()),
        "d": _base64url(key.private_bytes_raw()),
    }


def public_keys(private_keys: Sequence[Jwk]) -> dict[str, list[dict[str, Any]]]:
    """The JWKS to publish: the same keys without their private part."""
    return {"keys": [{name: value for name, value in key.items() if name != "d"} for key in private_keys]}


def sign(private_key: Jwk, claims: Mapping[str, Any]) -> str:
    """A token with these claims, signed with a private JWK."""
    key = jwt.PyJWK(dict(private_key), algorithm=ALGORITHM)
    return jwt.encode(dict(claims), key.key, algorithm=ALGORITHM, headers={"kid": private_key["kid"]})


def sign_for_service(private_key: Jwk, *, caller: str, callee: str, now: float) -> str:
    """A token `caller` shows to `callee`; good for a minute and for that service only."""
    claims = {"iss": f"leadloop:{caller}", "sub": caller, "aud": callee}
    return sign(private_key, {**claims, "iat": int(now), "exp": int(now) + SERVICE_SECONDS})


class KeySet:
    """Public keys behind an address (`https://`, `http://` or `file://`), kept for five minutes.

    An unknown key id refreshes them at once, but never more than every ten seconds: a flood
    of invented key ids must not become a flood of requests to the provider.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def key(self, kid: str) -> jwt.PyJWK:
        """The key with this id. Raises UnauthenticatedError when the set does not have it."""
        if self._is_due(kid):
            async with self._one_at_a_time:  # whoever waited finds the keys the first one fetched
                if self._is_due(kid):
                    await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if not self._keys:
            raise UnavailableError("The keys that sign tokens can't be fetched now.")
        raise UnauthenticatedError("The token is signed with a key that is not known here.")

    def _is_due(self, kid: str) -> bool:
        now = time.monotonic()
        wanted = kid not in self._keys or now - self._fetched > REFRESH_SECONDS
        return wanted and (self._one_at_a_time.locked() or now - self._tried >= LEAST_SECONDS_BETWEEN_FETCHES)

    async def _refresh(self) -> None:
        self._tried = time.monotonic()
        try:
            found = json.loads(await self._fetch())["keys"]
            keys = {key["kid"]: jwt.PyJWK(key, algorithm=ALGORITHM) for key in found if _usable(key)}
        except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError, jwt.PyJWTError) as error:
            log.warning("key_set_unavailable", error_type=type(error).__name__)
            return  # the keys we have stay good; the next try is ten seconds away
        self._keys = keys
        self._fetched = time.monotonic()

    async def _fetch(self) -> bytes:
        address = urlsplit(self._url)
        if address.scheme == "file":
            return await asyncio.to_thread(Path(unquote(address.path)).read_bytes)
        async with httpx.AsyncClient(timeout=2, follow_redirects=False) as client:
            response = await client.get(self._url)
        response.raise_for_status()
        if len(response.content) > MAX_KEY_SET:
            raise ValueError("the key set is too large")
        return response.content


def _usable(key: Mapping[str, Any]) -> bool:
    return key.get("kty") == "OKP" and key.get("crv") == "Ed25519" and isinstance(key.get("kid"), str)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
