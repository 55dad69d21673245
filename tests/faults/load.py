"""People and systems at the public doors: leads come, reps accept, deals move, are won, lost, amended."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.faults.client import NoAnswerError, NothingSentError, Reply
from tests.faults.histories import Histories, Kind, Patience, Request, insist
from tests.faults.house import House

REPS = ("rep-one", "rep-two", "rep-three")
STAGES = ("discovery", "proposal", "negotiation")
CARELESS = 0.15  # of all clients: give up as soon as they don't know
ACCEPTING = 0.3  # of all offers
PAGES = 20  # that a rep looks through for an offer not seen before
Service = Literal["marketing", "handoff", "sales"]
DAY = 24 * 3600


@dataclass
class Pace:
    """Leads a second, over all clients; a fault may raise it for a while (a burst)."""

    leads: float
    clients: int = 3
    sellers: int = 4
    _due: float = field(default_factory=time.monotonic)

    async def turn(self, leads: int) -> None:
        """Wait until so many leads may come. An outage is not made up for: people don't come back at once."""
        now = time.monotonic()
        self._due = max(self._due, now - 1.0) + leads / self.leads
        await asyncio.sleep(max(0.0, self._due - now))


class Load:
    """The clients of one segment. `run` goes on until told to stop; requests under way are then finished."""

    def __init__(self, house: House, seed: str, pace: Pace) -> None:
        self.histories = Histories()
        self.pace = pace
        self._house, self._rng = house, Random(f"{seed}/load")
        self._stopping = asyncio.Event()
        self._people = 0
        self._known: deque[str] = deque(maxlen=2000)  # addresses that came before and may come again
        self._offers: set[str] = set()
        self._deals: set[str] = set()
        self._won: deque[tuple[str, int]] = deque(maxlen=500)
        self._campaigns: list[str] = []
        self._form = ""
        self._headers: dict[tuple[str, str], str] = {}
        self._keys = 0
        self.errors: list[str] = []

    async def prepare(self) -> None:
        """A team of reps who get every lead, campaigns, and a web form."""
        team = await self._make("handoff", "/v1/teams", {"name": "Everybody"})
        for subject in REPS:
            rep = {"subject": subject, "display_name": subject, "team_id": team["id"], "capacity": 1_000_000}
            await self._make("handoff", "/v1/reps", rep)
        rules = (await self._ask("handoff", "GET", "/v1/routing-rules")).json
        to_all = {"rules": [{"name": "everything", "team_id": team["id"]}]}
        match = f'if-match: "{rules["version"]}"\r\n'
        answer = await self._ask("handoff", "PUT", "/v1/routing-rules", to_all, more=match)
        assert answer.status == 200, answer.body
        await self._make("marketing", "/v1/channels", {"key": "search", "name": "Search", "paid": True})
        for number in range(4):
            campaign = {"name": f"Campaign {number}", "channel": "search"}
            self._campaigns.append((await self._make("marketing", "/v1/campaigns", campaign))["id"])
        form = {"name": "Contact", "hand_raiser": True, "campaign_id": self._campaigns[0]}
        self._form = (await self._make("marketing", "/v1/forms", form))["key"]

    async def run(self) -> None:
        """All clients at once, until `stop`."""
        clients: list[Callable[[], Awaitable[None]]] = [
            *[self._bring_leads] * self.pace.clients,
            *(lambda rep=rep: self._accept_some(rep) for rep in REPS),
            *[self._sell_some] * self.pace.sellers,
            self._be_refused,
        ]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(self._again_and_again(client))

    def stop(self) -> None:
        self._stopping.set()

    async def _again_and_again(self, client: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await client()
            except (NothingSentError, NoAnswerError):
                await asyncio.sleep(0.2)

    # Leads

    def person(self) -> dict[str, Any]:
        """A hand-raiser nobody has seen, or, now and then, one who comes back through another campaign."""
        if self._known and self._rng.random() < 0.1:
            email = self._rng.choice(self._known)
        else:
            self._people += 1
            email = f"person{self._people}@of-{self._people % 300}.example"
            self._known.append(email)
        campaign = self._rng.choice([*self._campaigns, None])
        return {"email": email, "hand_raiser": True, "country": "DE", "campaign_id": campaign}

    async def _bring_leads(self) -> None:
        luck = self._rng.random()
        if luck < 0.6:
            await self.send_batch(self._rng.randint(20, 160))
        elif luck < 0.8:
            await self.send_lead(self.person())
        else:
            await self.send_form(self.person())

    async def send_batch(self, size: int) -> Request:
        await self.pace.turn(size)
        body = {"leads": [self.person() for _ in range(size)]}
        return (await self._insist("capture", "marketing", "/v1/leads/batch", body, size=size))[0]

    async def send_lead(self, person: dict[str, Any], *, patience: Patience | None = None) -> Request:
        await self.pace.turn(1)
        request, reply = await self._insist(
            "capture", "marketing", "/v1/leads", person, size=1, patience=patience
        )
        if reply is not None and request.outcome == "ok":
            request.answer = reply.json["submission_id"]
        return request

    async def send_probe(self) -> Request:
        """A new person's lead, insisted on until it is accepted, however long that takes."""
        self._people += 1
        person = {"email": f"probe{self._people}@probes.example", "hand_raiser": True}
        request = await self.send_lead(person, patience=Patience(seconds=180))
        if request.outcome != "ok":
            raise TimeoutError(f"A lead could not be sent: {request.outcome}.")
        return request

    async def send_form(self, person: dict[str, Any]) -> Request:
        await self.pace.turn(1)
        body = {"email": person["email"], "country": "DE"}
        path = f"/v1/forms/{self._form}/submissions"
        return (await self._insist("capture", "marketing", path, body, size=1))[0]

    async def _be_refused(self) -> None:
        """Requests that have to be turned away, and must leave nothing behind."""
        await asyncio.sleep(0.2)
        luck = self._rng.random()
        if luck < 0.5:
            await self._insist("capture", "marketing", "/v1/leads/batch", {"leads": []})
        elif luck < 0.75:
            await self._insist("capture", "marketing", "/v1/forms/pk_nobody/submissions", {"email": "a@b.de"})
        else:
            await self._insist("capture", "marketing", "/v1/leads", {"email": "a@b.example"}, role="rep")

    # Offers and deals

    async def _accept_some(self, rep: str) -> None:
        new = await self._new_offers(rep)
        self._offers.update(new)
        if not new:
            await asyncio.sleep(1)
        for offer in new:
            if self._rng.random() > ACCEPTING:
                continue
            path = f"/v1/assignments/{offer}/accept"
            await self._insist("accept", "handoff", path, None, subject=offer, who=rep, role="rep")
            if self._stopping.is_set():
                return

    async def _new_offers(self, rep: str) -> list[str]:
        """The newest first. What a worker made whose clock was ahead stays on top of them for hours."""
        cursor = ""
        for _ in range(PAGES):
            path = f"/v1/assignments?state=offered&limit=100{cursor}"
            page = await self._ask("handoff", "GET", path, who=("rep", rep))
            if page.status != 200:
                return []
            new = [item["id"] for item in page.json["items"] if item["id"] not in self._offers]
            if new or page.json["next_cursor"] is None:
                return new
            cursor = f"&cursor={page.json['next_cursor']}"
        return []

    async def _sell_some(self) -> None:
        page = await self._ask("sales", "GET", "/v1/deals?state=open&limit=100")
        deals = [item["id"] for item in page.json["items"]] if page.status == 200 else []
        new = [deal for deal in deals if deal not in self._deals][:25]
        self._deals.update(new)
        if not new:
            await asyncio.sleep(0.2)
        for deal in new:
            await self._sell(deal)
            if self._stopping.is_set():
                return

    async def _sell(self, deal: str) -> None:
        """Through the stages to the end; each step only when the one before is known to be done."""
        for stage in STAGES[: self._rng.randint(1, 3)]:
            request, _ = await self._of_deal("stage", deal, "stage", {"stage": stage}, detail=stage)
            if request.outcome != "ok":
                return
        luck = self._rng.random()
        if luck < 0.15:
            await self._of_deal("lose", deal, "lose", {"reason": "price"})
        elif luck < 0.9:
            amount = self._rng.randint(1, 5_000_000)
            request, _ = await self._of_deal("win", deal, "win", {"amount": _euros(amount)}, amount=amount)
            if request.outcome == "ok" and luck < 0.3:
                amount = self._rng.randint(1, 5_000_000)
                await self._of_deal("amend", deal, "amend", {"amount": _euros(amount)}, amount=amount)

    async def _of_deal(
        self, kind: Kind, deal: str, verb: str, body: Any, *, amount: int = 0, detail: str = ""
    ) -> tuple[Request, Reply | None]:
        path = f"/v1/deals/{deal}/{verb}"
        return await self._insist(kind, "sales", path, body, subject=deal, amount=amount, detail=detail)

    # Requests

    async def _insist(
        self, kind: Kind, service: Service, path: str, body: Any, *, subject: str = "", size: int = 0,
        amount: int = 0, detail: str = "", who: str = "boss", role: str = "admin",
        patience: Patience | None = None,
    ) -> tuple[Request, Reply | None]:  # fmt: skip
        self._keys += 1
        request = self.histories.note(Request(kind, f"key-{self._keys}", subject, size, amount, detail))
        patience = patience or Patience(careless=self._rng.random() < CARELESS)
        reply = await insist(
            self._house.doors[service], request, "POST", path, body, headers=self.headers(role, who),
            patience=patience, rng=self._rng,
        )  # fmt: skip
        return request, reply

    async def _ask(
        self, service: Service, method: str, path: str, body: Any = None, *, more: str = "",
        who: tuple[str, str] = ("admin", "boss"),
    ) -> Reply:  # fmt: skip
        return await self._house.doors[service].ask(method, path, body, headers=self.headers(*who) + more)

    async def _make(self, service: Service, path: str, body: Any) -> Any:
        answer = await self._ask(service, "POST", path, body)
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


def _euros(minor: int) -> dict[str, str]:
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": "EUR"}
