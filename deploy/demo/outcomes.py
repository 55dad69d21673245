"""What became of everything that came in: read back from marketing, one submission after the other."""

from collections.abc import Mapping
from typing import Any

from deploy.demo import story
from deploy.demo.arrivals import Arrivals
from deploy.demo.figures import Met
from deploy.demo.house import moment, wait_for
from deploy.demo.story import Person

SIGNS = ("honeypot", "link_in_name", "origin")  # which are a flood's where a form gets more than ever
SETTLED = 30  # seconds; Meta's details may have to be asked for twice, some seconds apart


def settled(arrivals: Arrivals, submission_id: str, what: str) -> Mapping[str, Any]:
    """The submission, once it waits for nothing any more."""
    analyst = arrivals.scene.house.person("analyst")

    def ask() -> Mapping[str, Any] | None:
        answer = analyst.try_("GET", "marketing", f"/v1/submissions/{submission_id}")
        done = answer.status == 200 and answer.body["state"] != "pending"
        return answer.body if done else None

    return wait_for(f"{what} to be processed", ask, seconds=SETTLED)


def lead_of(arrivals: Arrivals, person: Person) -> str:
    """The one lead all submissions of a person belong to; checks each on the way."""
    checks = arrivals.checks
    leads: set[str] = set()
    for (who, place), submission_id in arrivals.sent.items():
        if who is not person:
            continue
        found = settled(arrivals, submission_id, f"{person.name}'s submission")
        expected = "merged" if leads else "created"
        checks.equal(f"{person.name}, touch {place + 1}", expected, found["state"])
        leads.add(found["lead_id"])
        _note(arrivals, person, place, found)
    checks.equal(f"leads of {person.name}", 1, len(leads))
    return str(next(iter(leads)))


def _note(arrivals: Arrivals, person: Person, place: int, found: Mapping[str, Any]) -> None:
    """Keep the touch for the books: the campaign it has to count for, and when it happened."""
    touch = person.touches[min(place, len(person.touches) - 1)]
    campaign_id = arrivals.scene.campaigns[touch.campaign]
    arrivals.checks.equal(f"{person.name}, campaign {place + 1}", campaign_id, found["campaign_id"])
    at = arrivals.at(touch.days) if touch.days else moment(found["occurred_at"])
    arrivals.checks.equal(f"{person.name}, moment {place + 1}", at, moment(found["occurred_at"]))
    arrivals.met.setdefault(person, []).append(Met(campaign_id, at))


def clicked_twice(arrivals: Arrivals, submission_id: str) -> None:
    """A click too many changes nothing: no lead of its own, and no further touch that scoring would count."""
    found = settled(arrivals, submission_id, "the double click")
    arrivals.checks.equal("the double click", ("merged", "repeat"), (found["state"], found["reason"]))


def set_aside(arrivals: Arrivals, reasons: Mapping[str, str]) -> None:
    """Spam is kept with its reason, and makes nobody a lead."""
    for submission_id, reason in reasons.items():
        found = settled(arrivals, submission_id, f"the post with {reason}")
        # When the demo was played before within the hour, the form got more than ever.
        told = reason if found["reason"] == "flood" and reason in SIGNS else found["reason"]
        arrivals.checks.equal(f"the post with {reason}", (reason, None), (told, found["lead_id"]))


def repair_meta(arrivals: Arrivals) -> None:
    """Meta refuses one lead's details: it waits with an alarm, the permission is granted, it is replayed."""
    scene, checks = arrivals.scene, arrivals.checks
    # The alarm ends with the next lead Meta does give out, so the others have to be through first.
    settled(arrivals, arrivals.sent[story.CARLOS, 0], "the lead for which Meta was busy")
    arrivals.today([story.PRIYA])
    submission_id = arrivals.sent[story.PRIYA, 0]
    found = settled(arrivals, submission_id, "the lead Meta refuses")
    checks.equal("a lead Meta refuses", ("quarantined", "graph_200"), (found["state"], found["reason"]))
    marketer = scene.house.person("marketer")
    path = f"/v1/connections/{scene.meta['id']}"
    checks.equal(
        "the connection calls for help", "needs_attention", marketer.get("marketing", path)["health"]
    )
    marketer.post("marketing", f"/v1/submissions/{submission_id}/replay", None)
    checks.eventually("the connection is well again", "ok", lambda: marketer.get("marketing", path)["health"])
