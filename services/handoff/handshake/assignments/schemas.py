"""Assignments and the pool as HTTP takes them in and shows them."""

from uuid import UUID

from pydantic import Field

from services.handoff.handshake.assignments.rules import Channel, DeclineReason, ReturnReason
from shared.clients.contact_cards import ContactCard
from shared.http.schemas import RequestBody, UtcTime, View, example

REP_ID = "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c02"
LEAD = {
    "lead_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c04",
    "cycle": 1,
    "contact_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c05",
    "state": "offered",
    "received_at": "2026-11-23T08:00:00Z",
    "qualified_at": "2026-11-23T08:00:01Z",
    "source": "web_form",
    "score": 85,
    "country": "DE",
    "company_name": "Muster GmbH",
    "company_size": 240,
}
ASSIGNMENT = {
    "id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c03",
    "hop": 1,
    "state": "offered",
    "rep_id": REP_ID,
    "rep_name": "Ana Lima",
    "team_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c01",
    "band": "hot",
    "offered_at": "2026-11-23T08:00:02Z",
    "answer_by": "2026-11-23T09:00:02Z",
    "lead": LEAD,
    "contact": {"contact_id": LEAD["contact_id"], "status": "available", "name": "Eva Muster"},
}


class Decline(RequestBody):
    model_config = example({"reason": "busy"})

    reason: DeclineReason = Field(description=DeclineReason.__doc__)


class Return(RequestBody):
    model_config = example({"reason": "unreachable"})

    reason: ReturnReason


class FirstResponse(RequestBody):
    model_config = example({"channel": "call"})

    channel: Channel
    responded_at: UtcTime | None = Field(None, description="When; now unless given. Never in the future.")


class Reassignment(RequestBody):
    model_config = example({"rep_id": REP_ID}, {})

    rep_id: UUID | None = Field(
        None,
        description="Who is to have it, an active rep of your teams. Left out: the rules decide anew, "
        "leaving out who had it already.",
    )
    credit_back: bool = Field(default=True, description="Whether the rep before gets their turn back.")


class LeadView(View):
    """The lead as handoff knows it. Who the person is, marketing tells: see `contact`."""

    lead_id: UUID
    cycle: int
    contact_id: UUID
    state: str = Field(
        description="held, pool, offered, accepted, returned, closed, superseded or withdrawn."
    )
    received_at: UtcTime
    qualified_at: UtcTime
    backfilled: bool = Field(default=False, description="Of the past, and offered because it was asked for.")
    source: str
    campaign_id: UUID | None = None
    hand_raiser: bool = False
    score: int
    country: str | None = None
    industry: str | None = None
    company_id: UUID | None = None
    company_name: str | None = None
    company_domain: str | None = None
    company_size: int | None = None
    accepted_at: UtcTime | None = None
    responded_at: UtcTime | None = Field(
        None, description="First attempt of a person to reach them: stated here, or logged in sales."
    )
    response_channel: str | None = None
    connected_at: UtcTime | None = Field(None, description="When they first spoke.")
    ended_at: UtcTime | None = None
    end_reason: str | None = None


class AssignmentView(View):
    model_config = example(ASSIGNMENT)

    id: UUID
    hop: int = Field(description="Counts the offers of this lead in its cycle.")
    state: str = Field(description="offered, accepted, declined, expired, returned or closed.")
    rep_id: UUID
    rep_name: str
    team_id: UUID
    band: str = Field(description="hot or warm: how long there is to answer; backfill for one of the past.")
    offered_at: UtcTime
    answer_by: UtcTime
    answered_at: UtcTime | None = None
    reason: str | None = None
    lead: LeadView
    contact: ContactCard | None = Field(
        None,
        description="Asked from marketing by reads and by accepting; null in the answer to other changes. An "
        "offer shows name, title, company, country, what they wrote and, not in lists, what came before; "
        "accepting it shows the rest.",
    )


class Contender(View):
    rep_id: UUID
    level: float = Field(description="Leads the ledger owed them, this one's share included.")


class PassedOver(View):
    rep_id: UUID
    reason: str = Field(description="inactive, full or had_it_before.")


class TraceView(View):
    """Why this lead went to this rep."""

    model_config = example(
        {
            "rule_set": 3,
            "rule_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c06",
            "rule_name": "Germany",
            "team_id": ASSIGNMENT["team_id"],
            "band": "hot",
            "turn": 17,
            "by_hand": False,
            "chosen": REP_ID,
            "leaders": [{"rep_id": REP_ID, "level": 0.5}],
            "eligible": 4,
            "passed_over": [{"rep_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c07", "reason": "full"}],
        }
    )

    rule_set: int
    rule_id: UUID
    rule_name: str
    team_id: UUID
    band: str
    turn: int = Field(description="The line of the team's fairness ledger this was booked in.")
    by_hand: bool
    chosen: UUID
    leaders: list[Contender] = Field(description="The largest levels the choice was made on, largest first.")
    eligible: int
    passed_over: list[PassedOver]


class PoolView(View):
    """A lead that waits for a rep."""

    model_config = example(
        {
            **LEAD,
            "state": "pool",
            "team_id": ASSIGNMENT["team_id"],
            "band": "hot",
            "hop": 0,
            "backfilled": False,
        }
    )

    lead_id: UUID
    cycle: int
    contact_id: UUID
    team_id: UUID = Field(description="The team it waits for.")
    band: str
    state: str = Field(description="pool: waits for a rep; held: of the past, and nobody asked to offer it.")
    hop: int = Field(description="Offers of this cycle so far.")
    backfilled: bool = Field(description="It happened in the past: offered after every live one, if at all.")
    source: str
    score: int
    country: str | None = None
    received_at: UtcTime
    qualified_at: UtcTime
