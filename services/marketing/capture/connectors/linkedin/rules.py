"""What an answer of LinkedIn means for a lead whose details were asked for, and the ids in its URNs. Pure."""

import re
from typing import Any

import orjson

from services.marketing.capture.connectors.rules import DetailsAnswer

WAIT_STATUSES = frozenset({408, 425, 429})
_RESPONSE = re.compile(r"(?:urn:li:leadGenFormResponse:)?([A-Za-z0-9_-]{1,200})")
_FORM = re.compile(r"(?:urn:li:versionedLeadGenForm:\()?(?:urn:li:leadGenForm:)?(\d{1,20})(?:,\d{1,10})?\)?")
_NUMBER = re.compile(r"(?:urn:li:[A-Za-z]{1,60}:)?(\d{1,20})")


def response_id(urn: Any) -> str | None:
    """The id in a lead's URN. It becomes part of an address, so it has to be what LinkedIn's ids are."""
    match = _RESPONSE.fullmatch(urn) if isinstance(urn, str) and urn.isascii() else None
    return match[1] if match else None


def form_id(urn: Any) -> str | None:
    """The number of a form, whether its URN says the version or not."""
    match = _FORM.fullmatch(urn) if isinstance(urn, str) and urn.isascii() else None
    return match[1] if match else None


def number(urn: Any) -> str | None:
    """The number at the end of a URN, such as a campaign's."""
    match = _NUMBER.fullmatch(urn) if isinstance(urn, str) and urn.isascii() else None
    return match[1] if match else None


def judge(status: int, body: bytes) -> DetailsAnswer:
    """Details, or what to do about an error: wait and ask again, or call a person."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if status == 200 and isinstance(value, dict):
        return DetailsAnswer("details", "", body)
    if status == 401:
        return DetailsAnswer("token", "linkedin_401")
    if status == 403:
        return DetailsAnswer("permission", "linkedin_403")
    if status == 426 or (isinstance(value, dict) and value.get("code") == "NONEXISTENT_VERSION"):
        return DetailsAnswer("permission", "linkedin_version")
    if status == 200 or status >= 500 or status in WAIT_STATUSES:
        return DetailsAnswer("wait", f"linkedin_http_{status}")
    return DetailsAnswer("refused", f"linkedin_http_{status}")


def together(response: bytes, form: bytes | None) -> bytes:
    """A lead and the form it was filled in at, as one body to be kept."""
    return b'{"response":%s,"form":%s}' % (response, form or b"null")
