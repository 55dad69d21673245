"""What the house counts: taken before the story and after it, so that a run answers for its own part only."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from deploy.demo.house import House

SYSTEMS = ("google_ads", "meta")


@dataclass(frozen=True, slots=True)
class Tallies:
    """Marketing's two capture equations and its refusals at the ad platforms' doors."""

    deliveries: Counter[str]
    submissions: Counter[str]
    refused: int
    holds: bool


def tallies(house: House) -> Tallies:
    """The figures as they are now."""
    found = house.person("analyst").get("marketing", "/v1/submissions/balance")
    doors = [line["refused"] for line in found["by_day"] if line["door"] in SYSTEMS]
    return Tallies(_counts(found["deliveries"]), _counts(found["submissions"]), sum(doors), found["holds"])


def _counts(equation: dict[str, Any]) -> Counter[str]:
    return Counter({name: count for name, count in equation.items() if name != "holds"})
