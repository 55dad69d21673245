"""What every connector reads a body into, and how it says that it can't. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.people.consents.rules import Consent
from services.marketing.people.contacts.rules import Person


class UnreadableError(ValueError):
    """A delivery no lead can be read from. `reason` is a code; nothing of the body is quoted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoticeError(ValueError):
    """A delivery that is not about a lead at all: a test, another kind of news."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedLead:
    """One lead as a door brought it: clean texts, known fields recognised, the rest as answers."""

    person: Person = field(default_factory=Person)
    external_id: str | None = None
    occurred_at: datetime | None = None
    campaigns: Sequence[CampaignReference] = ()
    hand_raiser: bool = False
    route: bool = False  # of the past, and to be offered to a rep all the same
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
    landing_host: str | None = None
    landing_path: str | None = None
    referrer: str | None = None  # host and path
    session_id: str | None = None
    visitor_id: str | None = None
    self_reported: str | None = None
    consent: Consent | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[str] = ()
    trapped: bool = False
    awaits_details: bool = False
    # What the page's widget gave, where the form has a challenge; and what its service said of it.
    challenge_token: str | None = None
    challenge: Literal["passed", "failed"] | None = None

    @property
    def is_unverified(self) -> bool:
        """Whether it should have been checked, and could not be."""
        return self.challenge_token is not None and self.challenge is None


Step = Literal["details", "wait", "token", "permission", "refused"]


@dataclass(frozen=True, slots=True)
class DetailsAnswer:
    """What a platform said of a lead: the next step, a code that says why, and what a person can do."""

    step: Step
    reason: str
    details: bytes = b""
    advice: str | None = None
