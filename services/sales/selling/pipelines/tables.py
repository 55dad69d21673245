"""Pipelines and their stages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.sales.base import Base


class Pipeline(Base):
    """A sequence of stages. New leads open their deal in the default pipeline."""

    __tablename__ = "pipelines"
    __table_args__ = (
        Index("uq_pipelines_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    is_default: Mapped[bool]
    revision: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    stages: Mapped[list["Stage"]] = relationship(order_by="Stage.position", lazy="selectin")

    @property
    def first_stage(self) -> "Stage":
        """Where a new deal starts: before the pipeline."""
        return self.active_stages[0]

    @property
    def active_stages(self) -> list["Stage"]:
        return [stage for stage in self.stages if stage.active]


class Stage(Base):
    """A place in a pipeline. Never deleted, since old deals name it; deals enter `active` ones only."""

    __tablename__ = "stages"
    __table_args__ = (CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),)

    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipelines.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    probability: Mapped[int]
    forecast_category: Mapped[str] = mapped_column(String(20))
    counts_as_pipeline: Mapped[bool]
    qualifies: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
