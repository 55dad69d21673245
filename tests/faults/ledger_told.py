"""Equations about what clients were told and what the three databases say: leads, offers, deals, money."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.faults.evidence import Evidence
from tests.faults.histories import Request

Wrong = Iterator[str]
TAKEN = ("accepted", "closed", "returned")  # an offer is closed with its deal
FACT_OF = {
    "stage": "stage_changed",
    "win": "won",
    "lose": "lost",
    "amend": "amended",
    "refund": "refunded",
    "reopen": "reopened",
}
CLOSES = ("won", "lost", "disqualified")


def captures(seen: Evidence) -> Wrong:
    """A request that was accepted is one delivery with all its leads; a refused one is none."""
    deliveries = _by(seen.tables["marketing"]["deliveries"], "dedupe_key")
    submissions = _by(seen.tables["marketing"]["submissions"], "delivery_id")
    for request in seen.histories.of("capture"):
        # Keys of batches are their own: a single lead may have the same. A tool's are its leads' ids.
        found = [row for kind in "kbx" for row in deliveries.get(f"{kind}:{request.key}", [])]
        yield from _as_told(request, len(found))
        for row in found:
            settled = [item for item in submissions.get(row["id"], []) if item["lead_id"]]
            if len(settled) != request.size:
                yield f"{request.key}: {len(settled)} of {request.size} leads"


def leads(seen: Evidence) -> Wrong:
    """Leads made = leads that are there; qualified = handoff's; its offers = what it counted."""
    marketing, handoff = seen.tables["marketing"], seen.tables["handoff"]
    made = {row["lead_id"] for row in marketing["submissions"] if row["state"] == "created"}
    yield from _same("leads", made, {row["id"] for row in marketing["leads"]})
    qualified = [(row["lead_id"], row["cycle"]) for row in marketing["qualified"]]
    taken = [(row["lead_id"], row["cycle"]) for row in handoff["leads"]]
    yield from _same("qualified leads in handoff", qualified, taken)
    told = [(key, int(cycle)) for type_, key, cycle, _ in seen.facts["marketing"]]
    yield from _same("qualified leads told", qualified, told)
    offers = [(row["lead_id"], row["cycle"], row["hop"]) for row in handoff["assignments"]]
    told_offers = [
        (key, int(cycle), int(hop))
        for type_, key, cycle, hop in seen.facts["handoff"]
        if type_.endswith("assigned.v1")
    ]
    yield from _same("offers told", offers, told_offers)
    counted = [
        (row["lead_id"], row["cycle"], hop) for row in handoff["leads"] for hop in range(1, row["hop"] + 1)
    ]
    yield from _same("offers", counted, offers)


def offers(seen: Evidence) -> Wrong:
    """An answer that was confirmed stands; one that was refused does not; accepted = deals opened."""
    handoff, sales = seen.tables["handoff"], seen.tables["sales"]
    state = {row["id"]: row["state"] for row in handoff["assignments"]}
    for request in seen.histories.of("accept"):
        yield from _as_told(request, int(state.get(request.subject) in TAKEN))
    for request in seen.histories.of("return"):
        yield from _as_told(request, int(state.get(request.subject) == "returned"))
    accepted = [(row["lead_id"], row["cycle"]) for row in handoff["assignments"] if row["state"] in TAKEN]
    opened = [(row["lead_id"], row["cycle"]) for row in sales["deals"]]
    yield from _same("accepted leads with a deal", accepted, opened)


def deals(seen: Evidence) -> Wrong:
    """Each step of a deal that was confirmed is in its history once, with its amount; each close is told."""
    facts: Counter[tuple[str, str, str]] = Counter()
    for row in seen.tables["sales"]["history"]:
        facts[row["deal_id"], row["fact"], row["to_stage"]] += 1
        facts[row["deal_id"], row["fact"], ""] += 1
    steps: defaultdict[tuple[str, str, str], list[Request]] = defaultdict(list)
    for request in seen.histories.of("stage", "win", "lose", "amend", "refund", "reopen"):
        steps[request.subject, FACT_OF[request.kind], request.detail].append(request)
    for step, requests in steps.items():
        sure = sum(request.outcome == "ok" for request in requests)
        perhaps = sum(request.outcome == "unknown" for request in requests)
        if not sure <= facts[step] <= sure + perhaps:
            yield f"{step}: {facts[step]} times, {sure} confirmed, {perhaps} unknown"
    closes = [
        (row["deal_id"], row["version"]) for row in seen.tables["sales"]["history"] if row["fact"] in CLOSES
    ]
    told = [
        (key, int(version)) for type_, key, _, version in seen.facts["sales"] if type_.endswith("closed.v1")
    ]
    yield from _same("closes told", closes, told)
    yield from _amounts(seen)
    yield from _refunds(seen)


def _amounts(seen: Evidence) -> Wrong:
    amount = {row["id"]: row["amount_minor"] for row in seen.tables["sales"]["deals"]}
    wanted: dict[str, set[int]] = {}
    for request in seen.histories.of("win", "amend"):
        if request.outcome == "ok":
            wanted[request.subject] = {request.amount}
        elif request.outcome == "unknown":
            wanted.setdefault(request.subject, {0}).add(request.amount)
    for deal, possible in wanted.items():
        if amount.get(deal, 0) not in possible:
            yield f"deal {deal}: {amount.get(deal)} instead of {sorted(possible)}"


def _refunds(seen: Evidence) -> Wrong:
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for request in seen.histories.of("refund"):
        least[request.subject] += request.amount * (request.outcome == "ok")
        most[request.subject] += request.amount * (request.outcome != "refused")
    for row in seen.tables["sales"]["deals"]:
        if not least[row["id"]] <= row["refunded_minor"] <= most[row["id"]]:
            yield f"deal {row['id']}: {row['refunded_minor']} refunded, {least[row['id']]} confirmed"


def copies(seen: Evidence) -> Wrong:
    """Marketing's copy of every deal is what sales has; each close and correction has its credits."""
    own = [
        (row["id"], row["version"], row["state"] if row["state"] != "open" else None, row["reporting_minor"])
        for row in seen.tables["sales"]["deals"]
    ]
    copied = [
        (row["deal_id"], row["version"], row["outcome"], row["reporting_amount_minor"] or 0)
        for row in seen.tables["marketing"]["copies"]
    ]
    yield from _same("deals copied", own, copied)
    booked = [
        (row["deal_id"], row["version"])
        for row in seen.tables["sales"]["history"]
        if row["fact"] in (*CLOSES, "amended", "refunded", "reopened")
    ]
    credited = [(row["deal_id"], row["revision"]) for row in seen.tables["marketing"]["credit_sets"]]
    yield from _same("closes and corrections with credits", booked, credited)


def money(seen: Evidence) -> Wrong:
    """Σ of won deals = Σ of credits = Σ of the reports, by campaign, currency and model, to the cent."""
    marketing = seen.tables["marketing"]
    key = ("campaign", "model", "currency")
    yield from _same(
        "credits and report", _sums(marketing["credits"], *key), _sums(marketing["reported"], *key)
    )
    won = [row for row in seen.tables["sales"]["deals"] if row["state"] == "won"]
    earned: Counter[str] = Counter()
    for row in won:
        earned[row["reporting_currency"]] += row["reporting_minor"]
    for (model, currency), minor in _sums(marketing["credits"], "model", "currency").items():
        if minor != earned[currency]:
            yield f"{model}: {minor} {currency} credited, {earned[currency]} earned"
    if won and not marketing["credits"]:
        yield "deals were won and nothing is credited"
    net = {row["id"]: row["amount_minor"] - row["refunded_minor"] for row in won}
    for row in marketing["credits_by_deal"]:
        if net.get(row["deal"], 0) != row["minor"]:
            yield f"deal {row['deal']}, {row['model']}: {row['minor']} of {net.get(row['deal'], 0)} credited"


def _as_told(request: Request, found: int) -> Wrong:
    allowed = {"ok": (1, 1), "refused": (0, 0), "unknown": (0, 1)}[request.outcome]
    if not allowed[0] <= found <= allowed[1]:
        yield f"{request.kind} {request.key} was {request.outcome}, and is there {found} times"


def _by(rows: Iterable[Mapping[str, Any]], column: str) -> dict[Any, list[Mapping[str, Any]]]:
    found: defaultdict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _sums(rows: Iterable[Mapping[str, Any]], *by: str) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        found[tuple(row[name] for name in by)] += row["minor"]
    return found


def _same(what: str, one: Iterable[Any] | Counter[Any], other: Iterable[Any] | Counter[Any]) -> Wrong:
    """Compare two bags: each element as often here as there."""
    left, right = Counter(one), Counter(other)
    for element in left.keys() | right.keys():
        if left[element] != right[element]:
            yield f"{what}: {element} {left[element]} on one side, {right[element]} on the other"
