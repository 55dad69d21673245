"""The declarative base of this service's tables."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared.database.metadata import NAMES


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
