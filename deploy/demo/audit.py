"""After the story: does every service say the same, and is it what happened? To the cent."""

from collections import Counter
from functools import partial

from deploy.demo import story
from deploy.demo.figures import MODELS, SALES_SOURCED, Won
from deploy.demo.house import Caller
from deploy.demo.play import Play
from deploy.demo.tallies import Tallies, cents, refused_by_platforms, tallies

PEOPLE = (*story.LAST_MONTH, *story.TODAY)
STAGES = {"won": "customer", "lost": "lost", "returned": "recycled", "open": "opportunity"}


def wait_until_told(play: Play) -> None:
    """Events take a moment: wait until marketing has heard how every lead and every deal ended."""
    analyst = play.scene.house.person("analyst")
    for person in (*PEOPLE, *story.ONLOOKERS):
        expected = STAGES[person.plan.end] if person.plan else "lead"
        stage = partial(_stage, analyst, play.leads[person])
        play.checks.eventually(f"{person.name} is seen as {expected}", expected, stage)
    for deal in play.scene.books.won:
        what = f"the version of deal {deal.deal_id[-6:]} that marketing knows"
        play.checks.eventually(what, deal.version, partial(_version, analyst, deal.deal_id))


def _stage(analyst: Caller, lead_id: str) -> str:
    return str(analyst.get("marketing", f"/v1/leads/{lead_id}")["stage"])


def _version(analyst: Caller, deal_id: str) -> int:
    """0 while marketing has not heard of the deal."""
    answer = analyst.try_("GET", "marketing", f"/v1/deals/{deal_id}/attribution")
    return max((one["revision"] for one in answer.body.get("revisions", ())), default=0)


def audit(play: Play) -> Tallies:
    """Check what the reports say against the books, and against each other; returns them."""
    wait_until_told(play)
    _wait_for_refusals(play)
    after = tallies(play.scene.house, play.scene.first_day, play.scene.today)
    _capture(play, after)
    _funnel(play, after)
    for deal in play.scene.books.won:
        _deal(play, deal)
    for model in MODELS:
        _money(play, after, model)
    _spend(play, after)
    _fairness(play)
    _trail(play)
    return after


def _trail(play: Play) -> None:
    """Who won each deal, and from where, is known to administrators."""
    admin = play.scene.house.person("admin")
    for deal in play.scene.books.won:
        told = admin.get("sales", "/v1/audit-events", object_kind="deals", object_id=deal.deal_id)["items"]
        wins = [(bool(one["subject"]), bool(one["address"])) for one in told if one["route"].endswith("/win")]
        play.checks.equal(f"the trail says who won deal {deal.deal_id[-6:]}", [(True, True)], wins)


def _wait_for_refusals(play: Play) -> None:
    """They are counted a second later, apart from the answers."""
    analyst = play.scene.house.person("analyst")
    before = play.before.refused()

    def ask() -> int:
        return refused_by_platforms(analyst.get("marketing", "/v1/submissions/balance")) - before

    play.checks.eventually("forgeries that were counted", 4, ask)


def _capture(play: Play, after: Tallies) -> None:
    """The two equations hold, and this run's part of them is what it sent."""
    checks, before = play.checks, play.before
    checks.true("both capture equations hold", after.balance["holds"])
    pairs = (
        ("deliveries", "received", before.deliveries(), after.deliveries(), play.arrivals.deliveries),
        ("submissions", "made", before.submissions(), after.submissions(), play.arrivals.submissions),
    )
    for name, total, old, new, sent in pairs:
        old.subtract(new)
        found = {state: -count for state, count in old.items() if count}
        expected = {**sent, total: sent.total()}
        checks.equal(f"{name} of this run", dict(sorted(expected.items())), dict(sorted(found.items())))


def _funnel(play: Play, after: Tallies) -> None:
    """How far this run's leads came, and how many of them were answered."""
    plans = [person.plan for person in PEOPLE if person.plan]
    opportunities = [plan for plan in plans if plan.stages]
    expected = {
        "lead": len(plans) + len(story.ONLOOKERS),
        "mql": len(plans),
        "sal": len(plans),
        "opportunity": len(opportunities),
        "customer": sum(plan.end == "won" for plan in plans),
    }
    grown = _growth(play.before.reached(), after.reached())
    for stage, count in expected.items():
        play.checks.equal(f"leads that became {stage}", count, grown[stage])
    ended = {"lost": sum(p.end == "lost" for p in plans), "recycled": sum(p.end == "returned" for p in plans)}
    play.checks.equal("leads lost and recycled", ended, dict(_growth(play.before.ended(), after.ended())))
    live = sum(person.live for person in PEOPLE)
    told = {"leads": live, "answered": live, "left out": len(plans) - live}
    play.checks.equal("answered leads", told, dict(_growth(play.before.answered(), after.answered())))


def _growth(before: Counter[str], after: Counter[str]) -> Counter[str]:
    return Counter({name: after[name] - before[name] for name in after})


def _deal(play: Play, deal: Won) -> None:
    """One deal's credits sum to what it earns, in both currencies, under each model."""
    analyst = play.scene.house.person("analyst")
    for model in MODELS:
        found = analyst.get("marketing", f"/v1/deals/{deal.deal_id}/attribution", model=model)
        by_campaign: Counter[str] = Counter()
        for credit in found["credits"]:
            by_campaign[credit["campaign_id"] or credit["bucket"]] += cents(credit["reporting_amount"])
        name = f"deal {deal.deal_id[-6:]}, {model}"
        play.checks.equal(f"credits of {name}", +deal.credits(model), +by_campaign)
        credited = sum(cents(credit["amount"]) for credit in found["credits"])
        play.checks.equal(f"credits of {name} in its own currency", deal.amount - deal.refunded, credited)


def _money(play: Play, after: Tallies, model: str) -> None:
    """The report's figures are the books', campaign by campaign, and the whole is what sales earned."""
    checks, expected = play.checks, play.scene.books.credits(model)
    found, before = after.revenue(model), play.before.revenue(model)
    for key, id in play.scene.campaigns.items():
        checks.equal(f"revenue of {key}, {model}", expected[id], found[id])
    sourced = found[SALES_SOURCED] - before[SALES_SOURCED]
    checks.equal(f"revenue of sales' own deals, {model}", expected[SALES_SOURCED], sourced)
    grown = after.total(model) - play.before.total(model)
    checks.equal(f"revenue of this run, {model}", play.scene.books.earned(), grown)
    checks.equal(f"revenue of all rows, {model}", after.total(model), found.total())
    checks.equal(f"revenue by sales and by marketing, {model}", after.won, after.total(model))
    checks.true(f"the report reconciles, {model}", after.roi[model]["reconciliation"]["holds"])


def _spend(play: Play, after: Tallies) -> None:
    """What the campaigns cost, converted day by day."""
    rows = {row["key"]: cents(row["spend"]) for row in after.roi["linear"]["rows"]}
    for key, id in play.scene.campaigns.items():
        play.checks.equal(f"spend of {key}", play.scene.books.cost(id), rows.get(id, 0))
    play.checks.equal("spend without a rate", [], after.roi["linear"]["gaps"])


def _fairness(play: Play) -> None:
    """Every turn of every ledger, replayed."""
    admin = play.scene.house.person("admin")
    for ledger in admin.get("handoff", "/v1/reports/fairness")["ledgers"]:
        name = f"{ledger['team_name']}, {ledger['band']} leads"
        play.checks.true(f"the turns of {name} are fair", ledger["proof"]["holds"])
