"""Who holds whom, by what handoff and sales said last."""

from deploy.ops.reconcile.equations.shape import Equation, Side, Way

HOLDERS = Equation(
    name="holders",
    claim="Marketing knows every rep as handoff does",
    left=Side(
        "handoff",
        "reps",
        "SELECT id::text AS key, concat_ws(' ', version, team_id, subject, active) AS value FROM reps",
    ),
    right=Side(
        "marketing",
        "holders in marketing",
        "SELECT rep_id::text AS key, concat_ws(' ', version, team_id, subject, active) AS value FROM holders",
    ),
    remedy="leadloop holds complete",
    way=Way("handoff", "handoff.reps", "marketing"),
)

# What ended without an end of the cycle is the next one's: whose it was, both still know.
HELD_LEADS = Equation(
    name="held_leads",
    claim="Whom a lead is held by is what handoff said last of it",
    left=Side(
        "marketing",
        "newest cycles that handoff has told of",
        """
SELECT DISTINCT ON (lead_id) lead_id::text AS key,
       concat_ws(' ', cycle, CASE WHEN returned_at IS NOT NULL THEN 'returned' ELSE
                 concat_ws(' ', CASE WHEN accepted_at IS NOT NULL THEN 'accepted' ELSE 'offered' END, rep_id)
                 END) AS value
FROM lead_cycles WHERE handoff_version > 0 ORDER BY lead_id, cycle DESC""",
    ),
    right=Side(
        "marketing",
        "holds of leads",
        """
SELECT source_id::text AS key,
       concat_ws(' ', cycle, CASE WHEN state = 'returned' THEN 'returned' ELSE
                 concat_ws(' ', CASE WHEN state = 'accepted' THEN 'accepted' ELSE 'offered' END, rep_id)
                 END) AS value
FROM contact_holds WHERE kind = 'lead'""",
    ),
    remedy="leadloop holds complete",
)

DEAL_PEOPLE = Equation(
    name="deal_people",
    claim="Marketing knows everybody on every deal",
    left=Side(
        "sales",
        "people on deals",
        "SELECT d.id || '/' || c AS key, '' AS value FROM deals d, unnest(d.contact_ids) AS c GROUP BY 1",
    ),
    right=Side(
        "marketing",
        "people on deals, as marketing knows them",
        "SELECT d.deal_id || '/' || c AS key, '' AS value FROM deals d, unnest(d.contact_ids) AS c "
        "GROUP BY 1",
    ),
    remedy="leadloop rebuild --from DATE --service marketing",
)

HELD_DEALS = Equation(
    name="held_deals",
    claim="Everybody on a deal is held by its rep as the deal stands",
    left=Side(
        "marketing",
        "people on deals",
        "SELECT DISTINCT d.deal_id || '/' || c AS key, "
        "concat_ws(' ', coalesce(d.outcome, 'open'), d.rep_id) AS value "
        "FROM deals d, unnest(d.contact_ids) AS c",
    ),
    right=Side(
        "marketing",
        "holds of deals",
        "SELECT source_id || '/' || contact_id AS key, concat_ws(' ', state, rep_id) AS value "
        "FROM contact_holds WHERE kind = 'deal'",
    ),
    remedy="leadloop holds complete",
)

EQUATIONS = (HOLDERS, HELD_LEADS, HELD_DEALS, DEAL_PEOPLE)
