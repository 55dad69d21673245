"""The entries of the lists."""

from datetime import datetime

from sqlalchemy import DateTime, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class ListEntry(Base):
    """One entry of a list. Its key is what deals and reports name, so it never changes; `active` ones are
    chosen, the others are retired: what names them keeps its name.
    """

    __tablename__ = "list_entries"

    list: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    needs_note: Mapped[bool] = mapped_column(server_default="false")
    active: Mapped[bool] = mapped_column(server_default="true")
    revision: Mapped[int] = mapped_column(server_default="1")
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
