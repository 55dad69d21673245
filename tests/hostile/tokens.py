"""Forged tokens: header, claims or signature are changed, or another key is used than is named."""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Self

from shared.auth.key_sets import KeySet
from shared.auth.tokens import ALGORITHMS, read
from shared.errors import UnauthenticatedError
from tests.hostile.mutations import changed_bytes, changed_text
from tests.support.issuer import EC, ED, PSS, RSA, RSA_ALONE, USABLE, Key, part, signed

HEADER, CLAIMS = b'{"alg":"RS256","kid":"rsa-1"}', b'{"iss":"i","sub":"ana","roles":["rep"]}'
STRANGERS = (Key("stranger"), Key("stranger", "ES256"), Key("stranger", "EdDSA"))


@cache  # signing is the dear part of it
def token_of(
    key: Key, alg: str | None = None, *, kid: str = "", names: str = "", shows: Key | None = None
) -> str:
    """A token of this key, whose header may name another one or another algorithm, or show a key."""
    header: dict[str, Any] = {"jwk": shows.public} if shows else {}
    return signed(json.loads(CLAIMS), key, alg, names=names, **header, kid=kid or key.kid)


class TokenForger:
    """Somebody who has seen tokens and the public keys, and wants to be somebody else."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name, "keys.json")
        path.write_text(json.dumps({"keys": [key.public for key in USABLE]}))
        self._keys = KeySet("people", path.as_uri(), ALGORITHMS)
        self._loop = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.close()
        self._folder.cleanup()

    def enters(self, token: str) -> bool:
        try:
            self._loop.run(self._keys.verify(read(token)))
        except UnauthenticatedError:
            return False
        return True

    def genuine(self) -> bool:
        return all(self.enters(token_of(key)) for key in USABLE)

    def token(self) -> bool:
        """One that was changed somewhere, put together of two, or signed with another key than it names."""
        random = self.random
        key, other = random.sample(USABLE, 2)
        text = token_of(key)
        head, claims, signature = text.split(".")
        their_head, _, their_signature = token_of(other).split(".")
        noise = part(random.randbytes(random.choice((32, 64, 256))))
        secret = part(json.dumps(key.public).encode()[:32])
        forged: tuple[Callable[[], str], ...] = (
            lambda: changed_text(random, text),
            lambda: f"{part(changed_bytes(random, HEADER))}.{claims}.{signature}",
            lambda: f"{head}.{part(changed_bytes(random, CLAIMS))}.{signature}",
            lambda: f"{head}.{claims}.{changed_text(random, signature)}",
            lambda: f"{head}.{claims}.{their_signature}",
            lambda: f"{their_head}.{claims}.{signature}",
            lambda: f"{head}.{claims}.{noise}",
            lambda: f"{head}.{claims}.{part(bytes(64))}",
            lambda: f"{part({'alg': 'HS256', 'kid': key.kid})}.{claims}.{secret}",
            lambda: token_of(random.choice(STRANGERS), kid=key.kid),
            lambda: token_of(random.choice(STRANGERS), kid=key.kid, shows=STRANGERS[0]),
            lambda: token_of(key, names=random.choice(("none", "HS256", "RS384"))),
            lambda: token_of(RSA, "PS256"),
            lambda: token_of(PSS, "RS256"),
            lambda: token_of(RSA_ALONE, names="PS256"),
            lambda: token_of(EC, kid=ED.kid),
        )
        made = random.choice(forged)()
        return made != text and self.enters(made)
