"""A lead from its qualification to its deal, by lead and cycle; handoff's own books; the copy of reps."""

from deploy.ops.reconcile.equations.shape import Equation, Side, Way

# Leads that forged events told of, and that were taken back with them: `leadloop events withdraw`.
OURS = "withdrawn_because IS DISTINCT FROM 'foreign'"

QUALIFIED = Equation(
    name="qualified",
    claim="Every lead that qualified is known to handoff, once per cycle, and nobody else is",
    left=Side(
        "marketing",
        "leads qualified",
        "SELECT lead_id || '/' || cycle AS key, '' AS value FROM lead_cycles WHERE qualified_at IS NOT NULL",
    ),
    right=Side(
        "handoff",
        "leads in handoff",
        f"SELECT lead_id || '/' || cycle AS key, '' AS value FROM leads WHERE {OURS}",
    ),
    remedy="leadloop outbox republish marketing marketing.leads {key}",
    way=Way("marketing", "marketing.leads", "handoff"),
)

ANNOUNCED = Equation(
    name="announced",
    claim="Every qualification has staged one LeadQualified",
    left=Side(
        "marketing",
        "qualifications",
        "SELECT lead_id::text AS key, count(*)::text AS value FROM lifecycle_log "
        "WHERE stage = 'mql' AND recorded_at >= :since GROUP BY lead_id",
    ),
    right=Side(
        "marketing",
        "LeadQualified staged",
        "SELECT key, count(*)::text AS value FROM outbox "
        "WHERE type = 'leadloop.marketing.lead_qualified.v1' AND created_at >= :since GROUP BY key",
    ),
    remedy="marketing's log or its rows were changed by hand; see docs/reconcile.md#announced",
)

OFFERS = Equation(
    name="offers",
    claim="Every lead in handoff has one assignment for each offer it counts",
    left=Side(
        "handoff",
        "offers counted",
        "SELECT lead_id || '/' || cycle AS key, hop::text AS value FROM leads WHERE hop > 0",
    ),
    right=Side(
        "handoff",
        "assignments",
        "SELECT lead_id || '/' || cycle AS key, "
        "CASE WHEN count(*) = max(hop) THEN max(hop)::text ELSE count(*) || ' of ' || max(hop) END AS value "
        "FROM assignments GROUP BY lead_id, cycle",
    ),
    remedy="assignments of this lead were changed by hand; see docs/reconcile.md#offers",
)

TURNS = Equation(
    name="turns",
    claim="Every offer has its turn in the fairness ledger, and every turn its offer",
    left=Side(
        "handoff",
        "offers",
        "SELECT team_id || '/' || band || '/' || turn AS key, "
        "lead_id || ' to ' || coalesce(offered_to, rep_id) AS value FROM assignments",
    ),
    right=Side(
        "handoff",
        "turns given",
        "SELECT team_id || '/' || band || '/' || number AS key, lead_id || ' to ' || rep_id AS value "
        "FROM turns WHERE kind IN ('assigned', 'manual')",
    ),
    remedy="the ledger or an assignment was changed by hand; see docs/reconcile.md#offers",
)

LOADS = Equation(
    name="loads",
    claim="Every rep's count of open leads is the number of leads the rep holds",
    left=Side(
        "handoff",
        "counts",
        "SELECT rep_id::text AS key, open_leads::text AS value FROM loads WHERE open_leads <> 0",
    ),
    right=Side(
        "handoff",
        "leads held",
        "SELECT rep_id::text AS key, count(*)::text AS value FROM assignments "
        "WHERE state IN ('offered', 'accepted') GROUP BY rep_id",
    ),
    remedy="the rep gets too many leads or too few until it is set right; see docs/reconcile.md#loads",
)

ACCEPTED = Equation(
    name="accepted",
    claim="Every accepted lead has one deal, once per cycle, and no other lead has",
    left=Side(
        "handoff",
        "leads accepted",
        "SELECT lead_id || '/' || cycle AS key, '' AS value FROM leads WHERE accepted_at IS NOT NULL "
        f"AND {OURS}",
    ),
    right=Side(
        "sales",
        "deals opened for leads",
        "SELECT lead_id || '/' || cycle AS key, '' AS value FROM deals d WHERE lead_id IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM withdrawn_leads w WHERE w.lead_id = d.lead_id AND w.cycle = d.cycle "
        "AND w.reason = 'foreign')",
    ),
    remedy="leadloop outbox republish handoff handoff.assignments {key}",
    way=Way("handoff", "handoff.assignments", "sales"),
)

FOLLOWED = Equation(
    name="followed",
    claim="Marketing knows of every lead whether it was accepted and whether it came back",
    left=Side(
        "handoff",
        "accepted or returned",
        "SELECT lead_id || '/' || cycle AS key, concat_ws(' ', CASE WHEN accepted_at IS NOT NULL THEN "
        "'accepted' END, CASE WHEN state = 'returned' THEN 'returned' END) AS value FROM leads "
        f"WHERE (accepted_at IS NOT NULL OR state = 'returned') AND {OURS}",
    ),
    right=Side(
        "marketing",
        "the same in marketing",
        "SELECT lead_id || '/' || cycle AS key, concat_ws(' ', CASE WHEN accepted_at IS NOT NULL THEN "
        "'accepted' END, CASE WHEN returned_at IS NOT NULL THEN 'returned' END) AS value FROM lead_cycles "
        "WHERE accepted_at IS NOT NULL OR returned_at IS NOT NULL",
    ),
    remedy="leadloop outbox republish handoff handoff.assignments {key}",
    way=Way("handoff", "handoff.assignments", "marketing"),
)

REPS = Equation(
    name="reps",
    claim="Sales knows every rep as handoff does",
    left=Side(
        "handoff",
        "reps",
        "SELECT id::text AS key, concat_ws(' ', version, team_id, active) AS value FROM reps",
    ),
    right=Side(
        "sales",
        "copies in sales",
        "SELECT id::text AS key, concat_ws(' ', version, team_id, active) AS value FROM reps",
    ),
    remedy="leadloop outbox republish handoff handoff.reps {key}",
    way=Way("handoff", "handoff.reps", "sales"),
)

LEAD_DAYS = Equation(
    name="lead_days",
    claim="The leads and MQLs the reports count are those there are, by campaign, channel and day",
    left=Side(
        "marketing",
        "counts kept",
        "SELECT concat_ws(' ', campaign_id, channel, day) AS key, sum(leads) || ' ' || sum(mqls) AS value "
        "FROM lead_days GROUP BY campaign_id, channel, day HAVING sum(leads) <> 0 OR sum(mqls) <> 0",
    ),
    right=Side(
        "marketing",
        "leads and first cycles that stand",
        """
WITH one AS (
    SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, campaign_id, channel, 1 AS leads, 0 AS mqls
    FROM leads WHERE withdrawn_at IS NULL
    UNION ALL
    SELECT (c.qualified_at AT TIME ZONE 'UTC')::date, c.campaign_id, c.channel, 0, 1
    FROM lead_cycles c JOIN leads l ON l.id = c.lead_id AND l.first_cycle = c.cycle
    WHERE c.qualified_at IS NOT NULL AND c.withdrawn_at IS NULL
)
SELECT concat_ws(' ', coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), channel, day) AS key,
       sum(leads) || ' ' || sum(mqls) AS value
FROM one GROUP BY campaign_id, channel, day""",
    ),
    remedy="the reports are wrong for that day; see docs/reconcile.md#lead_days",
)

EQUATIONS = (QUALIFIED, ANNOUNCED, OFFERS, TURNS, LOADS, ACCEPTED, FOLLOWED, REPS, LEAD_DAYS)
