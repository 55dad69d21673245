"""Sources, deliveries and submissions; people; campaigns, spend and scoring; leads; the credit ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "marketing_0001"
down_revision = None
branch_labels = ("marketing",)
depends_on = "plumbing_0001"


def upgrade() -> None:
    op.create_table(
        "attribution_rules",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lookback_days", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_attribution_rules"),
    )
    op.create_table(
        "campaign_days",
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=False),
        sa.Column("deals_ppm", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "basis", "currency", "model", "day", "campaign_id", "channel", "bucket", name="pk_campaign_days"
        ),
    )
    op.create_table(
        "channels",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_channels"),
    )
    op.create_table(
        "companies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=190), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("industry", sa.String(length=60), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
        sa.UniqueConstraint("domain", name="uq_companies_domain"),
    )
    op.create_index("ix_companies_created_at", "companies", ["created_at", "id"], unique=False)
    op.create_table(
        "credit_sets",
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("models", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("lookback_days", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reporting_currency", sa.String(length=3), nullable=False),
        sa.Column("amount_delta", sa.BigInteger(), nullable=False),
        sa.Column("reporting_delta", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", "revision", name="pk_credit_sets"),
    )
    op.create_index("ix_credit_sets_recorded_at", "credit_sets", ["recorded_at"], unique=False)
    op.create_table(
        "credits",
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=True),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("touch_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=80), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("touched_on", sa.Date(), nullable=False),
        sa.Column("amounts", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("reporting_amounts", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("deals_ppm", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint("(touch_id IS NULL) = (bucket <> 'touch')", name="ck_credits_bucket"),
        sa.PrimaryKeyConstraint("deal_id", "revision", "line", name="pk_credits"),
    )
    op.create_table(
        "deals",
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("origin", sa.String(length=20), nullable=True),
        sa.Column("contact_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("rep_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.String(length=80), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reporting_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("reporting_currency", sa.String(length=3), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opportunity_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", name="pk_deals"),
    )
    op.create_index("ix_deals_closed_on", "deals", ["closed_on"], unique=False)
    op.create_index("ix_deals_lead_id_cycle", "deals", ["lead_id", "cycle"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=300), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("content_type", sa.String(length=200), nullable=True),
        sa.Column("sender", sa.String(length=300), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("traceparent", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="pending", nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("repeat_of", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_deliveries_received_at", "deliveries", ["received_at", "id"], unique=False)
    op.create_index("ix_deliveries_source_id", "deliveries", ["source_id", "id"], unique=False)
    op.create_index(
        "uq_deliveries_source_id_dedupe_key",
        "deliveries",
        ["source_id", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL"),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("rate > 0", name="ck_exchange_rates_positive"),
        sa.PrimaryKeyConstraint("base", "quote", "valid_on", name="pk_exchange_rates"),
    )
    op.create_table(
        "lead_cycles",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handoff_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=80), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column("sql_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opportunity_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("close_reason", sa.String(length=80), nullable=True),
        sa.CheckConstraint("cycle >= 1", name="ck_lead_cycles_counted"),
        sa.PrimaryKeyConstraint("lead_id", "cycle", name="pk_lead_cycles"),
    )
    op.create_index("ix_lead_cycles_qualified_at", "lead_cycles", ["qualified_at"], unique=False)
    op.create_index("ix_lead_cycles_rep_id", "lead_cycles", ["rep_id"], unique=False)
    op.create_index("ix_lead_cycles_stage", "lead_cycles", ["stage"], unique=False)
    op.create_table(
        "leads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("event_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("engagement", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scoring_model", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.UniqueConstraint("contact_id", name="uq_leads_contact_id"),
    )
    op.create_index("ix_leads_campaign_id", "leads", ["campaign_id"], unique=False)
    op.create_index("ix_leads_occurred_at", "leads", ["occurred_at"], unique=False)
    op.create_table(
        "lifecycle_log",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "cycle", "at", "stage", name="pk_lifecycle_log"),
    )
    op.create_table(
        "refusals",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", "door", "reason", name="pk_refusals"),
    )
    op.create_table(
        "scoring_models",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("fit_cap", sa.Integer(), nullable=False),
        sa.Column("engagement_cap", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name="pk_scoring_models"),
    )
    op.create_index(
        "uq_scoring_models_active",
        "scoring_models",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Integer(), server_default="0", nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("waits_for", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("released", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("captured", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("traceparent", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backfilled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_contact_id", "submissions", ["contact_id"], unique=False)
    op.create_index("ix_submissions_delivery_id", "submissions", ["delivery_id"], unique=False)
    op.create_index(
        "ix_submissions_due",
        "submissions",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("waits_for = 'details'"),
    )
    op.create_index(
        "ix_submissions_ready",
        "submissions",
        ["id"],
        unique=False,
        postgresql_where=sa.text("waits_for = 'processing'"),
    )
    op.create_index("ix_submissions_received_at", "submissions", ["received_at", "id"], unique=False)
    op.create_index(
        "uq_submissions_source_id_external_id",
        "submissions",
        ["source_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "tallies",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("deliveries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("submissions", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", "door", "shard", name="pk_tallies"),
    )
    op.create_table(
        "touches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=200), nullable=True),
        sa.Column("landing_path", sa.Text(), nullable=True),
        sa.Column(
            "utm", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "click_ids",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_touches"),
        sa.UniqueConstraint("submission_id", name="uq_touches_submission_id"),
    )
    op.create_index(
        "ix_touches_contact_id_occurred_at", "touches", ["contact_id", "occurred_at"], unique=False
    )
    op.create_index(
        "uq_touches_source_external_id",
        "touches",
        ["source", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("utm_campaign", sa.String(length=200), nullable=True),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="ck_campaigns_dates"
        ),
        sa.CheckConstraint("utm_campaign = lower(utm_campaign)", name="ck_campaigns_utm_lower"),
        sa.ForeignKeyConstraint(["channel"], ["channels.key"], name="fk_campaigns_channel"),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.UniqueConstraint("utm_campaign", name="uq_campaigns_utm_campaign"),
    )
    op.create_index("ix_campaigns_channel", "campaigns", ["channel"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("given_name", sa.String(length=200), nullable=True),
        sa.Column("family_name", sa.String(length=200), nullable=True),
        sa.Column("job_title", sa.String(length=200), nullable=True),
        sa.Column("company_name", sa.String(length=200), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("time_zone", sa.String(length=80), nullable=True),
        sa.Column("verified", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_contacts_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_company_id", "contacts", ["company_id"], unique=False)
    op.create_index("ix_contacts_created_at", "contacts", ["created_at", "id"], unique=False)
    op.create_table(
        "campaign_external_ids",
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_external_ids_campaign_id"
        ),
        sa.PrimaryKeyConstraint("platform", "external_id", name="pk_campaign_external_ids"),
    )
    op.create_index(
        "ix_campaign_external_ids_campaign_id", "campaign_external_ids", ["campaign_id"], unique=False
    )
    op.create_table(
        "campaign_spend",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "amount_minor >= 0 AND impressions >= 0 AND clicks >= 0", name="ck_campaign_spend_not_negative"
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_campaign_spend_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "day", name="pk_campaign_spend"),
    )
    op.create_index("ix_campaign_spend_day", "campaign_spend", ["day"], unique=False)
    op.create_table(
        "connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column(
            "field_mapping", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("hand_raiser", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("health", sa.String(length=20), server_default="ok", nullable=False),
        sa.Column("health_reason", sa.String(length=80), nullable=True),
        sa.Column("health_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_delivery_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_connections_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("key", name="uq_connections_key"),
    )
    op.create_index("ix_connections_created_at", "connections", ["created_at", "id"], unique=False)
    op.create_table(
        "contact_keys",
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_contact_keys_contact_id"),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_contact_keys"),
    )
    op.create_index("ix_contact_keys_contact_id", "contact_keys", ["contact_id"], unique=False)
    op.create_table(
        "forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("origins", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "field_mapping", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("hand_raiser", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("honeypot_field", sa.String(length=100), nullable=True),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_forms_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_forms"),
        sa.UniqueConstraint("key", name="uq_forms_key"),
    )
    op.create_index("ix_forms_created_at", "forms", ["created_at", "id"], unique=False)
    op.create_table(
        "connection_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_connection_secrets_connection_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_connection_secrets"),
    )
    op.create_index(
        "ix_connection_secrets_connection_id", "connection_secrets", ["connection_id"], unique=False
    )
