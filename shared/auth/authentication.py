"""From an Authorization header to a Caller: people's tokens, services' tokens, servers' API keys."""

import time
from collections.abc import Mapping
from typing import Any

import jwt

from shared.auth.access import Caller, Role, bearer
from shared.auth.api_keys import PREFIX, find_valid_key
from shared.auth.tokens import ALGORITHM, SERVICE_SECONDS, KeySet
from shared.database.admission import Admission
from shared.database.sessions import Sessions
from shared.errors import UnauthenticatedError
from shared.services import SERVICES
from shared.settings import CommonSettings

LEEWAY_SECONDS = 5
REMEMBER_TOKENS_SECONDS = 60.0
REMEMBER_KEYS_SECONDS = 5.0  # how long another process may still take a key revoked in this one
MOST_REMEMBERED = 4096
LONGEST = 8192
SERVICE_ISSUER = "leadloop:"


class Authenticator:
    """Checks credentials for one service, and remembers a good one for moments, never past its end."""

    def __init__(
        self, service: str, settings: CommonSettings, sessions: Sessions, admission: Admission
    ) -> None:
        self._service = service
        self._issuer = settings.auth_issuer
        self._audience = settings.auth_audience
        self._people = KeySet(settings.auth_jwks_url)
        self._services = KeySet(settings.service_jwks_url)
        self._sessions = sessions
        self._admission = admission
        self._remembered: dict[str, tuple[Caller, float]] = {}

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who sends these headers. Raises UnauthenticatedError for no, or no valid, credential."""
        credential = bearer(headers)
        remembered = self._remembered.get(credential)
        if remembered is not None and time.monotonic() < remembered[1]:
            return remembered[0]
        if len(credential) > LONGEST:
            raise UnauthenticatedError("The credential is far too long.")
        if credential.startswith(PREFIX):
            caller, seconds = await self._server(credential), REMEMBER_KEYS_SECONDS
        else:
            caller, seconds = await self._token(credential)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[credential] = (caller, time.monotonic() + seconds)
        return caller

    def forget(self) -> None:
        """Check every credential anew from now on: a key was revoked."""
        self._remembered.clear()

    async def _server(self, key: str) -> Caller:
        with self._admission.slot():
            async with self._sessions() as session:
                found = await find_valid_key(session, key)
        if found is None:
            raise UnauthenticatedError("The API key is unknown, revoked or expired.")
        return Caller("server", str(found[0]), scopes=found[1], credential=str(found[0]))

    async def _token(self, token: str) -> tuple[Caller, float]:
        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            kid = header.get("kid")
            if header.get("alg") != ALGORITHM or not isinstance(kid, str) or not isinstance(issuer, str):
                raise UnauthenticatedError(
                    f"A token is signed with {ALGORITHM} and names its key and issuer."
                )
            if issuer.startswith(SERVICE_ISSUER):
                claims = await self._claims(token, self._services, kid, issuer, self._service)
                caller = _service_of(claims, kid)
            else:
                claims = await self._claims(token, self._people, kid, self._issuer, self._audience)
                caller = _person_of(claims, kid)
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError("The token has expired.") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise UnauthenticatedError("The token is not valid here.") from None
        left = float(claims["exp"]) - time.time() + LEEWAY_SECONDS
        return caller, min(REMEMBER_TOKENS_SECONDS, left)

    @staticmethod
    async def _claims(token: str, keys: KeySet, kid: str, issuer: str, audience: str) -> dict[str, Any]:
        key = await keys.key(kid)
        return jwt.decode(
            token,
            key.key,
            algorithms=[ALGORITHM],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )


def _person_of(claims: Mapping[str, Any], kid: str) -> Caller:
    named = claims.get("roles")
    roles = (
        frozenset(role for role in Role if role.value in named) if isinstance(named, list) else frozenset()
    )
    return Caller("person", str(claims["sub"]), roles=roles, credential=str(claims.get("jti") or kid))


def _service_of(claims: Mapping[str, Any], kid: str) -> Caller:
    name = str(claims["iss"]).removeprefix(SERVICE_ISSUER)
    # The key's id names its owner, so that no service can sign in the name of another.
    if name not in SERVICES or claims["sub"] != name or kid.partition(":")[0] != name:
        raise UnauthenticatedError("The token's key does not belong to the service it names.")
    if float(claims["exp"]) - float(claims.get("iat", 0)) > 2 * SERVICE_SECONDS:
        raise UnauthenticatedError("A service's token is good for a minute at most.")
    return Caller("service", name, credential=kid)
