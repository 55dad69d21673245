"""What a captured lead is, what is wrong with it, and what is shown and scored of it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from disposable_email_domains import blocklist

from services.marketing.acquisition.campaigns.rules import CampaignFacts, CampaignReference
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.sources.rules import OUR_FIELDS
from services.marketing.people.contacts import normalize

SUBMISSION_STATES = ("pending", "created", "merged", "rejected", "quarantined")
BACKFILL_AFTER = timedelta(hours=1)  # older than this at receipt, it is history and no clock starts
# A platform goes on trying for a day or two, and a token that lapsed may take a weekend to be noticed.
TOLD_LATE = timedelta(days=7)
MOST_LINKS = 3
UNVERIFIED = "challenge_unverified"
FLOOD = "flood"  # a delivery's mark, as its door writes it
_LINK = re.compile(r"https?://|\bwww\.|<a\s|\[url", re.IGNORECASE)
# What could not be used under the name of a field of ours, and prose, is no fact.
NOT_SCORED = (OUR_FIELDS | {"message"}) - {"job_title"}
SCORED_ANSWER = 100  # characters; a longer answer is prose, of which only the length counts

State = Literal["pending", "created", "merged", "rejected", "quarantined"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a lead is not processed further. `detail` is for the people who run the campaign."""

    state: Literal["rejected", "quarantined"]
    reason: str
    detail: str


@dataclass(slots=True)
class Item:
    """One submission being settled, and what became of it so far."""

    id: UUID
    number: int
    raw: Raw
    lead: CapturedLead
    default_campaign: UUID | None = None
    released: bool = False
    stored: bool = False  # its submission is there already, and waits to be processed
    state: State = "pending"
    waits_for: str | None = None
    reason: str | None = None
    detail: str | None = None
    contact_id: UUID | None = None
    lead_id: UUID | None = None
    campaign: CampaignFacts | None = None
    # Of what it says; and what it says again or changes, as `repeats` found out.
    content_hash: bytes | None = None
    repeats: Any = None
    changes: Any = None

    def refuse(self, verdict: Verdict) -> None:
        self.state, self.reason, self.detail = verdict.state, verdict.reason, verdict.detail


def unreadable(reason: str) -> Verdict:
    """For what was announced as a lead and can't be read as one: a person may look at it."""
    return Verdict("quarantined", reason, "What was sent can't be read as a lead.")


def of_details(error: NoticeError | UnreadableError) -> Verdict:
    """For what was announced as a lead and whose details are of no use, or show a platform's test.

    The delivery of a test was read long ago, so it can't become a notice any more. The submission ends
    rejected: without contact, lead or touch, in the capture equations all the same, and told apart by
    its reason.
    """
    if isinstance(error, NoticeError):
        return Verdict("rejected", error.reason, "The platform says that this is a test; it makes no lead.")
    return unreadable(error.reason)


def judge(lead: CapturedLead, *, released: bool = False, mark: str | None = None) -> Verdict | None:
    """What keeps this lead from becoming one; None when nothing does.

    Signs of spam set it aside for a person to look at. Once `released` they no longer count. A `mark` of its
    delivery says that its form got more than ever: then any sign is a flood's, also one that the door saw.
    """
    if mark and not released and (sign := _sign_of_spam(lead, mark)):
        return Verdict("quarantined", "flood", f"Its form got far more than ever, and {sign}")
    if not released and lead.trapped:
        return Verdict("quarantined", "honeypot", "The field that people don't see was filled in.")
    if not released and lead.challenge == "failed":
        return Verdict("quarantined", "challenge", "Whoever sent it did not pass the form's challenge.")
    if not released and "origin_refused" in lead.faults:
        detail = (
            "It came from a page that is not among the form's origins. Add it to them, or release the lead."
        )
        return Verdict("quarantined", "origin", detail)
    if "occurred_at_invalid" in lead.faults:
        detail = "occurred_at is not a time with a zone after the year 2000, such as 2026-11-23T09:30:00Z."
        return Verdict("rejected", "occurred_at_invalid", detail)
    if lead.person.email is None and lead.person.phone is None:
        if "phone_unclear" in lead.faults:
            return Verdict("quarantined", "phone_unclear", _PHONE_UNCLEAR)
        return Verdict("rejected", "no_contact", _why_unreachable(lead.faults))
    return None if released else _suspicion(lead)


def _sign_of_spam(lead: CapturedLead, mark: str) -> str | None:
    if lead.trapped:
        return "the field that people don't see was filled in."
    if lead.challenge == "failed":
        return "whoever sent it did not pass the form's challenge."
    if "origin_refused" in lead.faults:
        return "it came from a page that is not among the form's origins."
    if mark == FLOOD:
        return "it came from no page, from no browser, or with many others from one place."
    suspicion = _suspicion(lead)
    return suspicion.detail[0].lower() + suspicion.detail[1:] if suspicion else None


def is_unverified(item: Item) -> bool:
    """Whether its challenge should have been looked at, and could not be; nobody has looked at it since."""
    return item.lead.is_unverified and not item.released


def fruitless(items: Sequence[Item]) -> set[UUID]:
    """Deliveries of which nothing came but rejected leads. The same again is tried anew."""
    return {item.raw.id for item in items if item.state == "rejected"} - {
        item.raw.id for item in items if item.state != "rejected"
    }


def _why_unreachable(faults: Sequence[str]) -> str:
    bad = [word for fault, word in _UNUSABLE.items() if fault in faults]
    if not bad:
        return "There is neither an e-mail address nor a phone number."
    return f"There is no way to reach the person: {' and '.join(bad)} can't be one."


_UNUSABLE = {
    "email_invalid": "the e-mail address given",
    "email_placeholder": "the placeholder given for an e-mail address",
    "phone_invalid": "the phone number given",
}
_PHONE_UNCLEAR = (
    "The phone number has no country's code. Set the country of the form or connection, then replay the lead."
)


def _suspicion(lead: CapturedLead) -> Verdict | None:
    person = lead.person
    if person.email and normalize.mail_domain(person.email) in blocklist:
        return Verdict("quarantined", "disposable_email", "The address is of a throwaway mailbox.")
    # A company's name is often typed as its address; a person's never is.
    names = (person.given_name, person.family_name, person.job_title)
    if any(name and _LINK.search(name) for name in names):
        return Verdict("quarantined", "link_in_name", "A name contains a link.")
    # A field that is one address was filled in by the page, or asked for just that.
    texts = (answer for answer in lead.answers.values() if not normalize.is_address(answer))
    if sum(len(_LINK.findall(answer)) for answer in texts) > MOST_LINKS:
        return Verdict("quarantined", "links", f"The answers contain more than {MOST_LINKS} links.")
    return None


def when(lead: CapturedLead, received_at: datetime) -> tuple[datetime, bool]:
    """When it happened, never later than its receipt, and whether that makes it a backfill."""
    if lead.occurred_at is None or lead.occurred_at >= received_at:
        return received_at, False
    return lead.occurred_at, received_at - lead.occurred_at > BACKFILL_AFTER


def is_routed(lead: CapturedLead, received_at: datetime, *, by_platform: bool) -> bool:
    """Whether a lead of the past is to be offered all the same: its sender says so, or a platform that tells
    of leads as they come told of this one late. That is no history loaded, and somebody waits.
    """
    late = by_platform and lead.occurred_at is not None and received_at - lead.occurred_at <= TOLD_LATE
    return lead.route or late


def references_of(item: Item) -> list[CampaignReference]:
    """What may name the campaign of a lead, the best first: its source's own comes last."""
    default = item.default_campaign
    return [*item.lead.campaigns, *([CampaignReference("id", str(default))] if default else [])]


def scored(lead: CapturedLead) -> dict[str, str]:
    """The answers scoring may look at: short ones, and how much somebody wrote."""
    return scored_answers(lead.answers)


def scored_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """The same of answers that were captured before."""
    short = {
        name: answer
        for name, answer in answers.items()
        if len(answer) <= SCORED_ANSWER and name not in NOT_SCORED
    }
    return {**short, "message_length": str(len(answers.get("message", "")))}


def captured(lead: CapturedLead) -> dict[str, Any]:
    """What was understood, for people to look at."""
    person = lead.person
    shown = {
        "email": person.email,
        "phone": person.phone,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "job_title": person.job_title,
        "company_name": person.company_name,
        "company_domain": person.company_domain,
        "company_size": person.company_size,
        "industry": person.industry,
        "country": person.country,
        "region": person.region,
        "language": person.language,
        "time_zone": person.time_zone,
        "utm": dict(lead.utm),
        "click_ids": dict(lead.click_ids),
        "landing_host": lead.landing_host,
        "landing_path": lead.landing_path,
        "referrer": lead.referrer,
        "session_id": lead.session_id,
        "visitor_id": lead.visitor_id,
        "self_reported": lead.self_reported,
        "consent": dict(lead.consent.states) if lead.consent else None,
        "consent_text_version": lead.consent.text_version if lead.consent else None,
        "answers": dict(lead.answers),
        "hand_raiser": lead.hand_raiser or None,
    }
    return {name: value for name, value in shown.items() if value}
