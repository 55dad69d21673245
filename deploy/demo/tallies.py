"""What the house counts: taken before the story and after it, so that a run answers for its own part only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deploy.demo.figures import MODELS
from deploy.demo.house import House

PLATFORMS = ("google_ads", "meta", "generic")


@dataclass(frozen=True, slots=True)
class Tallies:
    """The reports of all three services at one moment, for the days of the story."""

    balance: Mapping[str, Any]
    funnel: Mapping[str, Any]
    speed: Mapping[str, Any]
    roi: Mapping[str, Mapping[str, Any]]  # by model
    won: int  # cents of the reporting currency that sales says its won deals earn

    def deliveries(self) -> Counter[str]:
        return _counts(self.balance["deliveries"])

    def submissions(self) -> Counter[str]:
        return _counts(self.balance["submissions"])

    def refused(self) -> int:
        return refused_by_platforms(self.balance)

    def reached(self) -> Counter[str]:
        """How many leads came how far."""
        return Counter(
            {stage["stage"]: stage["leads"] for one in self.funnel["funnels"] for stage in one["stages"]}
        )

    def ended(self) -> Counter[str]:
        """How many were lost or recycled."""
        found: Counter[str] = Counter()
        for one in self.funnel["funnels"]:
            found.update({name: one[name] for name in ("lost", "recycled")})
        return found

    def answered(self) -> Counter[str]:
        total = self.speed["total"]
        left_out = self.speed["backfilled_left_out"]
        return Counter({"leads": total["leads"], "answered": total["answered"], "left out": left_out})

    def revenue(self, model: str) -> Counter[str]:
        """Cents by campaign, and by bucket for what no campaign earned."""
        return Counter({row["key"]: cents(row["revenue"]) for row in self.roi[model]["rows"]})

    def total(self, model: str) -> int:
        return cents(self.roi[model]["totals"]["revenue"])


def tallies(house: House, first_day: date, today: date) -> Tallies:
    """The figures as they are now."""
    analyst = house.person("analyst")
    # A day more than today's: a run that began before midnight may end after it.
    period = {"from": first_day.isoformat(), "to": (today + timedelta(days=2)).isoformat()}
    won = [
        cents(deal["reporting_amount"])
        for deal in analyst.all("sales", "/v1/deals", state="won")
        if period["from"] <= deal["closed_on"] < period["to"]
    ]
    return Tallies(
        balance=analyst.get("marketing", "/v1/submissions/balance"),
        funnel=analyst.get("marketing", "/v1/reports/funnel", **period),
        speed=analyst.get("handoff", "/v1/reports/speed-to-lead", **period, group_by="team"),
        roi={model: analyst.get("marketing", "/v1/reports/roi", **period, model=model) for model in MODELS},
        won=sum(won),
    )


def refused_by_platforms(balance: Mapping[str, Any]) -> int:
    """Requests that the doors of the platforms turned away."""
    return sum(int(line["refused"]) for line in balance["by_day"] if line["door"] in PLATFORMS)


def cents(amount: Mapping[str, str]) -> int:
    """The minor units of an amount of the story's currencies, all of which have two decimals."""
    whole, _, rest = amount["amount"].partition(".")
    minor = int(whole.lstrip("-")) * 100 + int(rest.ljust(2, "0"))
    return -minor if whole.startswith("-") else minor


def _counts(equation: Mapping[str, Any]) -> Counter[str]:
    return Counter({name: count for name, count in equation.items() if name != "holds"})
