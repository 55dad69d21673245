"""Reps answer: most accept, one declines, one lets an offer lapse, one gives a lead back."""

from collections.abc import Mapping
from typing import Any

from deploy.demo import story
from deploy.demo.checks import Checks
from deploy.demo.house import Caller, moment, wait_for
from deploy.demo.scene import Scene

Offer = Mapping[str, Any]
QUICK = 2  # seconds to answer in the team where one offer lapses
PATIENT = {"answer_seconds_hot": 3600, "answer_seconds_warm": 86400}


def offer_of(scene: Scene, lead_id: str, *, hop: int = 1) -> Offer:
    """The offer of a lead to its n-th rep."""
    admin = scene.house.person("admin")

    def ask() -> Offer | None:
        offers = admin.get("handoff", "/v1/assignments", lead_id=lead_id)["items"]
        return next((offer for offer in offers if offer["hop"] == hop), None)

    return wait_for(f"lead {lead_id} to be offered to rep number {hop}", ask)


def rep_of(scene: Scene, offer: Offer) -> Caller:
    """Who the lead was offered to, signed in."""
    return scene.house.person("rep", scene.subjects[offer["rep_id"]])


def knows_who(scene: Scene, checks: Checks, offer: Offer, name: str) -> None:
    """The rep sees the person, whom handoff asks marketing for and stores nowhere."""
    path = f"/v1/assignments/{offer['id']}"
    rep = rep_of(scene, offer)

    def ask() -> str | None:
        contact = rep.get("handoff", path)["contact"] or {}
        return contact.get("name")

    checks.eventually(f"{offer['rep_name']} sees who it is", name, ask)


def accept(scene: Scene, checks: Checks, offer: Offer, *, call: bool) -> None:
    """Take the lead; `call` also rings the person up."""
    rep = rep_of(scene, offer)
    taken = rep.post("handoff", f"/v1/assignments/{offer['id']}/accept", None)
    checks.equal(f"{offer['rep_name']} accepts", "accepted", taken["state"])
    shown = taken["contact"]
    checks.equal(f"{offer['rep_name']} sees the person at once", "available", shown["status"])
    if call:
        rep.post("handoff", f"/v1/assignments/{offer['id']}/first-response", {"channel": "call"})


def decline(scene: Scene, checks: Checks, offer: Offer) -> Offer:
    """Too busy: the lead goes to the next rep, whose offer is returned."""
    rep = rep_of(scene, offer)
    no = rep.post("handoff", f"/v1/assignments/{offer['id']}/decline", {"reason": "busy"})
    checks.equal(f"{offer['rep_name']} declines", ("declined", "busy"), (no["state"], no["reason"]))
    following = offer_of(scene, offer["lead"]["lead_id"], hop=2)
    checks.true("a declined lead goes to another rep", following["rep_id"] != offer["rep_id"])
    return following


def hurry(scene: Scene) -> None:
    """Offers of one team lapse after two seconds from now on."""
    _set_patience(scene, {"answer_seconds_hot": QUICK, "answer_seconds_warm": QUICK})


def relax(scene: Scene) -> None:
    """The usual time to answer again."""
    _set_patience(scene, PATIENT)


def _set_patience(scene: Scene, patience: Mapping[str, int]) -> None:
    path = f"/v1/teams/{scene.teams[story.APAC]['id']}"
    scene.house.person("admin").edit("handoff", path, dict(patience))


def let_lapse(scene: Scene, checks: Checks, first: Offer) -> Offer:
    """Nobody answers: the offer ends by its deadline and the lead moves on. Too late is a 409.

    Returns the first offer of the usual patience; on a slow machine more than one may have lapsed before.
    """
    patient = wait_for("the lapsed lead to be offered to the next rep", lambda: _patient_offer(scene, first))
    checks.true("a lapsed lead goes to another rep", patient["rep_id"] != first["rep_id"])
    path = f"/v1/assignments/{first['id']}"
    lapsed = scene.house.person("admin").get("handoff", path)
    checks.equal(f"{first['rep_name']} let it lapse", "expired", lapsed["state"])
    late = rep_of(scene, first).try_("POST", "handoff", f"{path}/accept")
    named = "expired" in late.why and "accepted" in late.why
    checks.equal("accepting too late is a 409 that names both states", (409, True), (late.status, named))
    return patient


def _patient_offer(scene: Scene, first: Offer) -> Offer | None:
    lead_id = first["lead"]["lead_id"]
    offers = scene.house.person("admin").get("handoff", "/v1/assignments", lead_id=lead_id)["items"]
    later = (offer for offer in offers if offer["hop"] > 1 and offer["state"] == "offered")
    return next((offer for offer in later if _patience(offer) > 60 * QUICK), None)


def _patience(offer: Offer) -> float:
    return (moment(offer["answer_by"]) - moment(offer["offered_at"])).total_seconds()


def give_back(scene: Scene, checks: Checks, offer: Offer) -> None:
    """Accepted, but nobody ever picks up the phone."""
    path = f"/v1/assignments/{offer['id']}/return"
    back = rep_of(scene, offer).post("handoff", path, {"reason": "unreachable"})
    checks.equal(f"{offer['rep_name']} gives one back", "returned", back["state"])
