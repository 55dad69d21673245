"""The first scoring model and the first attribution rule, so that a new house scores and credits at once."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "marketing_0002"
down_revision = "marketing_0001"
branch_labels = None
depends_on = None

DECIDERS = [
    "chief",
    "ceo",
    "cto",
    "cmo",
    "cfo",
    "coo",
    "founder",
    "owner",
    "president",
    "vp",
    "head",
    "director",
]


def rule(code: str, group: str, field: str, op: str, value: Any, points: int) -> dict[str, Any]:
    return {"code": code, "group": group, "field": field, "op": op, "value": value, "points": points}


RULES = [
    rule("company_known", "fit", "company_domain", "known", None, 10),
    rule("company_unknown", "fit", "company_domain", "missing", None, -5),
    rule("company_20_or_more", "fit", "company_size", "at_least", 20, 10),
    rule("company_200_or_more", "fit", "company_size", "at_least", 200, 15),
    rule("decision_maker", "fit", "job_title", "contains_any", DECIDERS, 20),
    rule("manager", "fit", "job_title", "contains_any", ["manager", "lead"], 10),
    rule("student", "fit", "job_title", "contains_any", ["student", "intern", "trainee"], -30),
    rule(
        "filled_in_a_form", "engagement", "source", "in", ["web_form", "google_ads", "meta", "linkedin"], 20
    ),
    rule("named_a_budget", "engagement", "budget", "known", None, 15),
    rule("wrote_a_message", "engagement", "message_length", "at_least", 40, 10),
    rule("came_back", "engagement", "arrivals", "at_least", 2, 15),
    rule("several_touches", "engagement", "touches", "at_least", 3, 10),
]


def upgrade() -> None:
    op.execute(
        sa.text(
            "INSERT INTO scoring_models (version, state, threshold, fit_cap, engagement_cap, rules, "
            "created_by, active_from) "
            "VALUES (1, 'active', 50, 50, 50, CAST(:rules AS jsonb), 'leadloop', now())"
        ).bindparams(rules=json.dumps(RULES))
    )
    op.execute(
        "INSERT INTO attribution_rules (version, lookback_days, created_by) VALUES (1, 90, 'leadloop')"
    )
