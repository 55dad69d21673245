"""Whom somebody may put on a deal. Only the service that keeps people knows who holds whom."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.auth.access import Caller
from shared.clients.http_client import ServiceClient, Unreachable
from shared.errors import UnavailableError

PATH = "/v1/contact-holds"
WITHIN = 0.3
UNKNOWN = "Who holds these contacts can't be found out now. Nothing was done; send it again."


class _Answer(BaseModel):
    contact_ids: frozenset[UUID]


_ANSWER = TypeAdapter(_Answer)


class ContactHolds:
    """Asks that service, each time anew."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def joinable(
        self,
        contact_ids: Sequence[UUID],
        *,
        asked_by: Caller,
        rep_id: UUID | None,
        company_id: UUID | None,
    ) -> frozenset[UUID]:
        """Those whom `asked_by` may put on a deal of this rep (None: their own) and company.

        Raises UnavailableError when it is not said within 300 ms. Call it outside transactions.
        """
        question = {
            "contact_ids": [str(one) for one in contact_ids],
            "asked_by": asked_by.subject,
            "roles": sorted(asked_by.roles),
            "rep_id": rep_id and str(rep_id),
            "company_id": company_id and str(company_id),
        }
        try:
            answer = await self._client.post_json(PATH, question, within=WITHIN)
            return _ANSWER.validate_python(answer).contact_ids
        except (Unreachable, ValidationError):
            raise UnavailableError(UNKNOWN) from None
