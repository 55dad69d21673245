"""People and their companies. The only tables of Leadloop, with capture's, that hold personal data."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)


class Company(Base):
    """An organisation, recognised by its registrable domain."""

    __tablename__ = "companies"
    __table_args__ = (Index("ix_companies_created_at", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(190), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    size: Mapped[int | None] = mapped_column(Integer)
    industry: Mapped[str | None] = mapped_column(String(60))
    country: Mapped[str | None] = mapped_column(String(2))
    authenticated: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Contact(Base):
    """A person. `verified` names fields somebody vouched for, `authenticated` those no stranger said."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_created_at", "created_at", "id"),
        Index("ix_contacts_company_id", "company_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    given_name: Mapped[str | None] = mapped_column(String(200))
    family_name: Mapped[str | None] = mapped_column(String(200))
    job_title: Mapped[str | None] = mapped_column(String(200))
    company_name: Mapped[str | None] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str | None] = mapped_column(String(3))
    time_zone: Mapped[str | None] = mapped_column(String(80))
    verified: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    authenticated: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class ContactKey(Base):
    """An e-mail address or phone number, and the one contact it leads to first."""

    __tablename__ = "contact_keys"
    __table_args__ = (Index("ix_contact_keys_contact_id", "contact_id"),)

    kind: Mapped[str] = mapped_column(String(5), primary_key=True)
    value: Mapped[str] = mapped_column(String(254), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"))
    shared: Mapped[bool] = mapped_column(Boolean, server_default="false")
    authenticated: Mapped[bool] = mapped_column(Boolean, server_default="false")


class ContactKeyHolder(Base):
    """Somebody else who has a key: the second person at a role mailbox, the other one at a phone."""

    __tablename__ = "contact_key_holders"
    __table_args__ = (Index("ix_contact_key_holders_contact_id", "contact_id"),)

    kind: Mapped[str] = mapped_column(String(5), primary_key=True)
    value: Mapped[str] = mapped_column(String(254), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    authenticated: Mapped[bool] = mapped_column(Boolean, server_default="false")
