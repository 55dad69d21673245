"""What Meta's Graph API answers about lead ads: a lead, and the documented errors in their documented shape.

After developers.facebook.com: marketing-api/guides/lead-ads/retrieving and graph-api/guides/error-handling.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class GraphError:
    """An error as the Graph API answers it. Many come with type OAuthException: the code decides."""

    code: int
    message: str
    status: int = 400
    type: str = "OAuthException"
    subcode: int | None = None

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.type, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": {**error, "fbtrace_id": "AdEmoTraceAdEmoTrace12"}}


UNKNOWN = GraphError(1, "An unknown error occurred", 500)
UNAVAILABLE = GraphError(2, "Service temporarily unavailable", 503)
THROTTLED = GraphError(4, "(#4) Application request limit reached", 403)
USER_THROTTLED = GraphError(17, "(#17) User request limit reached")
PAGE_THROTTLED = GraphError(32, "(#32) Page request limit reached", 403)
CALLS_THROTTLED = GraphError(613, "(#613) Calls to this api have exceeded the rate limit.")
BLOCKED_FOR_NOW = GraphError(341, "(#341) Feed action request limit reached")
NO_PERMISSION = GraphError(10, "(#10) Application does not have permission for this action", 403)
NO_LEADS_RETRIEVAL = GraphError(200, "(#200) Requires leads_retrieval permission to manage the object", 403)
SESSION_ENDED = GraphError(102, "Session key invalid or no longer valid", 401)
EXPIRED_TOKEN = GraphError(190, "Error validating access token: Session has expired.", 401, subcode=463)
BAD_TOKEN = GraphError(190, "Invalid OAuth access token - Cannot parse access token", 401)
NO_TOKEN = GraphError(104, "An access token is required to request this resource.")
BAD_PROOF = GraphError(
    100, "Invalid appsecret_proof provided in the API argument", type="GraphMethodException"
)
GONE = GraphError(
    100,
    "Unsupported get request. Object does not exist, cannot be loaded due to missing permissions, or does "
    "not support this operation",
    type="GraphMethodException",
    subcode=33,
)


@dataclass(frozen=True, slots=True)
class LeadAd:
    """What a person filled in on Meta; several values only where a question allows several."""

    id: str
    form_id: str
    answers: Mapping[str, str | list[str]]
    created_at: datetime = datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
    campaign_id: str | None = None
    adset_id: str | None = None
    ad_id: str | None = None
    is_organic: bool = False
    platform: str = "fb"
    ticked: Mapping[str, bool] = field(default_factory=dict)  # the boxes of a custom disclaimer, by key

    def shown(self, fields: tuple[str, ...]) -> dict[str, Any]:
        """The fields asked for; the id is always there, as in every answer of the Graph API."""
        names = self.answers.items()
        everything = {
            "id": self.id,
            "created_time": self.created_at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "form_id": self.form_id,
            "campaign_id": self.campaign_id,
            "adset_id": self.adset_id,
            "ad_id": self.ad_id,
            "is_organic": self.is_organic,
            "platform": self.platform,
            "custom_disclaimer_responses": [
                {"checkbox_key": key, "is_checked": "1" if ticked else ""}
                for key, ticked in self.ticked.items()
            ]
            or None,
            "field_data": [
                {"name": name, "values": value if isinstance(value, list) else [value]}
                for name, value in names
            ],
        }
        return {
            name: value for name, value in everything.items() if name in (*fields, "id") and value is not None
        }
