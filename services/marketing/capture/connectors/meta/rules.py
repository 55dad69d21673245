"""What an answer of Meta's Graph API means for a lead whose details were asked for. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import orjson

# Codes come before types: throttling, too, calls itself an OAuthException.
WAIT_CODES = frozenset({1, 2, 4, 17, 32, 341, 613})
TOKEN_CODES = frozenset({102, 190})
WAIT_STATUSES = frozenset({408, 425, 429})
SLOWEST = timedelta(hours=1)
MOST_ATTEMPTS = 48  # a day and a half at the slowest pace, like Meta's own retries

Step = Literal["details", "wait", "token", "permission", "refused"]


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """The next step, and a code that says why."""

    step: Step
    reason: str
    details: bytes = b""


def judge(status: int, body: bytes) -> GraphAnswer:
    """Details of a lead, or what to do about an error: wait and ask again, or call a person."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if status == 200 and isinstance(value, dict) and "error" not in value and value.get("id"):
        return GraphAnswer("details", "", body)
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict):
        return _of_error(status, error)
    if status == 200 or status >= 500 or status in WAIT_STATUSES:
        return GraphAnswer("wait", f"graph_http_{status}")
    return GraphAnswer("refused", f"graph_http_{status}")


def _of_error(status: int, error: dict[str, Any]) -> GraphAnswer:
    code = error.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        if code in WAIT_CODES:
            return GraphAnswer("wait", f"graph_{code}")
        if code in TOKEN_CODES:
            return GraphAnswer("token", f"graph_{code}")
        if code == 10 or 200 <= code <= 299:
            return GraphAnswer("permission", f"graph_{code}")
    if error.get("type") == "OAuthException" and status < 500:
        return GraphAnswer("token", "graph_oauth")
    if status >= 500 or status in WAIT_STATUSES or error.get("is_transient") is True:
        return GraphAnswer("wait", f"graph_http_{status}")
    return GraphAnswer(
        "refused", f"graph_{code}" if isinstance(code, int) and 0 <= code < 10**6 else "graph_error"
    )


def pause(attempts: int, luck: float) -> timedelta:
    """How long to wait after so many attempts; `luck` in [0, 1) spreads the askers."""
    seconds: float = min(2.0 * 2 ** min(attempts, 12), SLOWEST.total_seconds())
    return timedelta(seconds=seconds * (0.5 + luck))
