"""Tables have plural names; under the old ones there are views, where old code reads, locks and writes.

So the service keeps working while its processes are replaced one by one, and can be put back. The views go in
a later migration, when no process of the old code is left: one `DROP VIEW` for each key of `NAMES`.
"""

from alembic import op

revision = "sales_0002"
down_revision = "sales_0001"
branch_labels = None
depends_on = None

NAMES = {
    "activity": "activities",
    "currency_pair": "currency_pairs",
    "deal": "deals",
    "deal_refund": "deal_refunds",
    "exchange_rate": "exchange_rates",
    "payment": "payments",
    "pipeline": "pipelines",
    "rep": "reps",
    "stage": "stages",
}
# What is named after its table, by what follows the table's name.
CONSTRAINTS = {
    "activity": ("pk_", "ck_due_or_done", "fk_deal_id"),
    "currency_pair": ("pk_",),
    "deal": (
        "pk_",
        "uq_lead_id_cycle",
        "fk_pipeline_id",
        "ck_lead_and_cycle",
        "ck_refunds_within_amount",
        "ck_closed_has_date",
        "ck_won_has_rate",
    ),
    "deal_refund": ("pk_", "ck_positive", "fk_deal_id"),
    "exchange_rate": ("pk_", "ck_positive", "fk_base_quote"),
    "payment": ("pk_", "uq_deal_id_reference", "ck_positive", "fk_deal_id"),
    "pipeline": ("pk_",),
    "rep": ("pk_",),
    "stage": ("pk_", "ck_probability", "fk_pipeline_id"),
}
INDEXES = {
    "activity": ("ix_contact_id", "ix_deal_id", "ix_due"),
    "deal": ("ix_closed_on", "ix_open", "ix_rep_id"),
    "exchange_rate": ("ix_valid",),
    "pipeline": ("uq_default",),
    "rep": ("ix_manager_subject", "ix_subject"),
}


def upgrade() -> None:
    # All at once: a statement of the old code meets tables only or views only.
    op.execute(f"LOCK TABLE {', '.join(NAMES)} IN ACCESS EXCLUSIVE MODE")
    for old, new in NAMES.items():
        op.rename_table(old, new)
        for name in CONSTRAINTS[old]:
            op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {_named(name, old)} TO {_named(name, new)}")
        for name in INDEXES.get(old, ()):
            op.execute(f"ALTER INDEX {_named(name, old)} RENAME TO {_named(name, new)}")
        op.execute(f"CREATE VIEW {old} AS SELECT * FROM {new}")


def _named(name: str, table: str) -> str:
    """`ck_positive` of payment: ck_payment_positive."""
    kind, _, rest = name.partition("_")
    return "_".join(filter(None, (kind, table, rest)))
