"""A rep's day: what the person wrote, what is planned, a calendar, and a deal that goes to a colleague."""

from datetime import timedelta
from typing import Any

from deploy.demo.play import Play, Say
from deploy.demo.selling import Deal


def rep_day(play: Play, say: Say) -> None:
    """The open deal of somebody who came today, and all that is done for it."""
    person = next(one for one in play.reps if one.live and one.plan and one.plan.end == "open")
    rep = play.reps[person]
    deal = play.selling.deal_of(play.leads[person], rep)
    path = f"/v1/deals/{deal['id']}"
    _knows_what_they_wrote(play, rep.get("sales", path))
    demo = _plan(play, deal)
    _keep_a_calendar(play, deal, demo)
    say("a rep reads what they wrote, plans a demo, and has it on the day's page and in a calendar")
    _hand_over(play, deal)
    say("the deal goes to a colleague, with its person, its lead and the demo")


def _knows_what_they_wrote(play: Play, page: Any) -> None:
    [card] = page["contacts"]
    wrote = (card["background"] or {}).get("enquiries", ())
    play.checks.true("the deal shows what they wrote", bool(wrote))


def _plan(play: Play, deal: Deal) -> str:
    """A demo tomorrow, with its sheet. Returns the activity's id."""
    rep = play.selling.rep_of(deal)
    due = play.selling.now + timedelta(days=1)
    form = {"kind": "demo", "title": "The reporting part", "due_at": due.isoformat()}
    demo = rep.post("sales", f"/v1/deals/{deal['id']}/activities", form)
    path = f"/v1/activities/{demo['id']}"
    sheet = {
        "product": "reporting",
        "attendees": [{"contact_id": deal["contact_ids"][0], "role": "champion"}],
        "objections": [{"category": "security", "text": "Where is it hosted?", "answer": "Where you are."}],
    }
    seen = {"If-Match": rep.ask("GET", "sales", path).etag or ""}
    rep.ask("PUT", "sales", f"{path}/demo", json=sheet, headers=seen)
    for day in ("2030-01-31", "2030-03-31"):
        rep.edit("sales", f"/v1/deals/{deal['id']}", {"expected_close_on": day})
    changed = rep.get("sales", f"/v1/deals/{deal['id']}/changes")["items"]
    pushed = [one["after"] for one in changed if one["field"] == "expected_close_on"]
    play.checks.equal("a close put off is in the deal's changes", ["2030-03-31", "2030-01-31"], pushed)
    day_page = rep.get("sales", "/v1/day", time_zone="Europe/Berlin")
    idle = {one["id"] for one in day_page["without_next_step"]["items"]}
    play.checks.true("what has a next step is not among what has none", deal["id"] not in idle)
    return str(demo["id"])


def _keep_a_calendar(play: Play, deal: Deal, demo: str) -> None:
    rep = play.selling.rep_of(deal)
    feeds = rep.get("sales", "/v1/calendar-feeds")
    feed = rep.post("sales", "/v1/calendar-feeds", {"name": "Phone"})
    calendar = play.scene.house.stranger.get("sales", feed["path"])
    shown = (f"UID:{demo}@leadloop" in calendar, "reporting part" in calendar)
    play.checks.equal("the calendar has the demo, and no text of the rep's", (True, False), shown)
    for one in (*feeds, feed):
        rep.ask("DELETE", "sales", f"/v1/calendar-feeds/{one['id']}")
    revoked = play.scene.house.stranger.try_("GET", "sales", feed["path"])
    play.checks.equal("a revoked calendar leads nowhere", 404, revoked.status)


def _hand_over(play: Play, deal: Deal) -> None:
    manager = play.selling.manager_of(deal)
    reps = play.scene.house.person("admin").all("handoff", "/v1/reps")
    of_team = [one["id"] for one in reps if one["team_id"] == deal["team_id"] and one["active"]]
    other = next(rep_id for rep_id in of_team if rep_id != deal["rep_id"])
    given = manager.post("sales", f"/v1/deals/{deal['id']}/owner", {"rep_id": other, "why": "On leave"})
    play.checks.equal("who brought the deal stays known", deal["rep_id"], given["sourced_by"])
    taker = play.selling.rep_of(given)
    page = taker.get("sales", f"/v1/deals/{deal['id']}")
    play.checks.equal("the demo goes along", {other}, {one["assignee_id"] for one in page["activities"]})
    analyst = play.scene.house.person("analyst")
    lead = f"/v1/leads/{deal['lead_id']}"
    play.checks.eventually(
        "marketing knows who has the lead now", other, lambda: analyst.get("marketing", lead)["owner_rep_id"]
    )

    def has_the_lead() -> set[str]:
        offers = taker.get("handoff", "/v1/assignments", lead_id=deal["lead_id"])["items"]
        return {one["rep_id"] for one in offers if one["state"] == "accepted"}

    play.checks.eventually("handoff has the lead with them", {other}, has_the_lead)
