"""The front door: what was counted when it was answered, against the rows there are."""

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

EQUATIONS = (DELIVERIES, SUBMISSIONS)
