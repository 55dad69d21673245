"""From an Authorization header to a Caller: people's tokens, services' tokens, servers' API keys."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog

from shared.auth.access import Caller, bearer
from shared.auth.api_keys import PREFIX, find_valid_key
from shared.auth.claims import (
    LEEWAY_SECONDS,
    check_audience,
    check_times,
    credential_of,
    roles_of,
    subject_of,
)
from shared.auth.key_sets import KeySet
from shared.auth.sign_on import SERVICE_ISSUER, SignOn
from shared.auth.tokens import ALGORITHM, SERVICE_SECONDS, UnverifiedToken, read, refused
from shared.database.admission import Admission
from shared.database.sessions import Sessions
from shared.services import SERVICES
from shared.settings import CommonSettings

REMEMBER_TOKENS_SECONDS = 60.0
REMEMBER_KEYS_SECONDS = 5.0  # how long another process may still take a key revoked in this one
MOST_REMEMBERED = 4096
LONGEST = 12 * 1024  # a token of Entra ID with 200 groups; all headers together may have 16 KiB

log = structlog.get_logger()


class Authenticator:
    """Checks credentials for one service, and remembers a good one for moments, never past its end.

    Raises SettingsError when the settings of the sign-on make no sense.
    """

    def __init__(
        self, service: str, settings: CommonSettings, sessions: Sessions, admission: Admission
    ) -> None:
        self._service = service
        self._sign_on = sign_on = SignOn.of(settings)
        self._people = KeySet("people", sign_on.jwks_url, sign_on.algorithms, issuer=sign_on.issuer_to_ask)
        self._services = KeySet("services", settings.service_jwks_url, [ALGORITHM])
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
            raise refused("The credential is far too long.")
        if credential.startswith(PREFIX):
            caller, seconds = await self._server(credential), REMEMBER_KEYS_SECONDS
        else:
            caller, seconds = await self._token(read(credential))
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[credential] = (caller, time.monotonic() + seconds)
        return caller

    def forget(self) -> None:
        """Check every credential anew from now on: a key was revoked."""
        self._remembered.clear()

    async def fetch_keys(self) -> None:
        """At the start, so that the log tells whoever set it up, and the first caller need not wait."""
        if self._sign_on.in_the_open:
            log.warning("keys_without_tls", setting=self._sign_on.names_keys)
        await asyncio.gather(self._people.refresh(), self._services.refresh())

    def state(self) -> dict[str, Any]:
        """For readiness: what is known of the keys that tokens are checked with."""
        return {"people": self._people.state(), "services": self._services.state()}

    async def _server(self, key: str) -> Caller:
        with self._admission.slot():
            async with self._sessions() as session:
                found = await find_valid_key(session, key)
        if found is None:
            raise refused("The API key is unknown, revoked or expired.")
        return Caller("server", str(found[0]), scopes=found[1], credential=str(found[0]))

    async def _token(self, token: UnverifiedToken) -> tuple[Caller, float]:
        of_service = token.issuer.startswith(SERVICE_ISSUER)
        if not of_service and token.issuer != self._sign_on.issuer:
            raise refused(f"The token is of another issuer (iss); here it is {self._sign_on.issuer}.")
        await (self._services if of_service else self._people).verify(token)
        now = time.time()
        ends = check_times(token.claims, now)
        caller = self._service_of(token, ends) if of_service else self._person_of(token)
        return caller, min(REMEMBER_TOKENS_SECONDS, ends - now + LEEWAY_SECONDS)

    def _person_of(self, token: UnverifiedToken) -> Caller:
        sign_on = self._sign_on
        check_audience(token.claims, sign_on.audiences)
        subject = subject_of(token.claims, sign_on.subject_claim)
        roles, why_none = roles_of(token.claims, sign_on.roles_claim, sign_on.roles)
        if not roles:
            log.warning("person_without_role", setting="AUTH_ROLES_CLAIM", reason=why_none)
        credential = credential_of(token.claims, token.kid)
        return Caller("person", subject, roles=roles, credential=credential)

    def _service_of(self, token: UnverifiedToken, ends: float) -> Caller:
        check_audience(token.claims, [self._service])
        name = token.issuer.removeprefix(SERVICE_ISSUER)
        # The key's id names its owner, so that no service can sign in the name of another.
        if name not in SERVICES or token.claims.get("sub") != name or token.kid.partition(":")[0] != name:
            raise refused("The token's key does not belong to the service it names.")
        issued = token.claims.get("iat")
        if issued is None or ends - float(issued) > 2 * SERVICE_SECONDS:
            raise refused("A service's token is good for a minute at most.")
        return Caller("service", name, credential=token.kid)
