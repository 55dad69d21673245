"""Where touches came from and by which rules; touches without a name; names without a campaign; consents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "marketing_0013"
down_revision = "marketing_0012"
branch_labels = None
depends_on = None

# What links carried and no campaign has: a campaign that is registered from now on can claim it.
UNMATCHED = """
INSERT INTO unmatched_references (kind, value, touch_id, place, occurred_at)
SELECT 'utm', left(lower(btrim(utm->>'campaign')), 200), id, 0, occurred_at
FROM touches WHERE campaign_id IS NULL AND btrim(utm->>'campaign') <> ''
"""


def upgrade() -> None:
    for name, kind in (
        ("visitor_id", sa.String(length=200)),
        ("referrer", sa.Text()),
        ("self_reported", sa.Text()),
        ("channel_rules", sa.SmallInteger()),
    ):
        op.add_column("touches", sa.Column(name, kind, nullable=True))
    for name in ("session_id", "visitor_id"):
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_touches_{name}", "touches", [name], unique=False, postgresql_where=given)
    _anonymous_touches()
    op.create_table(
        "unmatched_references",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("touch_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "touch_id", name="pk_unmatched_references"),
    )
    op.create_index("ix_unmatched_references_touch_id", "unmatched_references", ["touch_id"], unique=False)
    op.execute(UNMATCHED)
    op.create_table(
        "consents",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("text_version", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "purpose", name="pk_consents"),
    )
    op.create_index(
        "ix_consents_contact_id_purpose_at", "consents", ["contact_id", "purpose", "at"], unique=False
    )


def _anonymous_touches() -> None:
    op.create_table(
        "anonymous_touches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=200), nullable=True),
        sa.Column("visitor_id", sa.String(length=200), nullable=True),
        sa.Column("landing_path", sa.Text(), nullable=True),
        sa.Column("utm", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("click_ids", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("referrer", sa.Text(), nullable=True),
        sa.Column("channel_rules", sa.SmallInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_anonymous_touches"),
    )
    for name in ("session_id", "visitor_id"):
        op.create_index(f"ix_anonymous_touches_{name}", "anonymous_touches", [name], unique=False)
    op.create_index(
        "uq_anonymous_touches_source_external_id",
        "anonymous_touches",
        ["source", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
