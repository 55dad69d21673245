"""Signed tokens (JWT): what one says of itself before anything is checked, and tokens of our own.

People's tokens come from the organisation's OIDC provider; the local stack signs its own with the
same functions. A service signs a token per call for the one service it calls.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.errors import UnauthenticatedError

ALGORITHM = "EdDSA"  # of tokens that we sign
# Those a provider may sign with. All need a private key: with a shared secret whoever checks could sign, too.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
SERVICE_SECONDS = 60
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})  # RFC 9068, section 4; "JWT" by RFC 7519
MOST_KEY_ID = 255
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_NAME_OF_ALGORITHM = re.compile(r"[A-Za-z0-9+-]{1,16}")
_NOT_IN_A_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")  # RFC 6750, section 3

Jwk = Mapping[str, Any]


def refused(detail: str) -> UnauthenticatedError:
    """The answer to a credential that is there and not good: 401, and why, as RFC 6750 wants it."""
    words = _NOT_IN_A_DESCRIPTION.sub("'", detail)
    challenge = f'Bearer error="invalid_token", error_description="{words}"'
    return UnauthenticatedError(detail, headers={"WWW-Authenticate": challenge})


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token as it was sent. Whoever sent it may have made all of it up, until its signature is checked."""

    text: str
    algorithm: str
    kid: str
    issuer: str
    claims: Mapping[str, Any]


def read(text: str) -> UnverifiedToken:
    """What a token says. Keys and addresses in its header (`jwk`, `jku`, `x5u`) are not looked at.

    Raises UnauthenticatedError for what is no token, or has a header with more than we understand.
    """
    parts = text.split(".")
    if len(parts) == 5:
        raise refused("The token is encrypted (a JWE). Ask the provider for one that is only signed.")
    if len(parts) != 3:
        raise refused("The credential is neither an API key nor a signed token (a JWT).")
    header, claims = _object_of(parts[0], "header"), _object_of(parts[1], "claims")
    kind = header.get("typ")
    if kind is not None and (not isinstance(kind, str) or kind.lower() not in TYPES):
        raise refused("The token is of another kind: its typ has to be JWT, at+jwt, or left out.")
    if "crit" in header or "b64" in header:
        raise refused("The token's header demands what is not understood here (crit).")
    algorithm, kid, issuer = header.get("alg"), header.get("kid"), claims.get("iss")
    if not isinstance(algorithm, str) or not _NAME_OF_ALGORITHM.fullmatch(algorithm):
        raise refused("The token's header names no algorithm (alg).")
    if not isinstance(kid, str) or not 0 < len(kid) <= MOST_KEY_ID or not kid.isprintable():
        raise refused("The token's header names no key (kid).")
    if not isinstance(issuer, str):
        raise refused("The token names no issuer (iss).")
    return UnverifiedToken(text, algorithm, kid, issuer, claims)


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


def _object_of(part: str, name: str) -> dict[str, Any]:
    try:
        if not _BASE64URL.fullmatch(part):
            raise ValueError
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        found = json.loads(raw, object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise refused(f"The token's {name} can't be read.") from None
    if not isinstance(found, dict):
        raise refused(f"The token's {name} can't be read.")
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 7519, section 4: of two claims with one name another reader may take the other one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
