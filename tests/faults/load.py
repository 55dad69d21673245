"""People and systems at the public doors: leads come, reps accept or return them, deals move and end."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.faults.asking import Asking
from tests.faults.client import NoAnswerError, NothingSentError
from tests.faults.histories import Histories, Patience, Request
from tests.faults.house import House
from tests.faults.selling import Selling

SECRET = "a secret of the tool, for this run only"
REPS = ("rep-one", "rep-two", "rep-three")


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
        self.pace = pace
        self._rng = Random(f"{seed}/load")
        self._stopping = asyncio.Event()
        self._asking = Asking(house, self._rng)
        self._selling = Selling(self._asking, self._rng, self._stopping)
        self._people = 0
        self._known: deque[str] = deque(maxlen=2000)  # addresses that came before and may come again
        self._campaigns: list[str] = []
        self._form = self._hook = ""

    @property
    def histories(self) -> Histories:
        return self._asking.histories

    def headers(self, role: str, subject: str) -> str:
        return self._asking.headers(role, subject)

    async def prepare(self) -> None:
        """A team of reps who get every lead, campaigns, a web form, and a tool that signs its webhooks."""
        team = await self._asking.make("handoff", "/v1/teams", {"name": "Everybody"})
        for subject in REPS:
            rep = {"subject": subject, "display_name": subject, "team_id": team["id"], "capacity": 1_000_000}
            await self._asking.make("handoff", "/v1/reps", rep)
        rules = (await self._asking.ask("handoff", "GET", "/v1/routing-rules")).json
        to_all = {"rules": [{"name": "everything", "team_id": team["id"]}]}
        match = f'if-match: "{rules["version"]}"\r\n'
        answer = await self._asking.ask("handoff", "PUT", "/v1/routing-rules", to_all, more=match)
        assert answer.status == 200, answer.body
        await self._selling.set_rates()
        await self._asking.make(
            "marketing", "/v1/channels", {"key": "search", "name": "Search", "paid": True}
        )
        for number in range(4):
            campaign = {"name": f"Campaign {number}", "channel": "search"}
            self._campaigns.append((await self._asking.make("marketing", "/v1/campaigns", campaign))["id"])
        form = {"name": "Contact", "hand_raiser": True, "campaign_id": self._campaigns[0]}
        self._form = (await self._asking.make("marketing", "/v1/forms", form))["key"]
        tool = {
            "kind": "generic",
            "name": "Tool",
            "hand_raiser": True,
            "settings": {
                "signature": {"header": "X-Signature"},
                "fields": {"email": "$.email", "country": "$.country"},
                "external_id": "$.id",
            },
            "secrets": {"signing_secret": SECRET},
        }
        self._hook = (await self._asking.make("marketing", "/v1/connections", tool))["webhook_path"]

    async def run(self) -> None:
        """All clients at once, until `stop`."""
        clients: list[Callable[[], Awaitable[None]]] = [
            *[self._bring_leads] * self.pace.clients,
            *(lambda rep=rep: self._selling.accept_some(rep) for rep in REPS),
            *[self._selling.sell_some] * self.pace.sellers,
            self._be_refused,
        ]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(self._again_and_again(client))

    @property
    def form(self) -> str:
        """The path of the web form, which everybody may post to."""
        return f"/v1/forms/{self._form}/submissions"

    def stop(self) -> None:
        self._stopping.set()

    async def _again_and_again(self, client: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await client()
            except (NothingSentError, NoAnswerError):
                await asyncio.sleep(0.2)

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
        elif luck < 0.75:
            await self.send_lead(self.person())
        elif luck < 0.9:
            await self.send_form(self.person())
        else:
            await self.pace.turn(1)
            await self._asking.tell(self._hook, SECRET, self.person())

    async def send_batch(self, size: int) -> Request:
        await self.pace.turn(size)
        body = {"leads": [self.person() for _ in range(size)]}
        return (await self._asking.insist("capture", "marketing", "/v1/leads/batch", body, size=size))[0]

    async def send_lead(self, person: dict[str, Any], *, patience: Patience | None = None) -> Request:
        await self.pace.turn(1)
        request, reply = await self._asking.insist(
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
        return (await self._asking.insist("capture", "marketing", self.form, body, size=1))[0]

    async def _be_refused(self) -> None:
        """Requests that have to be turned away, and must leave nothing behind."""
        await asyncio.sleep(0.2)
        luck = self._rng.random()
        if luck < 0.5:
            await self._asking.insist("capture", "marketing", "/v1/leads/batch", {"leads": []})
        elif luck < 0.75:
            await self._asking.insist(
                "capture", "marketing", "/v1/forms/pk_nobody/submissions", {"email": "a@b.de"}
            )
        else:
            await self._asking.insist(
                "capture", "marketing", "/v1/leads", {"email": "a@b.example"}, role="rep"
            )
