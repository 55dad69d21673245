"""Signing keys of a test run, and tokens signed with them."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.auth import tokens
from shared.services import SERVICES

ISSUER = "https://login.example.test"
SECRETS_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="


@dataclass(frozen=True)
class Keys:
    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Keys":
        people = tokens.new_key("people-1")
        services = {name: tokens.new_key(name) for name in SERVICES}
        (folder / "people.jwk").write_text(json.dumps(people))
        (folder / "people.jwks").write_text(json.dumps(tokens.public_keys([people])))
        for name, key in services.items():
            (folder / f"{name}.jwk").write_text(json.dumps(key))
        (folder / "services.jwks").write_text(json.dumps(tokens.public_keys(list(services.values()))))
        return cls(folder)

    def environment(self, service: str) -> dict[str, str]:
        """The settings a service needs to check and sign tokens."""
        return {
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": "leadloop",
            "AUTH_JWKS_URL": (self.folder / "people.jwks").as_uri(),
            "SERVICE_JWKS_URL": (self.folder / "services.jwks").as_uri(),
            "SERVICE_KEY_FILE": str(self.folder / f"{service}.jwk"),
            "SECRETS_KEY": SECRETS_KEY,
        }

    def token(self, *roles: str, subject: str = "someone", **claims: Any) -> str:
        """A person's access token with these roles."""
        now = int(time.time())
        values = {"iss": ISSUER, "aud": "leadloop", "sub": subject, "iat": now, "exp": now + 600}
        return tokens.sign(self._read("people.jwk"), {**values, "roles": list(roles), **claims})

    def service_token(self, caller: str, callee: str) -> str:
        return tokens.sign_for_service(
            self._read(f"{caller}.jwk"), caller=caller, callee=callee, now=time.time()
        )

    def as_(self, *roles: str, subject: str = "someone") -> dict[str, str]:
        """The headers of a request by a person with these roles."""
        return {"Authorization": f"Bearer {self.token(*roles, subject=subject)}"}

    def as_service(self, caller: str, callee: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.service_token(caller, callee)}"}

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found
