"""Meta's Graph API for tests: the server of the demo, which speaks the real protocol over real HTTP."""

from deploy.demo.graph import Asked, Graph
from deploy.demo.graph_answers import (
    BAD_TOKEN,
    CALLS_THROTTLED,
    EXPIRED_TOKEN,
    GONE,
    NO_LEADS_RETRIEVAL,
    NO_PERMISSION,
    PAGE_THROTTLED,
    SESSION_ENDED,
    THROTTLED,
    UNAVAILABLE,
    UNKNOWN,
    USER_THROTTLED,
    GraphError,
    LeadAd,
)

__all__ = [
    "BAD_TOKEN",
    "CALLS_THROTTLED",
    "EXPIRED_TOKEN",
    "GONE",
    "NO_LEADS_RETRIEVAL",
    "NO_PERMISSION",
    "PAGE_THROTTLED",
    "SESSION_ENDED",
    "THROTTLED",
    "UNAVAILABLE",
    "UNKNOWN",
    "USER_THROTTLED",
    "Asked",
    "Graph",
    "GraphError",
    "LeadAd",
]
