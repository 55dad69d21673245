"""Keys as files: one for people's tokens where no sign-on issues them, one per service, the public sets.

A folder for each private key and one for what is public: a program is given its own and the public one, and
can't sign as anybody else, however it was broken into.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from shared.services import SERVICES

ISSUER = "leadloop-local"
AUDIENCE = "leadloop"
PEOPLE = "people"
HOUR = 3600
TOKEN_HOURS = 12  # a working day: there is no way to take a token back


class NoKeyError(RuntimeError):
    """There is no key that tokens of people could be signed with."""


def private_key(folder: Path, name: str) -> Path:
    """Where the key of `people` or of a service is."""
    return folder / name / "private.jwk"


def make_keys(folder: Path) -> dict[str, str]:
    """Make what is missing; returns the settings that say where the public keys are."""
    public = folder / "public"
    people, services = public / "people.jwks.json", public / "services.jwks.json"
    if not people.exists():
        _make([PEOPLE], folder, people)
    if not services.exists():
        _make(list(SERVICES), folder, services)
    return {
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_URL": people.as_uri(),
        "SERVICE_JWKS_URL": services.as_uri(),
    }


def people_token(folder: Path, *, subject: str, roles: list[str], seconds: int) -> str:
    """A token of a person with these roles, as the organisation's sign-on would issue it.

    Raises NoKeyError.
    """
    from shared.auth import (  # noqa: PLC0415 - brings httpx and cryptography, which most commands don't need
        tokens,
    )

    path = private_key(folder, PEOPLE)
    if not path.exists():
        raise NoKeyError(f"{path} is not there: the local stack makes it. Run `make up` first.")
    issued = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "roles": roles}
    return tokens.sign(json.loads(path.read_text()), {**claims, "iat": issued, "exp": issued + seconds})


def admin_token(folder: Path) -> str:
    """A token for scripts, with the role admin; each `make up` makes a new one."""
    return people_token(folder, subject="local-admin", roles=["admin"], seconds=TOKEN_HOURS * HOUR)


def _make(names: list[str], folder: Path, public: Path) -> None:
    from shared.auth import tokens  # noqa: PLC0415 - as above

    keys = [tokens.new_key(f"{name}:1") for name in names]
    for name, key in zip(names, keys, strict=True):
        _write(private_key(folder, name), key)
    _write(public, tokens.public_keys(keys))


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)
