"""The lead as most backends store it: one ORM transaction per request - contact, lead and outbox row."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI
from sqlalchemy import ForeignKey, LargeBinary, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.floors.lead_form import Accepted, LeadForm
from shared import clock


class Base(DeclarativeBase):
    """Tables of this floor only."""


class Contact(Base):
    __tablename__ = "contacts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone: Mapped[str]
    company: Mapped[str]
    job_title: Mapped[str]
    country: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Lead(Base):
    __tablename__ = "leads"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), index=True)
    message: Mapped[str]
    utm_source: Mapped[str]
    utm_medium: Mapped[str]
    utm_campaign: Mapped[str]
    landing_url: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Outbox(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    pool_size=10,
    max_overflow=0,
    pool_timeout=60,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


async def transaction() -> AsyncIterator[AsyncSession]:
    async with sessions.begin() as session:
        yield session


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {}


@app.post("/v1/forms/{form_key}/submissions", status_code=202)
async def take(
    form_key: str,
    form: LeadForm,
    session: Annotated[AsyncSession, Depends(transaction, scope="function")],
) -> Accepted:
    person = form.model_dump(include={"first_name", "last_name", "phone", "company", "job_title", "country"})
    contact = await session.scalar(select(Contact).where(Contact.email == form.email))
    if contact is None:
        contact = Contact(id=clock.new_id(), email=form.email, **person)
        session.add(contact)
    else:
        for name, value in person.items():
            setattr(contact, name, value)
    lead = Lead(
        id=clock.new_id(),
        contact_id=contact.id,
        **form.model_dump(include={"message", "utm_source", "utm_medium", "utm_campaign", "landing_url"}),
    )
    session.add(lead)
    data = orjson.dumps(
        {"lead_id": lead.id, "contact_id": contact.id, "form": form_key, "country": form.country}
    )
    session.add(Outbox(topic="marketing.leads", key=str(lead.id), data=data))
    return Accepted(submission_id=str(lead.id), status="pending")
