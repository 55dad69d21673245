"""Showing a person: the service that keeps people is asked, and the page goes on when it does not answer.

Nobody else stores names and addresses. A card lives a few seconds in memory here, never on disk,
so an erasure there is an erasure everywhere.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from structlog import get_logger

from shared.auth.access import Caller
from shared.clients.backgrounds import Background
from shared.clients.http_client import ServiceClient, Unreachable

PATH = "/v1/contact-cards"
MOST_PER_CALL = 200
KEPT_SECONDS = 5.0
MOST_KEPT = 2000
PAGE_WAITS = 0.3  # seconds: longer is felt, and everything else of the page is there

log = get_logger()


class ContactCard(BaseModel):
    """A person as shown, as far as whoever asks has them in hand.

    `offered`: without a way to reach them until the offer is accepted; `withheld`: in other hands;
    `unavailable`: nobody answered; `erased`: there is nothing to show. `wrote` is what they wrote last,
    message and answers by the form's field. `unverified` names what only an anonymous source stands for,
    such as a web form: it may be a lie. `company_otherwise` is another name somebody gives the company.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    contact_id: UUID
    status: Literal["available", "offered", "withheld", "unavailable", "erased"] = "available"
    name: str | None = None
    job_title: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    company: str | None = None
    company_otherwise: str | None = None
    wrote: Mapping[str, str] = Field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    background: Background | None = Field(
        default=None, description="What came before: on the page of one offer or deal, not in lists."
    )


class HeldLead(BaseModel):
    """A lead that the asking person holds, by the newest that the service which offers leads has decided."""

    model_config = ConfigDict(frozen=True)

    contact_id: UUID
    lead_id: UUID
    cycle: int
    version: int
    state: Literal["offered", "accepted"]


class _Answer(BaseModel):
    items: list[ContactCard]


_ANSWER = TypeAdapter(_Answer)
_Key = tuple[Caller, UUID, HeldLead | None, bool]


@dataclass(frozen=True, slots=True)
class _Asking:
    by: Caller
    holds: Mapping[UUID, HeldLead]
    background: bool
    within: float

    def key(self, id: UUID) -> _Key:
        return self.by, id, self.holds.get(id), self.background

    def question(self, ids: Sequence[UUID]) -> dict[str, Any]:
        return {
            "contact_ids": [str(id) for id in ids],
            "asked_by": self.by.subject,
            "kind": self.by.kind,
            "roles": sorted(self.by.roles),
            "held": [self.holds[id].model_dump(mode="json") for id in ids if id in self.holds],
            **({"background": True} if self.background else {}),
        }


class ContactCards:
    """Cards by contact id. Whose they are is asked anew when that changes here, and nobody sees another's."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client
        self._kept: dict[_Key, tuple[ContactCard, float]] = {}

    async def cards(
        self,
        contact_ids: Iterable[UUID],
        *,
        asked_by: Caller,
        held: Iterable[HeldLead] = (),
        background: bool = False,
        within: float = PAGE_WAITS,
    ) -> dict[UUID, ContactCard]:
        """A card for every id, for the person `asked_by`, each call `within` so many seconds.

        With `background`, of 20 people at most: what came before. Never raises; no transaction waits for it.

        A server sees what its scope opens: whoever made its key has said so.
        """
        wanted = list(dict.fromkeys(contact_ids))
        holds = {one.contact_id: one for one in held}
        asking = _Asking(asked_by, holds, background, within)
        found = {id: card for id in wanted if (card := self._fresh(asking.key(id)))}
        missing = iter([id for id in wanted if id not in found])
        while batch := list(islice(missing, MOST_PER_CALL)):
            fresh = await self._ask(batch, asking)
            if fresh is None:
                break  # it is down: asking for the rest would only keep the caller waiting
            found.update(fresh)
        return {id: found.get(id) or ContactCard(contact_id=id, status="unavailable") for id in wanted}

    def _fresh(self, key: _Key) -> ContactCard | None:
        kept = self._kept.get(key)
        return kept[0] if kept is not None and kept[1] > time.monotonic() else None

    async def _ask(self, ids: Sequence[UUID], asking: "_Asking") -> dict[UUID, ContactCard] | None:
        try:
            answer = await self._client.post_json(PATH, asking.question(ids), within=asking.within)
            cards = {card.contact_id: card for card in _ANSWER.validate_python(answer).items}
        except Unreachable:
            return None
        except ValidationError as error:
            log.warning("contact_cards_unreadable", error_type=type(error).__name__)
            return None
        self._keep({asking.key(id): card for id, card in cards.items()})
        return cards

    def _keep(self, cards: Mapping[_Key, ContactCard]) -> None:
        """Whom somebody may not see they may see at any moment, so that is not kept."""
        until = time.monotonic() + KEPT_SECONDS
        if len(self._kept) + len(cards) > MOST_KEPT:
            self._kept.clear()
        shown = {key: (card, until) for key, card in cards.items() if card.status != "withheld"}
        self._kept.update(shown)
