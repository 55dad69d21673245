"""How often a delivery was begun and by whom it is held; what a submission says, to know it again.

The old code runs beside: it claims nothing, and its deliveries are known by their rows' locks as before. One
submission stands for an external id, as it was; those that change or repeat it stand beside it from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0010"
down_revision = "marketing_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_deliveries_careful",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND (attempts > 0 OR octet_length(body) > 16384)"),
    )
    op.create_index(
        "ix_deliveries_unreadable",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'unreadable'"),
    )
    op.add_column("submissions", sa.Column("content_hash", sa.LargeBinary(), nullable=True))
    op.add_column("submissions", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "uq_submissions_standing",
        "submissions",
        ["source_id", "external_id"],
        unique=True,
        postgresql_where=sa.text(
            "external_id IS NOT NULL AND state IN ('created', 'merged') AND reason IS NULL"
        ),
    )
    op.create_index(
        "ix_submissions_external_id",
        "submissions",
        ["source_id", "external_id"],
        unique=False,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.drop_index("uq_submissions_source_id_external_id", table_name="submissions")
