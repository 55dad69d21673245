"""The front door: what was counted when it was answered, against the rows there are; and corrections."""

from deploy.ops.reconcile.equations.shape import Equation, Side

_REMEDY = "rows or counts of that day and door were changed by hand; see docs/reconcile.md#capture"

DELIVERIES = Equation(
    name="deliveries",
    claim="Deliveries received = read + repeats + notices + unreadable + pending, by day and door",
    left=Side(
        "marketing",
        "counted at the doors",
        "SELECT day || ' ' || door AS key, sum(deliveries)::text AS value FROM tallies "
        "GROUP BY day, door HAVING sum(deliveries) <> 0",
    ),
    right=Side(
        "marketing",
        "deliveries kept",
        "SELECT (received_at AT TIME ZONE 'UTC')::date || ' ' || door AS key, count(*)::text AS value "
        "FROM deliveries WHERE state IN ('pending', 'read', 'repeat', 'notice', 'unreadable') "
        "GROUP BY (received_at AT TIME ZONE 'UTC')::date, door",
    ),
    remedy=_REMEDY,
)

SUBMISSIONS = Equation(
    name="submissions",
    claim="Submissions made = created + merged + rejected + quarantined + pending, by day and door",
    left=Side(
        "marketing",
        "counted when made",
        "SELECT day || ' ' || door AS key, sum(submissions)::text AS value FROM tallies "
        "GROUP BY day, door HAVING sum(submissions) <> 0",
    ),
    right=Side(
        "marketing",
        "submissions kept",
        "SELECT (received_at AT TIME ZONE 'UTC')::date || ' ' || door AS key, count(*)::text AS value "
        "FROM submissions WHERE state IN ('pending', 'created', 'merged', 'rejected', 'quarantined') "
        "GROUP BY (received_at AT TIME ZONE 'UTC')::date, door",
    ),
    remedy=_REMEDY,
)

# A body that went with no hash left would make its repeat another lead.
CLEARED = Equation(
    name="cleared",
    claim="What went because its days were over went whole, had nothing to wait for, and left its hash",
    left=Side(
        "marketing",
        "gone by halves",
        "SELECT id::text AS key, door || ' ' || state || CASE WHEN body IS NOT NULL THEN ', with a body' "
        "WHEN body_sha256 IS NULL THEN ', no hash' ELSE '' END AS value FROM deliveries "
        "WHERE cleared_at IS NOT NULL AND (body IS NOT NULL OR body_sha256 IS NULL OR state = 'pending') "
        "UNION ALL SELECT id::text, door || ' ' || state || ', submission' FROM submissions "
        "WHERE cleared_at IS NOT NULL AND (captured IS NOT NULL OR state = 'pending')",
    ),
    right=None,
    remedy="rows were changed by hand; see docs/reconcile.md#capture",
)

CORRECTED = Equation(
    name="corrected",
    claim="Every field that a person corrected has a line in the history, and every line its field",
    left=Side(
        "marketing",
        "fields corrected",
        "SELECT id || '/' || field AS key, '' AS value FROM contacts, jsonb_object_keys(corrected) AS field "
        "UNION ALL SELECT id || '/' || field, '' FROM companies, jsonb_object_keys(corrected) AS field",
    ),
    right=Side(
        "marketing",
        "fields in the history",
        "SELECT DISTINCT contact_id || '/' || field AS key, '' AS value FROM contact_history "
        "WHERE kind = 'corrected' UNION ALL SELECT DISTINCT company_id || '/' || field, '' "
        "FROM company_history WHERE kind = 'corrected'",
    ),
    remedy="a correction was written or taken back by hand; see docs/reconcile.md#corrected",
)

EQUATIONS = (DELIVERIES, SUBMISSIONS, CLEARED, CORRECTED)
