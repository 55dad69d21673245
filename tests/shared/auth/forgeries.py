"""The table of tokens made to get in: a line each, with what the answer has to say."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support import issuer as support
from tests.support.issuer import EC, ED, PSS, RSA, RSA_ALONE, WEAK, Issuer, Key, part, signed

STRANGER = Key("rsa-1-of-a-stranger")


def claims(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {
        "iss": issuer.at(),
        "aud": "leadloop",
        "sub": "ana",
        "roles": ["rep"],
        "iat": now,
        "exp": now + 60,
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def by_hmac(issuer: Issuer, secret: bytes, alg: str = "HS256") -> str:
    head, body = part({"typ": "JWT", "alg": alg, "kid": RSA.kid}), part(claims(issuer))
    signature = support.algorithm("HS256").sign(f"{head}.{body}".encode(), secret)
    return f"{head}.{body}.{part(signature)}"


def unsigned(issuer: Issuer, alg: str) -> str:
    return with_signature(signed(claims(issuer), RSA, names=alg), b"")


def entry(key: Key) -> bytes:
    return json.dumps(key.public).encode()


def pem(key: Key) -> bytes:
    found: bytes = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


def with_signature(token: str, raw: bytes) -> str:
    return f"{token.rpartition('.')[0]}.{part(raw)}"


def with_header(token: str, raw: bytes) -> str:
    return f"{part(raw)}.{token.partition('.')[2]}"


def with_claims(token: str, changed: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{part(changed)}.{signature}"


def twice(issuer: Issuer, name: str, value: Any) -> bytes:
    """The claims with one of them a second time."""
    return json.dumps(claims(issuer)).encode()[:-1] + f', "{name}": {json.dumps(value)}}}'.encode()


def der(key: Key, issuer: Issuer) -> str:
    """An ES256 signature as OpenSSL writes it, where JOSE has two bare numbers."""
    from jwt.utils import raw_to_der_signature  # noqa: PLC0415 - only here

    token = signed(claims(issuer), key)
    raw = base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")
    return with_signature(token, raw_to_der_signature(raw, key.private.curve))


class Forgery(NamedTuple):
    name: str
    says: str
    make: Callable[[Issuer], str]


def by(name: str, says: str, key: Key, alg: str | None = None, **header: Any) -> Forgery:
    """A token with good claims, signed with this key and algorithm, and another header."""
    return Forgery(name, says, lambda issuer: signed(claims(issuer), key, alg, **header))


def told(name: str, says: str, **changes: Any) -> Forgery:
    """A token that the provider has signed, and that is not good here."""
    return Forgery(name, says, lambda issuer: signed(claims(issuer, **changes), RSA))


def raw(name: str, says: str, make: Callable[[Issuer], str]) -> Forgery:
    return Forgery(name, says, make)


def genuine(issuer: Issuer, key: Key = RSA) -> str:
    return signed(claims(issuer), key)


NO_SIGNATURE = "The token's signature is not of the key that it names."
NOT_READ = "The token's claims can't be read."
HEADER_NOT_READ = "The token's header can't be read."
ALG_TWICE = b'{"alg": "RS256", "kid": "rsa-1", "alg": "none"}'
DEEP = b'{"a": ' * 3000 + b"1" + b"}" * 3000
FORGERIES = (
    # No signature, or one that anybody can make.
    by("alg none", "signed with none", RSA, names="none"),
    by("alg None", "signed with None", RSA, names="None"),
    by("no alg", "names no algorithm", RSA, names=None),
    by("alg as a list", "names no algorithm", RSA, names=["none", "RS256"]),
    by("alg to shout with", "names no algorithm", RSA, names="<script>alert(1)</script>"),
    raw("alg none, nothing signed", "signed with none", lambda i: unsigned(i, "none")),
    raw("nothing signed", "signature", lambda i: f"{genuine(i).rpartition('.')[0]}."),
    raw("HS256 by the public key's PEM", "signed with HS256", lambda i: by_hmac(i, pem(RSA))),
    raw("HS256 by the key set's entry", "signed with HS256", lambda i: by_hmac(i, entry(RSA))),
    raw("HS256 by nothing", "signed with HS256", lambda i: by_hmac(i, b"")),
    raw("HMAC that calls itself RS256", NO_SIGNATURE, lambda i: by_hmac(i, pem(RSA), "RS256")),
    raw("ES256 of zeros", NO_SIGNATURE, lambda i: with_signature(genuine(i, EC), bytes(64))),
    raw("ES256 of nothing", "signature", lambda i: with_signature(genuine(i, EC), b"\0")),
    raw("ES256 as DER", NO_SIGNATURE, lambda i: der(EC, i)),
    raw("EdDSA of zeros", NO_SIGNATURE, lambda i: with_signature(genuine(i, ED), bytes(64))),
    raw("RS256 of zeros", NO_SIGNATURE, lambda i: with_signature(genuine(i), bytes(256))),
    raw("RS256 of ones", NO_SIGNATURE, lambda i: with_signature(genuine(i), bytes(255) + b"\1")),
    raw("a signature with padding", NO_SIGNATURE, lambda i: genuine(i) + "=="),
    raw("other claims", NO_SIGNATURE, lambda i: with_claims(genuine(i), claims(i, roles=["admin"]))),
    # Keys that are not the provider's, or not for this.
    by("a stranger's key", NO_SIGNATURE, STRANGER, kid=RSA.kid),
    by("a key that nobody has", "does not have", STRANGER),
    by("the id of another key", NO_SIGNATURE, RSA_ALONE, kid=RSA.kid),
    by("RS256 against an EC key", "not for RS256", RSA, kid=EC.kid),
    by("ES256 against an RSA key", "not for ES256", EC, kid=RSA.kid),
    by("EdDSA against an EC key", "not for EdDSA", ED, kid=EC.kid),
    by("PS256 by a key for RS256", "not for PS256", RSA, "PS256"),
    by("RS256 by a key for PS256", "not for RS256", PSS, "RS256"),
    by("RS256 that calls itself PS256", NO_SIGNATURE, RSA_ALONE, names="PS256"),
    by("RS384", "signed with RS384", RSA, "RS384"),
    by("ES384", "signed with ES384", support.P_384),
    by("RSA with 1024 bits", "does not have", WEAK),
    by("a key for encryption", "does not have", support.ENCRYPTING, "RS256"),
    by("no kid", "names no key", RSA, kid=None),
    by("an empty kid", "names no key", RSA, kid=""),
    by("a kid that is a list", "names no key", RSA, kid=[RSA.kid]),
    by("a kid that is a path", "does not have", RSA, kid="../../../../dev/null"),
    by("a kid that is SQL", "does not have", RSA, kid="x' UNION SELECT 'secret"),
    by("a kid with a line's end", "names no key", RSA, kid="rsa-1\nset-cookie: a"),
    by("a kid of a page", "names no key", RSA, kid="k" * 256),
    # Headers that ask for more than we do.
    by("crit", "crit", RSA, crit=["exp"], exp=1),
    by("an empty crit", "crit", RSA, crit=[]),
    by("b64", "crit", RSA, crit=["b64"], b64=False),
    by("another typ", "another kind", RSA, typ="logout+jwt"),
    by("an empty typ", "another kind", RSA, typ=""),
    by("typ as a list", "another kind", RSA, typ=["JWT"]),
    by("a secured event", "another kind", RSA, typ="secevent+jwt"),
    # Claims, of a provider that signs anything.
    told("no issuer", "names no issuer", iss=None),
    told("an issuer that is a list", "names no issuer", iss=["a", "b"]),
    told("another issuer", "another issuer", iss="https://login.evil.example"),
    told("an issuer that begins alike", "another issuer", iss="http://127.0.0.1"),
    told("a service of ours", "signed with RS256", iss="leadloop:sales", sub="sales", aud="handoff"),
    told("no audience", "no audience", aud=None),
    told("another audience", "another audience", aud=["leadlooq", "leadloop2"]),
    told("no end", "no end", exp=None),
    told("over", "expired", exp=1),
    told("an end in words", "exp is no number", exp="4000000000"),
    told("an end without end", "exp is no number", exp=float("inf")),
    told("an end of 400 digits", "exp is no number", exp=10**400),
    told("an end that is no number", "exp is no number", exp=float("nan")),
    told("an end that is true", "exp is no number", exp=True),
    told("not yet", "not yet valid (nbf)", nbf=4_000_000_000),
    told("issued tomorrow", "not yet valid (iat)", iat=4_000_000_000),
    told("begins in words", "nbf is no number", nbf="now"),
    told("nobody", "its sub is empty", sub=None),
    told("an empty subject", "its sub is empty", sub=""),
    told("a blank subject", "its sub is empty", sub=" \t "),
    told("a subject that is a number", "its sub is empty", sub=7),
    told("a subject with NUL", "printable", sub="ana\0"),
    told("a subject that turns around", "printable", sub="an\u202ea"),
    told("half a character", "printable", sub="ana\ud800"),
    told("a long subject", "255 characters", sub="a" * 256),
    # Two readers could read these differently.
    raw("an issuer twice", NOT_READ, lambda i: signed(twice(i, "iss", "https://login.evil.example"), RSA)),
    raw("a subject twice", NOT_READ, lambda i: signed(twice(i, "sub", "eve"), RSA)),
    raw("roles twice", NOT_READ, lambda i: signed(twice(i, "roles", ["admin"]), RSA)),
    raw("alg twice", HEADER_NOT_READ, lambda i: with_header(genuine(i), ALG_TWICE)),
    # What is no token of this kind.
    raw("encrypted (JWE)", "encrypted", lambda i: f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d"),
    raw("opaque", "neither an API key", lambda i: "ya29.a0AfH6SMBx"),
    raw("four parts", "neither an API key", lambda i: genuine(i) + ".a"),
    raw("as JSON", "can't be read", lambda i: json.dumps({"payload": "a.b"}) + ".c"),
    raw("parts that are no base64", HEADER_NOT_READ, lambda i: "!!.!!.!!"),
    raw("claims with a sign between", NOT_READ, lambda i: genuine(i).replace(".", ".~", 1)),
    raw("claims that are a list", NOT_READ, lambda i: signed(b"[1]", RSA)),
    raw("claims that are no JSON", NOT_READ, lambda i: signed(b"{", RSA)),
    raw("claims that are not UTF-8", NOT_READ, lambda i: signed(b'{"iss":"\xff"}', RSA)),
    raw("claims of no end", "far too long", lambda i: signed(DEEP, RSA)),
    raw("deep claims", NOT_READ, lambda i: signed(b"[" * 8000, RSA)),
    raw("a deep header", HEADER_NOT_READ, lambda i: f"{part(b'[' * 8000)}.e30.AA"),
    told("a huge token", "far too long", padding="x" * 9500),
)  # fmt: skip
