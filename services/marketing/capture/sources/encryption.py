"""Secrets of connections at rest: a hash where comparing is enough, AES-256-GCM where the secret is used."""

import hashlib
import hmac
import os
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealError(ValueError):
    """A secret can't be opened: SECRETS_KEY is not the one it was sealed with."""


def digest(secret: str) -> bytes:
    """What is kept of a secret that is only compared. Only long, random ones are safe so."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def matches(secret: str, digests: Iterable[bytes]) -> bool:
    """Whether it is one of the live secrets; takes the same time whichever it is, and when it is none."""
    found, given = False, digest(secret)
    for known in digests:
        found |= hmac.compare_digest(given, known)
    return found


class Sealer:
    """Encrypts with a key made from SECRETS_KEY, bound to the connection: rows can't be swapped."""

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"leadloop connection secrets\x00" + key.encode()).digest())

    def seal(self, secret: str, connection_id: UUID) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), connection_id.bytes)

    def open(self, sealed: bytes, connection_id: UUID) -> str:
        """Raises SealError when the key or the connection is another."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], connection_id.bytes).decode()
        except InvalidTag as error:
            raise SealError(
                "SECRETS_KEY does not open this secret; it was stored with another key."
            ) from error
