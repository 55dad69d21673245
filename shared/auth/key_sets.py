"""Sets of public keys (JWKS): which of them may check what, fetched from an address and kept for a while."""

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.auth.key_addresses import KeySetError, discover, fetch
from shared.auth.tokens import MOST_KEY_ID, UnverifiedToken, refused
from shared.errors import UnavailableError
from shared.observability import metrics

REFRESH_SECONDS = 300.0
LEAST_SECONDS_BETWEEN_FETCHES = 10.0
LEAST_RSA_BITS = 2048
# The kind and curve of a key decide what it may be used for, whatever a token asks for.
_OF_KIND: Mapping[tuple[str, str | None], Sequence[str]] = {
    ("RSA", None): ("RS256", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
_PUBLIC_MEMBERS = ("kty", "crv", "n", "e", "x", "y")
_SIGNATURES = jwt.PyJWS()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key, and the algorithms that it may be used with."""

    kid: str
    algorithms: tuple[str, ...]
    key: Any

    def has_signed(self, token: UnverifiedToken) -> bool:
        """Whether the signature is this key's. The algorithm has to be one of the key's own."""
        if token.text.endswith("="):
            return False  # base64url in a token has no padding; the library would let it pass
        try:
            _SIGNATURES.decode_complete(token.text, self.key, algorithms=[token.algorithm])
        except (jwt.PyJWTError, ValueError, TypeError):
            return False
        return True


def keys_of(found: Any, allowed: Collection[str]) -> Iterator[VerifyingKey]:
    """The keys of a JWKS that may be used here; what is odd is left out, and spoils no other.

    Raises KeySetError when it is no JWKS at all.
    """
    jwks = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(jwks, list):
        raise KeySetError("what came is no key set")
    for jwk in jwks:
        key = _key_of(jwk, allowed) if isinstance(jwk, dict) else None
        if key is not None:
            yield key


def _key_of(jwk: Mapping[str, Any], allowed: Collection[str]) -> VerifyingKey | None:
    kid, kind, curve = jwk.get("kid"), jwk.get("kty"), jwk.get("crv")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(kid, str) or not 0 < len(kid) <= MOST_KEY_ID or not isinstance(kind, str):
        return None
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    found = _OF_KIND.get((kind, curve if isinstance(curve, str) and kind != "RSA" else None), ())
    algorithms = tuple(name for name in found if name in allowed and jwk.get("alg") in (None, name))
    if not algorithms:
        return None
    try:
        # Whatever else stands there (a private part, certificates) is not read.
        public = {name: jwk[name] for name in _PUBLIC_MEMBERS if name in jwk}
        key = jwt.PyJWK(public, algorithm=algorithms[0]).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        return None
    return VerifyingKey(kid, algorithms, key)


class KeySet:
    """Public keys behind an address (`https://`, `http://` or `file://`), kept for five minutes.

    Without an address the issuer's discovery document names it, asked anew with the keys. An unknown key
    id refreshes them at once, but never more than every ten seconds: a flood of invented key ids must not
    become a flood of requests to the provider. `name` stands in logs and metrics.
    """

    def __init__(
        self, name: str, url: str, algorithms: Collection[str], *, issuer: str | None = None
    ) -> None:
        self._name = name
        self._url = url
        self._issuer = issuer
        self._algorithms = tuple(algorithms)
        self._keys: dict[str, list[VerifyingKey]] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._problem = "not fetched yet"
        self._one_at_a_time = asyncio.Lock()

    async def verify(self, token: UnverifiedToken) -> None:
        """Raises UnauthenticatedError unless a key of the set signed it with an algorithm that is allowed.

        Raises UnavailableError when the keys can't be fetched, and those that are known don't decide it.
        """
        if token.algorithm not in self._algorithms:
            wanted = ", ".join(self._algorithms)
            raise refused(f"The token is signed with {token.algorithm}; taken here: {wanted}.")
        named = await self._named(token.kid)
        fitting = [key for key in named if token.algorithm in key.algorithms]
        if not fitting:
            raise refused(f"The key that the token names is not for {token.algorithm}.")
        if not any(key.has_signed(token) for key in fitting):
            raise refused("The token's signature is not of the key that it names.")

    async def refresh(self) -> None:
        """Fetch the set now, unless it was tried a moment ago. What goes wrong is logged and remembered."""
        async with self._one_at_a_time:
            if self._is_long_ago():
                await self._fetch()

    def state(self) -> dict[str, Any]:
        """For readiness: how many keys are known, how old they are, and why they can't be fetched."""
        age = time.monotonic() - self._fetched
        found: dict[str, Any] = {"keys": sum(map(len, self._keys.values()))}
        if self._fetched > float("-inf"):
            found["age_seconds"] = round(age)
        return {**found, "problem": self._problem} if self._problem else found

    async def _named(self, kid: str) -> Sequence[VerifyingKey]:
        known = kid in self._keys
        is_due = not known or time.monotonic() - self._fetched > REFRESH_SECONDS
        # Whoever knows the key does not wait for another who fetches; others find what was fetched.
        if (is_due and self._is_long_ago()) or (not known and self._one_at_a_time.locked()):
            await self.refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._problem:
            raise UnavailableError(
                f"The keys that sign tokens can't be fetched now ({self._problem}). Send it again."
            )
        if not self._keys:
            raise refused(
                "The issuer's key set was fetched, and none of its keys may be used here: they have to be "
                f"for {', '.join(self._algorithms)}, with {LEAST_RSA_BITS} bits at least if RSA."
            )
        raise refused("The token is signed with a key that the issuer's key set does not have.")

    def _is_long_ago(self) -> bool:
        return time.monotonic() - self._tried >= LEAST_SECONDS_BETWEEN_FETCHES

    async def _fetch(self) -> None:
        self._tried = time.monotonic()
        try:
            url = self._url if self._issuer is None else await discover(self._issuer)
            keys: dict[str, list[VerifyingKey]] = {}
            for key in keys_of(await fetch(url), self._algorithms):
                keys.setdefault(key.kid, []).append(key)
        except KeySetError as error:
            self._problem = str(error)
            metrics.key_sets_fetched.labels(self._name, "failed").inc()
            log.warning("key_set_unavailable", kind=self._name, reason=self._problem)
            return  # the keys we have stay good; the next try is ten seconds away
        self._problem = ""
        self._keys = keys
        self._fetched = time.monotonic()
        metrics.key_sets_fetched.labels(self._name, "fetched").inc()
        if not keys:
            log.warning("key_set_without_usable_keys", kind=self._name)
