"""Showing a person: the service that keeps people is asked, and the page goes on when it does not answer.

Nobody else stores names and addresses. A card lives a few seconds in memory here, never on disk,
so an erasure there is an erasure everywhere.
"""

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from structlog import get_logger

from shared.clients.http_client import ServiceClient, Unreachable

PATH = "/v1/contact-cards"
MOST_PER_CALL = 200
KEPT_SECONDS = 5.0
MOST_KEPT = 2000

log = get_logger()


class ContactCard(BaseModel):
    """A person as shown. `unavailable`: nobody answered; `erased`: there is nothing to show.

    `unverified` names what only an anonymous source stands for, such as a web form: it may be a lie.
    `company_otherwise` is another name somebody gives the company.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    contact_id: UUID
    status: Literal["available", "unavailable", "erased"] = "available"
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    company_otherwise: str | None = None
    unverified: tuple[str, ...] = ()


class _Answer(BaseModel):
    items: list[ContactCard]


_ANSWER = TypeAdapter(_Answer)
_Key = tuple[str, UUID]


class ContactCards:
    """Cards by contact id. Who asked is logged, so what is kept is kept for that person only."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client
        self._kept: dict[_Key, tuple[ContactCard, float]] = {}

    async def cards(self, contact_ids: Iterable[UUID], *, asked_by: str) -> dict[UUID, ContactCard]:
        """A card for every id, for the person `asked_by`. Never raises; call it outside transactions."""
        wanted = list(dict.fromkeys(contact_ids))
        found = {id: card for id in wanted if (card := self._fresh((asked_by, id))) is not None}
        missing = iter([id for id in wanted if id not in found])
        while batch := list(islice(missing, MOST_PER_CALL)):
            fresh = await self._ask(batch, asked_by)
            if fresh is None:
                break  # it is down: asking for the rest would only keep the caller waiting
            found.update(fresh)
        return {id: found.get(id) or ContactCard(contact_id=id, status="unavailable") for id in wanted}

    def _fresh(self, key: _Key) -> ContactCard | None:
        kept = self._kept.get(key)
        return kept[0] if kept is not None and kept[1] > time.monotonic() else None

    async def _ask(self, ids: Sequence[UUID], asked_by: str) -> dict[UUID, ContactCard] | None:
        question = {"contact_ids": [str(id) for id in ids], "asked_by": asked_by}
        try:
            answer = await self._client.post_json(PATH, question)
            cards = {card.contact_id: card for card in _ANSWER.validate_python(answer).items}
        except Unreachable:
            return None
        except ValidationError as error:
            log.warning("contact_cards_unreadable", error_type=type(error).__name__)
            return None
        self._keep(cards, asked_by)
        return cards

    def _keep(self, cards: dict[UUID, ContactCard], asked_by: str) -> None:
        until = time.monotonic() + KEPT_SECONDS
        if len(self._kept) + len(cards) > MOST_KEPT:
            self._kept.clear()
        self._kept.update({(asked_by, id): (card, until) for id, card in cards.items()})
