"""Which team gets which lead: ordered rules, in versions that are never edited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import DateTime

from services.handoff.base import Base


class RuleSet(Base):
    """One version of the rules. The highest version is the active one."""

    __tablename__ = "rule_sets"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class RoutingRule(Base):
    """One rule: when all its conditions hold, the lead goes to the team. No conditions: it always does."""

    __tablename__ = "routing_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_set: Mapped[int] = mapped_column(ForeignKey("rule_sets.version"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    conditions: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (UniqueConstraint("rule_set", "position"),)
