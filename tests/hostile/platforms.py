"""Forgeries at the doors of LinkedIn and TikTok, and whether LinkedIn's door signs things for forgers."""

import hashlib
import hmac
from collections.abc import Callable
from random import Random
from urllib.parse import quote
from uuid import UUID

import orjson

from services.marketing.capture.connectors.linkedin import endpoint as linkedin
from services.marketing.capture.connectors.tiktok import endpoint as tiktok
from services.marketing.capture.sources.rules import ConnectionSettings
from shared.errors import UnparseableError
from shared.http.raw_routes import Call
from tests.hostile.connection import BODY, LIVE, TIME, elements
from tests.hostile.mutations import changed_bytes, changed_text

MakeCall = Callable[..., Call]


def linkedin_signature(body: bytes, secret: str) -> str:
    return hmac.new(
        secret.encode("utf-8", "surrogatepass"), linkedin.SIGNED_BEFORE + body, hashlib.sha256
    ).hexdigest()


class PlatformForger:
    """Somebody who wants in at LinkedIn's and TikTok's doors of one connection."""

    def __init__(self, random: Random, call: MakeCall, connection: ConnectionSettings) -> None:
        self.random = random
        self._call = call
        self._connection = connection

    def enters_linkedin(self, body: bytes, header: str) -> bool:
        call = self._call(header=header, named=b"x-li-signature")
        return linkedin.is_signed(call, self._connection, body)

    def enters_tiktok(self, body: bytes, header: str) -> bool:
        call = self._call(header=header, named=b"tiktok-signature")
        return tiktok.signed_at(call, self._connection, body) is not None

    def signs(self, code: str) -> str | None:
        """What LinkedIn's door answers to a code; None when it refuses."""
        call = self._call("GET", query=f"challengeCode={quote(code, safe='', errors='replace')}")
        try:
            answer = linkedin.answer_challenge(call, self._connection)
        except UnparseableError:
            return None
        return str(orjson.loads(answer.body)["challengeResponse"])

    # ---- one attempt of each kind -----------------------------------------------------------------

    def linkedin(self) -> bool:
        """Another body, number or secret than were signed together, or a number over something else."""
        secret = self.random.choice(LIVE)
        number = linkedin_signature(BODY, secret)
        wrong = changed_text(self.random, number)
        forged = self.random.choice(
            (
                (changed_bytes(self.random, BODY), number),
                (BODY, wrong if wrong.lower() != number else ""),
                (BODY, linkedin_signature(BODY, changed_text(self.random, secret))),
                (BODY, hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()),
                (BODY, hashlib.sha256(linkedin.SIGNED_BEFORE + BODY).hexdigest()),
                (BODY, f"hmacsha256={number}"),
                (BODY, number[: self.random.randrange(64)]),
                (BODY, f"{number}0"),
                (linkedin.SIGNED_BEFORE + BODY, number),
                (BODY, self.signs("hmacsha256=" + BODY.decode()) or ""),
            )
        )
        return self.enters_linkedin(*forged)

    def oracle(self) -> bool:
        """The door is asked to sign a lead of the forger's own, hidden in or around a code."""
        code = str(UUID(int=self.random.getrandbits(128), version=4))
        lead = (linkedin.SIGNED_BEFORE + BODY).decode()
        asked = self.random.choice(
            (
                lead,
                code + lead,
                lead + code,
                changed_text(self.random, code),
                code[:-1],
                code + "\n",
                "",
                code * 2,
            )
        )
        answer = self.signs(asked)
        return answer is not None and linkedin._CODE.fullmatch(asked) is None

    def tiktok(self) -> bool:
        """Another body, time, number or secret than were signed together."""
        secret = self.random.choice(LIVE)
        number = elements(BODY, secret)
        wrong = changed_text(self.random, number)
        forged = self.random.choice(
            (
                (changed_bytes(self.random, BODY), f"t={TIME},s={number}"),
                (BODY, f"t={int(TIME) + self.random.randrange(1, 999)},s={number}"),
                (BODY, f"t={TIME},s={wrong if wrong.lower() != number else ''}"),
                (BODY, f"t={TIME},s={elements(BODY, changed_text(self.random, secret))}"),
                (BODY, f"t={TIME},s={hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()}"),
                (BODY, f"t={TIME},s={number[: self.random.randrange(64)]}"),
                (BODY, f"t={TIME},s={number}0"),
                (BODY, f"t={TIME}"),
                (BODY, f"s={number}"),
                (BODY, f"t=,s={number}"),
                (TIME.encode() + b"." + BODY, f"t=,s={number}"),
                (BODY[1:], f"t={TIME}.{{,s={number}"),
            )
        )
        return self.enters_tiktok(*forged)

    def genuine(self) -> bool:
        """That the doors open at all, and that LinkedIn's own code is answered."""
        code = str(UUID(int=1, version=4))
        answer = hmac.new(LIVE[-1].encode(), code.encode(), hashlib.sha256).hexdigest()
        return self.signs(code) == answer and all(
            self.enters_linkedin(BODY, linkedin_signature(BODY, secret))
            and self.enters_tiktok(BODY, f"t={TIME},s={elements(BODY, secret)}")
            for secret in LIVE
        )
