"""What an answer of Meta's Graph API means for a lead whose details were asked for. Pure."""

from typing import Any

import orjson

from services.marketing.capture.connectors.rules import DetailsAnswer

# Codes come before types: throttling, too, calls itself an OAuthException.
WAIT_CODES = frozenset({1, 2, 4, 17, 32, 341, 613})
TOKEN_CODES = frozenset({102, 190})
WAIT_STATUSES = frozenset({408, 425, 429})


def judge(status: int, body: bytes) -> DetailsAnswer:
    """Details of a lead, or what to do about an error: wait and ask again, or call a person."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if status == 200 and isinstance(value, dict) and "error" not in value and value.get("id"):
        return DetailsAnswer("details", "", body)
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict):
        return _of_error(status, error)
    if status == 200 or status >= 500 or status in WAIT_STATUSES:
        return DetailsAnswer("wait", f"graph_http_{status}")
    return DetailsAnswer("refused", f"graph_http_{status}")


def _of_error(status: int, error: dict[str, Any]) -> DetailsAnswer:
    code = error.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        if code in WAIT_CODES:
            return DetailsAnswer("wait", f"graph_{code}")
        if code in TOKEN_CODES:
            return DetailsAnswer("token", f"graph_{code}")
        if code == 10 or 200 <= code <= 299:
            return DetailsAnswer("permission", f"graph_{code}")
    if error.get("type") == "OAuthException" and status < 500:
        return DetailsAnswer("token", "graph_oauth")
    if status >= 500 or status in WAIT_STATUSES or error.get("is_transient") is True:
        return DetailsAnswer("wait", f"graph_http_{status}")
    return DetailsAnswer(
        "refused", f"graph_{code}" if isinstance(code, int) and 0 <= code < 10**6 else "graph_error"
    )
