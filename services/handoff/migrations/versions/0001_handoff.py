"""Teams and reps; routing rules; the fairness ledger; leads, offers and the deals heard of.

A first team takes every lead until somebody writes rules: no lead is ever unowned.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "handoff_0001"
down_revision = None
branch_labels = ("handoff",)
depends_on = "plumbing_0001"

SALES_TEAM = "00000000-0000-7000-8000-000000000001"
CATCH_ALL = "00000000-0000-7000-8000-000000000002"


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("hop", sa.SmallInteger(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'expired', 'returned', 'closed')",
            name="ck_assignments_known_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.UniqueConstraint("lead_id", "cycle", "hop", name="uq_assignments_lead_id_cycle_hop"),
    )
    op.create_index(
        "ix_assignments_due",
        "assignments",
        ["answer_by"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index("ix_assignments_rep_id_id", "assignments", ["rep_id", "id"], unique=False)
    op.create_table(
        "deals",
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("deal_id", name="pk_deals"),
    )
    op.create_index("ix_deals_lead_id_cycle", "deals", ["lead_id", "cycle"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hop", sa.SmallInteger(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("traceparent", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("hand_raiser", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("company_name", sa.String(), nullable=True),
        sa.Column("company_domain", sa.String(), nullable=True),
        sa.Column("company_size", sa.Integer(), nullable=True),
        sa.Column("industry", sa.String(length=80), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response_channel", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "(state = 'pool') = (wait_until IS NOT NULL)", name="ck_leads_only_the_pool_waits"
        ),
        sa.CheckConstraint(
            "state IN ('pool', 'offered', 'accepted', 'returned', 'closed', 'superseded')",
            name="ck_leads_known_state",
        ),
        sa.PrimaryKeyConstraint("lead_id", "cycle", name="pk_leads"),
    )
    op.create_index(
        "ix_leads_pool",
        "leads",
        ["team_id", "wait_until"],
        unique=False,
        postgresql_where=sa.text("state = 'pool'"),
    )
    op.create_index("ix_leads_received_at", "leads", ["received_at"], unique=False)
    op.create_table(
        "panels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rep_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("weights", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("passed_over", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_panels"),
    )
    op.create_table(
        "rule_sets",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rule_sets"),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("manager_subject", sa.String(length=200), nullable=True),
        sa.Column("answer_seconds_hot", sa.Integer(), server_default="3600", nullable=False),
        sa.Column("answer_seconds_warm", sa.Integer(), server_default="86400", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "answer_seconds_hot > 0 AND answer_seconds_warm > 0", name="ck_teams_patience_positive"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("name", name="uq_teams_name"),
    )
    op.create_index("ix_teams_manager_subject", "teams", ["manager_subject"], unique=False)
    op.create_table(
        "turns",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("panel_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('assigned', 'manual', 'credited_back', 'calibrated')", name="ck_turns_known_kind"
        ),
        sa.PrimaryKeyConstraint("team_id", "band", "number", name="pk_turns"),
    )
    op.create_table(
        "ledgers",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("turns", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("band IN ('hot', 'warm')", name="ck_ledgers_known_band"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_ledgers_team_id"),
        sa.PrimaryKeyConstraint("team_id", "band", name="pk_ledgers"),
    )
    op.create_table(
        "reps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="50", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 0 AND 1000000", name="ck_reps_capacity_in_range"),
        sa.CheckConstraint("weight BETWEEN 1 AND 1000", name="ck_reps_weight_in_range"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_reps_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reps"),
        sa.UniqueConstraint("subject", name="uq_reps_subject"),
    )
    op.create_index("ix_reps_team_id", "reps", ["team_id"], unique=False)
    op.create_table(
        "routing_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["rule_set"], ["rule_sets.version"], name="fk_routing_rules_rule_set"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_routing_rules_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_routing_rules"),
        sa.UniqueConstraint("rule_set", "position", name="uq_routing_rules_rule_set_position"),
    )
    op.create_table(
        "loads",
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("open_leads", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("open_leads >= 0", name="ck_loads_never_negative"),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name="fk_loads_rep_id"),
        sa.PrimaryKeyConstraint("rep_id", name="pk_loads"),
    )
    op.create_table(
        "standings",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("last_turn", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name="fk_standings_rep_id"),
        sa.ForeignKeyConstraint(
            ["team_id", "band"], ["ledgers.team_id", "ledgers.band"], name="fk_standings_team_id_band"
        ),
        sa.PrimaryKeyConstraint("team_id", "band", "rep_id", name="pk_standings"),
    )

    op.execute(f"INSERT INTO teams (id, name) VALUES ('{SALES_TEAM}', 'Sales')")
    op.execute("INSERT INTO rule_sets (version, created_by) VALUES (1, 'installation')")
    op.execute(
        "INSERT INTO routing_rules (id, rule_set, position, name, team_id, conditions) "
        f"VALUES ('{CATCH_ALL}', 1, 0, 'Everything else', '{SALES_TEAM}', '{{}}')"
    )
