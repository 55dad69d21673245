"""What a captured lead is, and what is wrong with it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from disposable_email_domains import blocklist

from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.people.contacts import normalize

SUBMISSION_STATES = ("pending", "created", "merged", "rejected", "quarantined")
BACKFILL_AFTER = timedelta(hours=1)  # older than this at receipt, it is history and no clock starts
MOST_LINKS = 3
_LINK = re.compile(r"https?://|\bwww\.|<a\s|\[url", re.IGNORECASE)

State = Literal["pending", "created", "merged", "rejected", "quarantined"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a lead is not processed further. `detail` is for the people who run the campaign."""

    state: Literal["rejected", "quarantined"]
    reason: str
    detail: str


def judge(lead: CapturedLead, *, released: bool = False) -> Verdict | None:
    """What keeps this lead from becoming one; None when nothing does.

    Signs of spam set it aside for a person to look at. Once `released` they no longer count.
    """
    if not released and lead.trapped:
        return Verdict("quarantined", "honeypot", "The field that people don't see was filled in.")
    if "occurred_at_invalid" in lead.faults:
        detail = "occurred_at is not a time with a zone after the year 2000, such as 2026-11-23T09:30:00Z."
        return Verdict("rejected", "occurred_at_invalid", detail)
    if lead.person.email is None and lead.person.phone is None:
        return Verdict("rejected", "no_contact", _why_unreachable(lead.faults))
    return None if released else _suspicion(lead)


def _why_unreachable(faults: Sequence[str]) -> str:
    bad = [word for fault, word in _UNUSABLE.items() if fault in faults]
    if not bad:
        return "There is neither an e-mail address nor a phone number."
    return f"There is no way to reach the person: {' and '.join(bad)} can't be one."


_UNUSABLE = {"email_invalid": "the e-mail address given", "phone_invalid": "the phone number given"}


def _suspicion(lead: CapturedLead) -> Verdict | None:
    person = lead.person
    if person.email and normalize.mail_domain(person.email) in blocklist:
        return Verdict("quarantined", "disposable_email", "The address is of a throwaway mailbox.")
    names = (person.given_name, person.family_name, person.company_name, person.job_title)
    if any(name and _LINK.search(name) for name in names):
        return Verdict("quarantined", "link_in_name", "A name contains a link.")
    if sum(len(_LINK.findall(answer)) for answer in lead.answers.values()) > MOST_LINKS:
        return Verdict("quarantined", "links", f"The answers contain more than {MOST_LINKS} links.")
    return None


def when(lead: CapturedLead, received_at: datetime) -> tuple[datetime, bool]:
    """When it happened, never later than its receipt, and whether that makes it a backfill."""
    if lead.occurred_at is None or lead.occurred_at >= received_at:
        return received_at, False
    return lead.occurred_at, received_at - lead.occurred_at > BACKFILL_AFTER
