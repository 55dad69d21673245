"""How the load sends its requests: each with a key, its outcome noted, insisted on until it is known."""

import hashlib
import hmac
import time
from random import Random
from typing import Any, Literal

import orjson

from tests.faults.client import Reply
from tests.faults.histories import Histories, Kind, Patience, Request
from tests.faults.histories import insist as insist_on
from tests.faults.house import House

CARELESS = 0.15  # of all clients: give up as soon as they don't know
Service = Literal["marketing", "handoff", "sales"]
DAY = 24 * 3600


class Asking:
    """The clients of one segment at the doors of its house."""

    def __init__(self, house: House, rng: Random) -> None:
        self.histories = Histories()
        self._house, self._rng = house, rng
        self._headers: dict[tuple[str, str], str] = {}
        self._keys = 0

    async def insist(
        self, kind: Kind, service: Service, path: str, body: Any, *, subject: str = "", size: int = 0,
        amount: int = 0, detail: str = "", who: str = "boss", role: str = "admin",
        patience: Patience | None = None,
    ) -> tuple[Request, Reply | None]:  # fmt: skip
        self._keys += 1
        request = self.histories.note(Request(kind, f"key-{self._keys}", subject, size, amount, detail))
        patience = patience or Patience(careless=self._rng.random() < CARELESS)
        reply = await insist_on(
            self._house.doors[service], request, "POST", path, body, headers=self.headers(role, who),
            patience=patience, rng=self._rng,
        )  # fmt: skip
        return request, reply

    async def tell(self, hook: str, secret: str, lead: dict[str, Any]) -> Request:
        """One lead by a signed webhook: its own id is the key by which a repeat is known."""
        self._keys += 1
        request = self.histories.note(Request("capture", f"key-{self._keys}", size=1))
        body = orjson.dumps({"id": request.key, **lead})
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        await insist_on(
            self._house.doors["marketing"], request, "POST", hook, body,
            headers=f"x-signature: {signature}\r\ncontent-type: application/json\r\n",
            patience=Patience(careless=self._rng.random() < CARELESS), rng=self._rng,
        )  # fmt: skip
        return request

    async def ask(
        self, service: Service, method: str, path: str, body: Any = None, *, more: str = "",
        who: tuple[str, str] = ("admin", "boss"),
    ) -> Reply:  # fmt: skip
        return await self._house.doors[service].ask(method, path, body, headers=self.headers(*who) + more)

    async def make(self, service: Service, path: str, body: Any) -> Any:
        answer = await self.ask(service, "POST", path, body)
        if answer.status != 201:
            raise RuntimeError(f"POST {path}: {answer.status} {answer.body.decode()}")
        return answer.json

    def headers(self, role: str, subject: str) -> str:
        """The header of a person with this role; signed once."""
        found = self._headers.get((role, subject))
        if found is None:
            token = self._house.keys.token(role, subject=subject, exp=int(time.time()) + DAY)
            found = self._headers[role, subject] = f"authorization: Bearer {token}\r\n"
        return found
