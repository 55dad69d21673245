"""An OIDC provider over real HTTP: discovery and key set, with keys of every kind, and tokens signed by them.

with Issuer() as issuer:
    url = issuer.at("/realms/house")          # what AUTH_ISSUER has to be
    token = signed({"iss": url, …}, RSA, alg="PS256", typ="at+jwt")
    issuer.publish(EC, ED)                    # rotation
    issuer.answers["/keys"] = (503, b"")      # broken
    issuer.hold()                             # slow, until issuer.release()
"""

import base64
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import Algorithm, get_default_algorithms

WELL_KNOWN = "/.well-known/openid-configuration"
KEYS = "/keys"


@cache
def algorithm(name: str) -> Algorithm:
    return get_default_algorithms()[name]


@dataclass(frozen=True)
class Key:
    """A pair of keys; made when it is first asked for. `alg` is what it signs with unless told otherwise."""

    kid: str
    alg: str = "RS256"
    bits: int = 2048
    # What its entry in the set says besides, or says otherwise: {"alg": None} leaves it out.
    entry: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @cached_property
    def private(self) -> Any:
        return _private(self.kid, self.alg, self.bits)

    @property
    def public(self) -> dict[str, Any]:
        """Its entry in the key set."""
        told = {
            "use": "sig",
            "kid": self.kid,
            "alg": self.alg,
            **algorithm(self.alg).to_jwk(self.private.public_key(), as_dict=True),
            "key_ops": None,
            **self.entry,
        }
        return {name: value for name, value in told.items() if value is not None}


@cache
def _private(kid: str, alg: str, bits: int) -> Any:
    """`kid` keeps apart what is the same otherwise."""
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg == "ES384":
        return ec.generate_private_key(ec.SECP384R1())
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, bits)


RSA = Key("rsa-1")
RSA_ALONE = Key("rsa-2", entry={"alg": None})  # as Entra ID publishes them: any RSA algorithm
PSS = Key("rsa-3", "PS256")
EC = Key("ec-1", "ES256")
ED = Key("ed-1", "EdDSA")
WEAK = Key("rsa-weak", bits=1024)
ENCRYPTING = Key("rsa-enc", entry={"use": "enc", "alg": "RSA-OAEP-256"})
P_384 = Key("ec-384", "ES384")
USABLE = (RSA, RSA_ALONE, PSS, EC, ED)
ODD: tuple[Any, ...] = (
    "not an object", None, {}, {"kid": "x"}, {"kid": 7, "kty": "RSA"},
    {"kid": ["a"], "kty": ["RSA"], "alg": {}}, {"kid": "odd", "kty": "EC", "crv": ["P-256"]},
    {"kid": "no-number", "kty": "RSA", "alg": "RS256", "n": "!!", "e": "AQAB"},
    {"kid": "no-point", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kid": "secret", "kty": "oct", "alg": "HS256", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"},
    {"kid": "new-kind", "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
)  # fmt: skip


def signed(
    claims: Mapping[str, Any] | bytes, key: Key, alg: str | None = None, *, names: Any = "", **header: Any
) -> str:
    """A token with these claims, or these bytes for claims; a header of None is left out.

    `names` is the algorithm that its header names instead of the one it is signed with.
    """
    told = {"typ": "JWT", "alg": alg or key.alg, "kid": key.kid, **header}
    if names != "":
        told["alg"] = names
    head = part({name: value for name, value in told.items() if value is not None})
    body = part(claims)
    signature = algorithm(alg or key.alg).sign(f"{head}.{body}".encode(), key.private)
    return f"{head}.{body}.{part(signature)}"


def part(value: Mapping[str, Any] | bytes) -> str:
    """One of the three parts of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Issuer:
    """The server. Programmable at any time, from any thread; stops at the end of its `with`."""

    def __init__(self) -> None:
        # Entries of the key set, and what discovery says besides or says otherwise.
        self.entries: list[Any] = [*ODD, *(key.public for key in (ENCRYPTING, WEAK, P_384, *USABLE))]
        self.says: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self._named: dict[str, str] = {}
        self._asking = threading.Condition()
        self._released = threading.Event()
        self._released.set()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def at(self, path: str = "") -> str:
        """The issuer of this path; every path is one, and its document is found without the last `/`."""
        self._named[path.removesuffix("/")] = self.url + path
        return self.url + path

    def publish(self, *keys: Key) -> None:
        """The key set has these and no others from now on."""
        self.entries = [key.public for key in keys]

    def times_asked(self, path: str = KEYS) -> int:
        return self.asked.count(path)

    def wait_until_asked(self, times: int, path: str = KEYS) -> None:
        """Blocks this thread until somebody has asked so often."""
        with self._asking:
            assert self._asking.wait_for(lambda: self.times_asked(path) >= times, timeout=30)

    def hold(self) -> None:
        """Answer nobody until `release`."""
        self._released.clear()

    def release(self) -> None:
        self._released.set()

    def answer(self, path: str) -> tuple[int, bytes]:
        """The status and body of one request."""
        with self._asking:
            self.asked.append(path)
            self._asking.notify_all()
        self._released.wait(30)
        if path in self.answers:
            return self.answers[path]
        if path == KEYS:
            return 200, json.dumps({"keys": self.entries}).encode()
        if path.endswith(WELL_KNOWN):
            before = path.removesuffix(WELL_KNOWN)
            issuer = self._named.get(before, self.url + before)
            return 200, json.dumps({"issuer": issuer, "jwks_uri": self.url + KEYS, **self.says}).encode()
        return 404, b"{}"

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"served": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self.release()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Issuer
    timeout = 5

    def do_GET(self) -> None:
        status, body = self.served.answer(self.path)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status == 302:
            self.send_header("location", self.served.url + KEYS)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            return  # whoever asked has gone

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
