"""Deals go their way: through the stages, to a win or a loss, and to what happens after a win."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.demo import story
from deploy.demo.arrivals import Arrivals
from deploy.demo.checks import Checks
from deploy.demo.figures import Met, Won
from deploy.demo.house import Caller, moment, wait_for
from deploy.demo.scene import Scene, money
from deploy.demo.story import Person, Plan

Deal = Mapping[str, Any]


@dataclass
class Selling:
    """What the reps, their managers and finance do with the deals of one run."""

    scene: Scene
    checks: Checks
    now: datetime

    def deal_of(self, lead_id: str, rep: Caller) -> Deal:
        """The deal that sales has opened for an accepted lead, as its rep sees it."""

        def ask() -> Deal | None:
            found = rep.get("sales", "/v1/deals", lead_id=lead_id)["items"]
            return found[0] if found else None

        return wait_for(f"the deal of lead {lead_id}", ask)

    def work(self, person: Person, plan: Plan, deal: Deal, rep: Caller, arrivals: Arrivals) -> None:
        """Everything that happens to one deal. What lies in the past, the manager enters."""
        rep.edit("sales", f"/v1/deals/{deal['id']}", {"amount": money(plan.amount, plan.currency)})
        backdated = not person.live
        seller = self.manager_of(deal) if backdated else rep
        times = self._times(plan, since=person.touches[-1].days) if backdated else [None] * 9
        for stage, at in zip(plan.stages, times, strict=False):
            seller.post("sales", self._path(deal, "stage"), _at({"stage": stage}, at))
        closed_at = times[-1] if backdated else None
        if plan.paid:
            self._pay(deal, plan, closed_at or self.now)
        if plan.end == "won":
            self._win(deal, plan, seller, closed_at, arrivals.met[person])
        elif plan.end == "lost":
            lost = {"reason": "price", "competitor": "sunlog"}
            seller.post("sales", self._path(deal, "lose"), _at(lost, closed_at))

    def prospect(self, plan: Plan, subject: str, manager: str) -> None:
        """A deal a rep found alone: no lead, no touch, no campaign."""
        rep = self.scene.house.person("rep", subject)
        form = {"company_name": story.PROSPECTED_COMPANY, "amount": money(plan.amount, plan.currency)}
        deal = rep.post("sales", "/v1/deals", form)
        seller = self.scene.house.person("sales_manager", manager)
        times = self._times(plan, since=plan.closed + 9)
        for stage, at in zip(plan.stages, times, strict=False):
            seller.post("sales", self._path(deal, "stage"), _at({"stage": stage}, at))
        self._win(deal, plan, seller, times[-1], [])

    def _win(
        self, deal: Deal, plan: Plan, seller: Caller, at: datetime | None, journey: Sequence[Met]
    ) -> None:
        won = seller.post("sales", self._path(deal, "win"), _at({}, at))
        closed_at = moment(won["closed_at"])
        if at is not None:
            self.checks.equal("a backdated deal closes when it did", at, closed_at)
        books = self.scene.books
        entry = Won(
            deal["id"],
            plan.amount,
            books.rate(plan.currency, closed_at.date()),
            closed_at.date(),
            closed_at,
            journey,
        )
        books.won.append(entry)
        self._agrees(entry, won)
        self._corrections(entry, plan)

    def _corrections(self, entry: Won, plan: Plan) -> None:
        """After the win: the contract is amended, or money goes back, once however often it is sent."""
        finance = self.scene.house.person("finance")
        path = f"/v1/deals/{entry.deal_id}"
        if plan.amended is not None:
            body = {"amount": money(plan.amended, plan.currency)}
            amended = finance.post("sales", f"{path}/amend", body)
            entry.amount = plan.amended
            self._agrees(entry, amended)
        if plan.refunded:
            refund = {"amount": money(plan.refunded, plan.currency), "reason": "service_credit"}
            key = {"Idempotency-Key": f"refund-{entry.deal_id}"}
            once = finance.post("sales", f"{path}/refunds", refund, **key)
            again = finance.post("sales", f"{path}/refunds", refund, **key)
            self.checks.equal("a refund sent twice is booked once", once, again)
            entry.refunded = plan.refunded
            self._agrees(entry, once)

    def _agrees(self, entry: Won, deal: Deal) -> None:
        """Sales converts as we do: once, at the rate of the day, half to even."""
        entry.version = deal["version"]
        amount = deal["reporting_amount"]
        self.checks.equal(
            f"what deal {entry.deal_id[-6:]} earns in {amount['currency']}",
            money(entry.earned, story.REPORTING),
            amount,
        )

    def _pay(self, deal: Deal, plan: Plan, at: datetime) -> None:
        payment = {
            "amount": money(plan.amount, plan.currency),
            "paid_on": at.date().isoformat(),
            "reference": f"INV-{self.scene.run:03d}-{deal['id'][-6:]}",
        }
        self.scene.house.person("finance").post("sales", self._path(deal, "payments"), payment)

    def _times(self, plan: Plan, *, since: float) -> list[datetime]:
        """A moment for each stage and one for the close, evenly from the first call to the end."""
        steps = len(plan.stages) + 1
        start, end = since - 0.2, plan.closed if plan.end != "open" else 0.3
        at = [start - (start - end) * step / steps for step in range(1, steps + 1)]
        return [(self.now - timedelta(days=days)).replace(microsecond=0) for days in at]

    def manager_of(self, deal: Deal) -> Caller:
        return self.scene.house.person("sales_manager", self.scene.managers[deal["team_id"]])

    def rep_of(self, deal: Deal) -> Caller:
        """Who has it, signed in."""
        return self.scene.house.person("rep", self.scene.subjects[deal["rep_id"]])

    def _path(self, deal: Deal, what: str) -> str:
        return f"/v1/deals/{deal['id']}/{what}"

    def refusals(self, deal_id: str) -> None:
        """What sales does not let happen: a stale edit, and a move of a deal that is won."""
        admin = self.scene.house.person("admin")
        stale = admin.try_(
            "PATCH",
            "sales",
            f"/v1/deals/{deal_id}",
            json={"expected_close_on": None},
            headers={"If-Match": '"1"'},
        )
        self.checks.equal("an edit of what changed meanwhile is a 412", 412, stale.status)
        moved = admin.try_("POST", "sales", f"/v1/deals/{deal_id}/stage", json={"stage": "demo"})
        named = "won" in moved.why and "open" in moved.why
        self.checks.equal(
            "moving a won deal is a 409 that names both states", (409, True), (moved.status, named)
        )


def _at(body: dict[str, Any], at: datetime | None) -> dict[str, Any]:
    return body if at is None else {**body, "occurred_at": at.isoformat()}
