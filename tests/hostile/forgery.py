"""Forged webhooks and tokens against the product's own verification: whatever is changed, nobody gets in.

The bodies, signatures, headers and secrets are changed one at a time in a seeded loop; the functions
are the doors' own, given real calls, and what is not exactly genuine has to be refused.
"""

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import orjson
from fastapi import FastAPI

from services.marketing.capture.connectors.generic import endpoint as generic
from services.marketing.capture.connectors.google_ads.endpoint import _knows_key
from services.marketing.capture.connectors.meta.endpoint import _answer_challenge, _is_signed
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.capture.deliveries.group_commit import FrontDoor
from services.marketing.capture.sources.encryption import Sealer, digest
from shared.errors import ForbiddenError, UnparseableError
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.raw_routes import Call
from tests.hostile.connection import BODY, ELEMENTS, KEYS, LIVE, TIME, TOKEN, connection, elements, signature
from tests.hostile.figures import Figures
from tests.hostile.mutations import changed_bytes, changed_text
from tests.hostile.platforms import PlatformForger
from tests.hostile.tokens import TokenForger


class Forger:
    """The doors of one connection, and somebody who wants in. Each attempt says whether it was let in."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        sealer = Sealer("the key secrets are sealed with")
        self._app = FastAPI()
        self._app.state.sealer = sealer
        self._app.state.front_door = FrontDoor("postgresql://nowhere/nothing")  # counts whom it refuses
        self.connection = connection(sealer)
        self.platforms = PlatformForger(self.random, self.call, self.connection)

    def call(
        self,
        method: str = "POST",
        *,
        header: str | None = None,
        query: str = "",
        named: bytes = b"x-hub-signature-256",
    ) -> Call:
        headers = [(b"content-type", b"application/json")]
        if header is not None:
            headers.append((named, header.encode("latin-1", "replace")))
        scope = {"method": method, "headers": headers, "query_string": query.encode(), "app": self._app}
        return Call(scope, _nothing_to_receive, {}, WEBHOOK_LIMIT)

    def enters_meta(self, body: bytes, header: str | None) -> bool:
        return _is_signed(self.call(header=header), self.connection, body)

    def enters_generic(self, body: bytes, header: str) -> bool:
        call = self.call(header=header, named=b"x-signature")
        return generic._is_signed(call, self.connection, ELEMENTS, body)

    def enters_google(self, body: bytes) -> bool:
        try:
            return _knows_key(self.call(), self.connection, parse_object(body))
        except UnparseableError:
            return False

    def enters_challenge(self, token: str) -> bool:
        query = (
            f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={quote(token, errors='replace')}"
        )
        try:
            return _answer_challenge(self.call("GET", query=query), self.connection).status == 200
        except ForbiddenError:
            return False

    # ---- one attempt of each kind -----------------------------------------------------------------

    def body(self) -> bool:
        """Another body under a genuine signature."""
        genuine = signature(BODY, self.random.choice(LIVE))
        return self.enters_meta(changed_bytes(self.random, BODY), genuine)

    def signature(self) -> bool:
        """Another signature over the genuine body. In other letters it would be the same number."""
        genuine = signature(BODY, self.random.choice(LIVE))
        forged = "sha256=" + changed_text(self.random, genuine.removeprefix("sha256="))
        return forged.lower() != genuine and self.enters_meta(BODY, forged)

    def header(self) -> bool:
        """The genuine number in a header that says something else."""
        secret = self.random.choice(LIVE)
        number = signature(BODY, secret).removeprefix("sha256=")
        of = hmac.new(secret.encode(), BODY, hashlib.sha256)
        forged = self.random.choice(
            (
                None,
                "",
                number,
                f"sha1={number}",
                f"SHA256={number}",
                f"sha256:{number}",
                f"sha256={number},",
                f"sha256={number}={number}",
                f" sha256={number}",
                f"sha256= {number}",
                f"sha256={number[:63]}",
                f"sha256={number}0",
                f"sha256={number}\n",
                "sha256=" + base64.b64encode(of.digest()).decode(),
                "sha256=" + hashlib.sha256(BODY).hexdigest(),
                "sha256=" + hashlib.sha256(of.digest()).hexdigest(),
                "sha256=" + "0" * 64,
                "sha1=" + hmac.new(secret.encode(), BODY, hashlib.sha1).hexdigest(),
                changed_text(self.random, "sha256=") + number,
                f"sha256={self.random.randbytes(32).hex()}",
            )
        )
        return self.enters_meta(BODY, forged)

    def secret(self) -> bool:
        """Everything as it should be, signed with a secret that is nearly right."""
        return self.enters_meta(BODY, signature(BODY, changed_text(self.random, self.random.choice(LIVE))))

    def elements(self) -> bool:
        """A generic webhook: another body, time, number or secret than was signed together."""
        secret = self.random.choice(LIVE)
        number = elements(BODY, secret)
        wrong = elements(BODY, changed_text(self.random, secret))
        part = self.random.randrange(64)
        forged = self.random.choice(
            (
                (changed_bytes(self.random, BODY), f"t={TIME},v1={number}"),
                (BODY, f"t={changed_text(self.random, TIME)},v1={number}"),
                (BODY, f"t={TIME},v1={changed_text(self.random, number.upper()).upper()}"),
                (BODY, f"t={TIME},v1={wrong}"),
                (BODY, f"t={TIME},v1={number[:part]}"),
                (BODY, f"t={TIME},v1={number}0"),
                (BODY, f"t={TIME},v0={number}"),
                (BODY, f"t={TIME}"),
                (BODY, f"v1={number}"),
                (BODY, number),
                (BODY, f"t=,v1={number}"),
                (BODY, f"t={TIME},v1={hashlib.sha256(TIME.encode() + b'.' + BODY).hexdigest()}"),
                (TIME.encode() + b"." + BODY, f"t=,v1={number}"),
                (BODY[1:], f"t={TIME}.{{,v1={number}"),
            )
        )
        unchanged = forged[1].lower() == f"t={TIME},v1={number}" and forged[0] == BODY
        return not unchanged and self.enters_generic(*forged)

    def google_key(self) -> bool:
        """A lead of Google's with a key that is nearly right, of another kind, or hidden elsewhere."""
        key = self.random.choice(KEYS)
        wrong = changed_text(self.random, key)
        forged = self.random.choice(
            (
                {"google_key": wrong},
                {"google_key": wrong},
                {"google_key": wrong},
                {"google_key": [key]},
                {"google_key": {"google_key": key}},
                {"google_key": None},
                {"google_key": True},
                {"Google_key": key},
                {"google_key ": key},
                {"data": {"google_key": key}},
                {"google_key": digest(key).hex()},
                {"google_key": 0},
                {},
                {"google_key": key + key},
            )
        )
        raw = orjson.dumps({"lead_id": "1", **forged})
        if self.random.random() < 0.1:  # the last of two is what counts, here as at every reader of ours
            raw = b'{"google_key":%s,"google_key":%s}' % (orjson.dumps(key), orjson.dumps(wrong))
        return self.enters_google(raw)

    def verify_token(self) -> bool:
        """The address is to be verified by somebody who nearly knows the token."""
        return self.enters_challenge(changed_text(self.random, TOKEN))

    def genuine(self) -> bool:
        """That the doors open at all: without it, a door that is always shut would look safe."""
        return (
            all(self.enters_meta(BODY, signature(BODY, secret)) for secret in LIVE)
            and all(self.enters_generic(BODY, f"t={TIME},v1={elements(BODY, secret)}") for secret in LIVE)
            and all(self.enters_google(orjson.dumps({"google_key": key})) for key in KEYS)
            and self.enters_challenge(TOKEN)
            and self.platforms.genuine()
        )


async def _nothing_to_receive() -> dict[str, object]:
    raise AssertionError("the verification reads no body")


def attack(attempts: int, seed: int, *, tick: Callable[[int], None] = lambda _: None) -> Figures:
    """So many forgeries of every kind, in turns."""
    found = Figures(
        "Forged webhooks and tokens",
        "Body, signature, header, claims or secret is changed; the doors' own verification lets nobody in.",
    )
    forger = Forger(seed)
    with TokenForger(forger.random) as tokens:
        _try(forger, tokens, found, attempts, tick)
    return found


def _try(
    forger: Forger, tokens: TokenForger, found: Figures, attempts: int, tick: Callable[[int], None]
) -> None:
    kinds = (
        forger.body, forger.signature, forger.header, forger.secret, forger.elements, forger.google_key,
        forger.verify_token, forger.platforms.linkedin, forger.platforms.oracle, forger.platforms.tiktok,
        tokens.token,
    )  # fmt: skip
    entered: Counter[str] = Counter()
    for number in range(attempts):
        kind = kinds[number % len(kinds)]
        if kind():
            entered[kind.__name__] += 1
        if number % 1000 == 999:
            tick(1000)
    found.counts = {
        "forgeries": attempts,
        **{f"of the {kind.__name__}": attempts // len(kinds) for kind in kinds},
    }
    found.counts["let in"] = entered.total()
    found.faults += [f"{times} forgeries of the {name} were let in" for name, times in entered.items()]
    if not forger.genuine():
        found.faults.append("a genuine webhook is refused")
    if not tokens.genuine():
        found.faults.append("a genuine token is refused")
