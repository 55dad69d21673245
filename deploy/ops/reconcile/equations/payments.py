"""The ledger of what customers paid, against what their deals say."""

from deploy.ops.reconcile.equations.shape import Equation, Side

COLLECTED = Equation(
    name="collected",
    claim="What a deal has collected is the sum of the lines of its money",
    left=Side(
        "sales",
        "collected",
        "SELECT id::text AS key, collected_minor || ' ' || currency AS value FROM deals "
        "WHERE collected_minor <> 0",
    ),
    right=Side(
        "sales",
        "sum of lines",
        """
SELECT p.deal_id::text AS key, sum(CASE WHEN coalesce(o.kind, p.kind) IN ('refund', 'chargeback')
       THEN -1 ELSE 1 END * CASE WHEN p.voids IS NULL THEN p.amount_minor ELSE -p.amount_minor END)
       || ' ' || p.currency AS value
FROM payments p LEFT JOIN payments o ON o.id = p.voids GROUP BY p.deal_id, p.currency
HAVING sum(CASE WHEN coalesce(o.kind, p.kind) IN ('refund', 'chargeback')
       THEN -1 ELSE 1 END * CASE WHEN p.voids IS NULL THEN p.amount_minor ELSE -p.amount_minor END) <> 0""",
    ),
    remedy="sales' ledger was changed by hand; see docs/reconcile.md#collected",
)

EQUATIONS = (COLLECTED,)
