"""Work: what reps did with leads stops the clocks, and what people sent again is on their deals."""

from deploy.ops.reconcile.equations.shape import Equation, Side, Way

ATTEMPTS = Equation(
    name="attempts",
    claim="Handoff knows the newest of everything that a rep did with a lead",
    left=Side(
        "sales",
        "told activities of leads",
        """
SELECT a.id::text AS key, concat_ws(' ', d.lead_id, d.cycle, a.version) AS value
FROM activities a JOIN deals d ON d.id = a.deal_id WHERE a.version > 0 AND d.lead_id IS NOT NULL""",
    ),
    right=Side(
        "handoff",
        "attempts",
        """
SELECT activity_id::text AS key, concat_ws(' ', lead_id, cycle, version) AS value
FROM lead_attempts""",
    ),
    remedy="leadloop outbox republish sales sales.activities {key}",
    way=Way("sales", "sales.activities", "handoff"),
)

RESPONSES = Equation(
    name="responses",
    claim="A lead's first response is the first that a person did or stated since it qualified",
    left=Side(
        "handoff",
        "leads whose clock stands elsewhere",
        """
SELECT l.lead_id || '/' || l.cycle AS key,
       concat_ws(' ', coalesce(l.responded_at::text, 'runs'), 'instead of',
                 coalesce(least(a.first, l.stated_at)::text, 'running')) AS value
FROM leads l JOIN LATERAL (
    SELECT count(*) AS attempts,
           min(x.occurred_at) FILTER (WHERE x.counts AND x.occurred_at >= l.qualified_at) AS first
    FROM lead_attempts x WHERE x.lead_id = l.lead_id AND x.cycle = l.cycle
) a ON a.attempts > 0
WHERE l.rep_id IS NOT NULL AND l.responded_at IS DISTINCT FROM least(a.first, l.stated_at)""",
    ),
    right=None,
    remedy="leadloop rebuild --from DATE --service handoff",
)

RESUBMITTED = Equation(
    name="resubmitted",
    claim="What a person sent again is on the deal of their lead",
    left=Side(
        "sales",
        "submissions that no deal shows",
        """
SELECT s.submission_id::text AS key, concat_ws(' ', 'deal', d.id) AS value
FROM resubmissions s JOIN deals d USING (lead_id, cycle)
LEFT JOIN activities a ON a.id = s.activity_id AND a.submission_id = s.submission_id
WHERE a.id IS NULL""",
    ),
    right=None,
    remedy="leadloop rebuild --from DATE --service sales",
)

# Of deals from before their rep was kept nothing is known that could differ.
HANDED_OVER = Equation(
    name="handed_over",
    claim="A lead is in the hands of who has its deal",
    left=Side(
        "handoff",
        "leads in other hands than their deals",
        """
SELECT d.deal_id::text AS key, concat_ws(' ', 'lead of', a.rep_id, 'deal of', d.rep_id) AS value
FROM deals d JOIN leads l USING (lead_id, cycle)
JOIN assignments a ON a.lead_id = l.lead_id AND a.cycle = l.cycle AND a.hop = l.hop
WHERE l.accepted_at IS NOT NULL AND a.rep_id <> d.rep_id""",
    ),
    right=None,
    remedy="leadloop rebuild --from DATE --service handoff",
)

EQUATIONS = (ATTEMPTS, RESPONSES, RESUBMITTED, HANDED_OVER)
