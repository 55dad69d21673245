"""What marketing takes back: ended everywhere, and counted nowhere."""

from deploy.ops.reconcile.equations.leads import OURS
from deploy.ops.reconcile.equations.shape import Equation, Side, Way

_TAKEN = (
    "SELECT lead_id || '/' || cycle AS key, '' AS value FROM lead_cycles "
    "WHERE withdrawn_at IS NOT NULL AND qualified_at IS NOT NULL"
)

WITHDRAWN = Equation(
    name="withdrawn",
    claim="Every qualification that marketing took back is taken back in handoff, and no other",
    left=Side("marketing", "taken back", _TAKEN),
    right=Side(
        "handoff",
        "the same in handoff",
        "SELECT lead_id || '/' || cycle AS key, '' AS value FROM leads "
        f"WHERE withdrawn_at IS NOT NULL AND {OURS}",
    ),
    remedy="leadloop outbox republish marketing marketing.leads {key}",
    way=Way("marketing", "marketing.leads", "handoff"),
)

WITHDRAWN_DEALS = Equation(
    name="withdrawn_in_sales",
    claim="Sales knows of every qualification that marketing took back, and of no other",
    left=Side("marketing", "taken back", _TAKEN),
    right=Side(
        "sales",
        "the same in sales",
        "SELECT lead_id || '/' || cycle AS key, '' AS value FROM withdrawn_leads WHERE reason <> 'foreign'",
    ),
    remedy="leadloop outbox republish marketing marketing.leads {key}",
    way=Way("marketing", "marketing.leads", "sales"),
)

TAKEN_BACK = Equation(
    name="taken_back",
    claim="Nothing that was taken back still counts: no touch, no consent, no offer, no load",
    left=Side(
        "marketing",
        "touches and consents of submissions set aside",
        "SELECT s.id::text AS key, 'a touch' AS value FROM touches t JOIN submissions s "
        "ON s.id = t.submission_id WHERE s.state = 'quarantined' UNION ALL "
        "SELECT s.id::text, 'a consent' FROM consents c JOIN submissions s ON s.id = c.submission_id "
        "WHERE s.state = 'quarantined'",
    ),
    right=None,
    remedy="somebody changed rows by hand: see docs/reconcile.md#taken_back",
)

WITHDRAWN_OFFERS = Equation(
    name="withdrawn_offers",
    claim="No lead that was taken back is offered to anybody, or waits for a rep, and none keeps a turn",
    left=Side(
        "handoff",
        "leads taken back and still going on",
        "SELECT lead_id || '/' || cycle AS key, state AS value FROM leads "
        "WHERE withdrawn_at IS NOT NULL AND state IN ('held', 'pool', 'offered') UNION ALL "
        "SELECT a.lead_id || '/' || a.cycle, 'a turn' FROM assignments a JOIN leads l USING (lead_id, cycle) "
        "WHERE l.state = 'withdrawn' AND NOT EXISTS (SELECT FROM turns t WHERE t.team_id = a.team_id AND "
        "t.band = a.band AND t.number > a.turn AND t.kind = 'credited_back' AND t.lead_id = a.lead_id)",
    ),
    right=None,
    remedy="somebody changed rows by hand: see docs/reconcile.md#taken_back",
)

EQUATIONS = (WITHDRAWN, WITHDRAWN_DEALS, TAKEN_BACK, WITHDRAWN_OFFERS)
