"""Reps, pipelines with one to start with, rates, deals with history, refunds, payments and activities."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "sales_0001"
down_revision = None
branch_labels = ("sales",)
depends_on = "plumbing_0001"

# Probability in percent, forecast category, counts as pipeline. A new deal starts in the first stage.
FIRST_PIPELINE = "00000000-0000-7000-8000-0000000000a1"
FIRST_STAGES = (
    ("new", "New", 0, "omitted", False),
    ("discovery", "Discovery", 20, "pipeline", True),
    ("demo", "Demo", 40, "pipeline", True),
    ("proposal", "Proposal", 60, "best_case", True),
    ("negotiation", "Negotiation", 80, "commit", True),
)


def upgrade() -> None:
    op.create_table(
        "currency_pair",
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("base", "quote", name="pk_currency_pair"),
    )
    op.create_table(
        "pipeline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pipeline"),
    )
    op.create_index(
        "uq_pipeline_default", "pipeline", ["is_default"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_table(
        "rep",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_name", sa.String(), nullable=False),
        sa.Column("manager_subject", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rep"),
    )
    op.create_index("ix_rep_manager_subject", "rep", ["manager_subject"], unique=False)
    op.create_index("ix_rep_subject", "rep", ["subject"], unique=False)
    op.create_table(
        "deal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("contact_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("company_name", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), server_default="open", nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opportunity_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("collected_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("competitor", sa.String(length=80), nullable=True),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=True),
        sa.Column("reporting_currency", sa.String(length=3), nullable=True),
        sa.Column("reporting_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="ck_deal_closed_has_date"),
        sa.CheckConstraint("state <> 'won' OR rate IS NOT NULL", name="ck_deal_won_has_rate"),
        sa.CheckConstraint("(lead_id IS NULL) = (cycle IS NULL)", name="ck_deal_lead_and_cycle"),
        sa.CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="ck_deal_refunds_within_amount"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name="fk_deal_pipeline_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deal"),
        sa.UniqueConstraint("lead_id", "cycle", name="uq_deal_lead_id_cycle"),
    )
    op.create_index(
        "ix_deal_closed_on",
        "deal",
        ["closed_on"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NOT NULL"),
    )
    op.create_index(
        "ix_deal_open",
        "deal",
        ["pipeline_id", "stage"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_deal_rep_id", "deal", ["rep_id", "id"], unique=False)
    op.create_table(
        "exchange_rate",
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate > 0", name="ck_exchange_rate_positive"),
        sa.ForeignKeyConstraint(
            ["base", "quote"],
            ["currency_pair.base", "currency_pair.quote"],
            name="fk_exchange_rate_base_quote",
        ),
        sa.PrimaryKeyConstraint("base", "quote", "seq", name="pk_exchange_rate"),
    )
    op.create_index(
        "ix_exchange_rate_valid",
        "exchange_rate",
        ["base", "quote", sa.literal_column("valid_on DESC"), sa.literal_column("seq DESC")],
        unique=False,
    )
    op.create_table(
        "stage",
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("forecast_category", sa.String(length=20), nullable=False),
        sa.Column("counts_as_pipeline", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("probability BETWEEN 0 AND 100", name="ck_stage_probability"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name="fk_stage_pipeline_id"),
        sa.PrimaryKeyConstraint("pipeline_id", "key", name="pk_stage"),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("due_at IS NOT NULL OR done_at IS NOT NULL", name="ck_activity_due_or_done"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_activity_deal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
    )
    op.create_index("ix_activity_contact_id", "activity", ["contact_id"], unique=False)
    op.create_index("ix_activity_deal_id", "activity", ["deal_id", "id"], unique=False)
    op.create_index(
        "ix_activity_due",
        "activity",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "deal_history",
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("from_stage", sa.String(length=40), nullable=False),
        sa.Column("to_stage", sa.String(length=40), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("reporting_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_deal_history_deal_id"),
        sa.PrimaryKeyConstraint("deal_id", "version", name="pk_deal_history"),
    )
    op.create_table(
        "deal_refund",
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_deal_refund_positive"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_deal_refund_deal_id"),
        sa.PrimaryKeyConstraint("deal_id", "version", name="pk_deal_refund"),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_payment_positive"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_payment_deal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("deal_id", "reference", name="uq_payment_deal_id_reference"),
    )
    seed()


def seed() -> None:
    pipeline = sa.table(
        "pipeline",
        sa.column("id", sa.Uuid),
        sa.column("name"),
        sa.column("is_default"),
        sa.column("revision"),
    )
    op.bulk_insert(
        pipeline,
        [{"id": UUID(FIRST_PIPELINE), "name": "Sales", "is_default": True, "revision": 1}],
    )
    columns = ("key", "name", "probability", "forecast_category", "counts_as_pipeline")
    stage = sa.table(
        "stage",
        sa.column("pipeline_id", sa.Uuid),
        sa.column("position"),
        *(sa.column(name) for name in columns),
    )
    op.bulk_insert(
        stage,
        [
            {
                "pipeline_id": UUID(FIRST_PIPELINE),
                "position": position,
                **dict(zip(columns, values, strict=True)),
            }
            for position, values in enumerate(FIRST_STAGES)
        ],
    )
