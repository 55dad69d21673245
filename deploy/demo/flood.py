"""Somebody fills a team with invented leads, and one request takes all of it back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from deploy.demo import story
from deploy.demo.arrivals import Arrivals
from deploy.demo.house import Caller, wait_for

LEADS = 30
Standing = Mapping[str, tuple[float, int]]  # by rep: what the ledger owes them, and the leads they hold


def flood(arrivals: Arrivals) -> list[str]:
    """Thirty people who don't exist, from one address, for one team. Returns their submissions."""
    fields = arrivals.site.fields(story.YUKI)
    sent = []
    for number in range(LEADS):
        nobody = {
            "name": f"No Body{number}",
            "email": f"n{number}@flood-{arrivals.scene.run}-{number}.example",
        }
        answer = arrivals.site.post({**fields, **nobody})
        arrivals.checks.equal("a post of the flood is taken", 202, answer.status)
        arrivals.deliveries["read"] += 1
        arrivals.submissions["quarantined"] += 1
        sent.append(str(answer.body["submission_id"]))
    return sent


def standing(arrivals: Arrivals) -> Standing:
    """How the reps of the flooded team stand, in the ledger and by their load."""
    admin, team = arrivals.scene.house.person("admin"), arrivals.scene.teams[story.APAC]["id"]
    loads = {rep["id"]: rep["open_leads"] for rep in admin.all("handoff", "/v1/reps", team_id=team)}
    ledgers = admin.get("handoff", "/v1/reports/fairness", team_id=team)["ledgers"]
    levels = Counter[str]()
    for ledger in ledgers:
        levels.update({rep["rep_id"]: rep["level"] for rep in ledger["reps"]})
    return {rep: (round(levels[rep], 6), load) for rep, load in loads.items()}


def fills_the_team(arrivals: Arrivals, sent: Sequence[str], before: Standing) -> None:
    """Wait until all of it lies with the team's reps."""
    held = sum(load for _, load in before.values())

    def ask() -> bool | None:
        now = sum(load for _, load in standing(arrivals).values())
        return True if now == held + len(sent) else None

    wait_for("the flood to be offered", ask)


def take_back(arrivals: Arrivals, since: datetime, before: Standing) -> None:
    """One request; then the team stands as before."""
    marketer = arrivals.scene.house.person("marketer")
    wanted = {"source_id": _form(arrivals, marketer), "received_from": since.isoformat(), "reason": "spam"}
    found = marketer.post("marketing", "/v1/submissions/withdraw", wanted)
    taken = (found["submissions"], found["leads"], found["cycles"], found["kept"])
    arrivals.checks.equal("one request takes the flood back", (LEADS, LEADS, LEADS, []), taken)
    arrivals.checks.eventually(
        "turns and loads are as before", dict(before), lambda: dict(standing(arrivals))
    )


def _form(arrivals: Arrivals, marketer: Caller) -> Any:
    forms = marketer.all("marketing", "/v1/forms")
    return next(form["id"] for form in forms if form["key"] == arrivals.scene.form_key)
