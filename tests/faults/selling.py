"""Reps and sellers: offers are accepted or returned, deals move, and are won, lost and corrected."""

import asyncio
from decimal import Decimal
from random import Random
from typing import Any, Literal

from tests.faults.asking import Asking
from tests.faults.client import Reply
from tests.faults.histories import Kind, Request

STAGES = ("discovery", "proposal", "negotiation")
ACCEPTING = 0.3  # of all offers
RETURNING = 0.05  # of all accepted ones
RATES = {"USD": "0.913728", "JPY": "0.00612345"}  # to euros, since long ago
CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0}  # their decimals


class Selling:
    """Each method is one round of one person; what they took on is asked for no more."""

    def __init__(self, asking: Asking, rng: Random, stopping: asyncio.Event) -> None:
        self._asking, self._rng, self._stopping = asking, rng, stopping
        self._offers: set[str] = set()
        self._deals: set[str] = set()

    async def set_rates(self) -> None:
        for currency, rate in RATES.items():
            since = {"base": currency, "quote": "EUR", "valid_on": "2026-01-01", "rate": rate}
            await self._asking.make("sales", "/v1/exchange-rates", since)

    async def accept_some(self, rep: str) -> None:
        new = await self._new_offers(rep)
        self._offers.update(new)
        if not new:
            await asyncio.sleep(1)
        for offer in new:
            if self._rng.random() > ACCEPTING:
                continue
            request = await self._of_offer("accept", offer, rep, None)
            if request.outcome == "ok" and self._rng.random() < RETURNING:
                await self._of_offer("return", offer, rep, {"reason": "no_need"})
            if self._stopping.is_set():
                return

    async def _of_offer(self, verb: Literal["accept", "return"], offer: str, rep: str, body: Any) -> Request:
        path = f"/v1/assignments/{offer}/{verb}"
        return (await self._asking.insist(verb, "handoff", path, body, subject=offer, who=rep, role="rep"))[0]

    async def _new_offers(self, rep: str) -> list[str]:
        page = await self._asking.ask(
            "handoff", "GET", "/v1/assignments?state=offered&limit=100", who=("rep", rep)
        )
        items = page.json["items"] if page.status == 200 else []
        return [item["id"] for item in items if item["id"] not in self._offers]

    async def sell_some(self) -> None:
        page = await self._asking.ask("sales", "GET", "/v1/deals?state=open&limit=100")
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
            await self._win(deal, self._rng.choice(list(CURRENCIES)))

    async def _win(self, deal: str, currency: str, *, again: bool = False) -> None:
        """Win it, and sometimes correct that afterwards: by another amount, a refund, a second close."""
        request, _ = await self._priced("win", deal, "win", currency)
        if request.outcome != "ok":
            return
        luck = self._rng.random()
        if luck < 0.2:
            await self._priced("amend", deal, "amend", currency)
        elif luck < 0.4:
            await self._priced("refund", deal, "refunds", currency, most=request.amount)
        elif luck < 0.5 and not again:
            reopened, _ = await self._of_deal("reopen", deal, "reopen", {})
            if reopened.outcome == "ok" and luck < 0.45:
                await self._win(deal, self._rng.choice(list(CURRENCIES)), again=True)

    async def _priced(
        self, kind: Kind, deal: str, verb: str, currency: str, *, most: int = 5_000_000
    ) -> tuple[Request, Reply | None]:
        amount = self._rng.randint(1, most)
        return await self._of_deal(kind, deal, verb, {"amount": _money(amount, currency)}, amount=amount)

    async def _of_deal(
        self, kind: Kind, deal: str, verb: str, body: Any, *, amount: int = 0, detail: str = ""
    ) -> tuple[Request, Reply | None]:
        path = f"/v1/deals/{deal}/{verb}"
        return await self._asking.insist(
            kind, "sales", path, body, subject=deal, amount=amount, detail=detail
        )


def _money(minor: int, currency: str) -> dict[str, str]:
    amount = Decimal(minor).scaleb(-CURRENCIES[currency])
    return {"amount": f"{amount:f}", "currency": currency}
