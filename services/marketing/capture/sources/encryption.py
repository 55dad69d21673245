"""Secrets of connections at rest: AES-256-GCM with keys that can be changed while all goes on.

Those that were only ever compared used to be kept as a plain SHA-256, which tells a short one to whoever gets
hold of it. They are still matched, and sealed from now on.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealError(ValueError):
    """A secret can't be opened: none of SECRETS_KEY is the one it was sealed with."""


def digest(secret: str) -> bytes:
    """What secrets are compared by, so that it takes the same time however alike they are."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def matches(secret: str, digests: Iterable[bytes]) -> bool:
    """Whether it is one of the live secrets; takes the same time whichever it is, and when it is none."""
    found, given = False, digest(secret)
    for known in digests:
        found |= hmac.compare_digest(given, known)
    return found


class Sealer:
    """Encrypts with the first of its keys, opens with any; bound to the connection: rows can't be swapped."""

    def __init__(self, newest: str, *older: str) -> None:
        self._newest, *self._older = map(_cipher, (newest, *older))

    def seal(self, secret: str, connection_id: UUID) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._newest.encrypt(nonce, secret.encode(), connection_id.bytes)

    def open(self, sealed: bytes, connection_id: UUID) -> str:
        """Raises SealError when none of the keys fits, or the connection is another."""
        for cipher in (self._newest, *self._older):
            found = _opened(cipher, sealed, connection_id)
            if found is not None:
                return found
        raise SealError("SECRETS_KEY does not open this secret; it was stored with another key.")

    def reseal(self, sealed: bytes, connection_id: UUID) -> bytes | None:
        """The same, sealed with the newest key; None when it already is. Raises SealError."""
        if _opened(self._newest, sealed, connection_id) is not None:
            return None
        return self.seal(self.open(sealed, connection_id), connection_id)


def _cipher(key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"leadloop connection secrets\x00" + key.encode()).digest())


def _opened(cipher: AESGCM, sealed: bytes, connection_id: UUID) -> str | None:
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], connection_id.bytes).decode()
    except InvalidTag:
        return None
