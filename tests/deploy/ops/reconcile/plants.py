"""A fault as it is planted, and those of sales' work."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    """What is done to whose database, and what must be found: `about` names the id that is told."""

    service: str
    sql: str
    broken: set[str]
    about: str  # a name in `Company.ids`, or the key itself


WORK = {
    "a call that handoff has not heard of": Plant(
        "handoff", "DELETE FROM lead_attempts WHERE activity_id = $1::uuid", {"attempts"}, "open_call"
    ),
    "a clock that a call did not stop": Plant(
        "handoff", "UPDATE leads SET responded_at = NULL WHERE lead_id = $1::uuid", {"responses"}, "open_lead"
    ),
    "a lead that stayed with who had its deal": Plant(
        "handoff",
        "UPDATE assignments SET rep_id = offered_to, offered_to = NULL WHERE offered_to IS NOT NULL "
        "AND (lead_id, cycle) = (SELECT lead_id, cycle FROM deals WHERE deal_id = $1::uuid)",
        {"handed_over"},
        "lost_deal",
    ),
    "a payment that vanished": Plant(
        "sales",
        "DELETE FROM payments WHERE deal_id = $1::uuid AND voided_at IS NULL",
        {"collected"},
        "won_deal",
    ),
    "somebody on a deal whom marketing has not heard of": Plant(
        "sales",
        "UPDATE deals SET contact_ids = contact_ids || gen_random_uuid() WHERE id = $1::uuid",
        {"deal_people"},
        "open_deal",
    ),
    "a person who wrote again unseen": Plant(
        "sales",
        "DELETE FROM activities WHERE submission_id = $1::uuid",
        {"resubmitted"},
        "again_submission",
    ),
}
