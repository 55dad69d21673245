"""People and their companies. The only tables of Leadloop, with capture's, that hold personal data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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
    # Fields that a person corrected, each with when.
    corrected: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class CompanyDomain(Base):
    """A domain that was a company's until it was corrected: who comes with it is of that company still."""

    __tablename__ = "company_domains"
    __table_args__ = (Index("ix_company_domains_company_id", "company_id"),)

    domain: Mapped[str] = mapped_column(String(190), primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))


class Contact(Base):
    """A person. `verified` names fields somebody vouched for, `authenticated` those no stranger said.

    `corrected` has the fields that somebody corrected here, each with when.
    """

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
    corrected: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
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


class ContactHistory(Base):
    """What a person corrected in a contact, and what known sources offered instead since. Personal data."""

    __tablename__ = "contact_history"
    __table_args__ = (
        Index("ix_contact_history_contact_id", "contact_id", "at", "id"),
        Index(
            "uq_contact_history_offered",
            *("contact_id", "field", "after"),
            unique=True,
            postgresql_where=text("kind = 'offered'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(String(10))
    field: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)


class CompanyHistory(Base):
    """The same of a company."""

    __tablename__ = "company_history"
    __table_args__ = (
        Index("ix_company_history_company_id", "company_id", "at", "id"),
        Index(
            "uq_company_history_offered",
            *("company_id", "field", "after"),
            unique=True,
            postgresql_where=text("kind = 'offered'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[str] = mapped_column(String(10))
    field: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
