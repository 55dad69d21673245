"""Which adapter reads what. Pure."""

from collections.abc import Sequence

from services.marketing.capture.adapters import api, google_ads, meta, web_form
from services.marketing.capture.queries import Raw
from services.marketing.capture.rules import CapturedLead, UnreadableError
from services.marketing.sources.rules import ConnectionSettings, FormSettings

Source = FormSettings | ConnectionSettings | None


def read(raw: Raw, source: Source) -> Sequence[CapturedLead]:
    """The leads in a delivery. Raises UnreadableError or NoticeError when there is none to be had."""
    if raw.door == "api":
        return api.read(raw.body)
    if raw.door == "web_form" and isinstance(source, FormSettings):
        return web_form.read(raw.body, raw.content_type, source)
    if raw.door == "google_ads" and isinstance(source, ConnectionSettings):
        return google_ads.read(raw.body, source)
    if raw.door == "meta" and isinstance(source, ConnectionSettings):
        return meta.read(raw.body)
    raise UnreadableError("source_gone")


def complete(announced: CapturedLead, details: bytes, source: Source) -> CapturedLead:
    """An announced lead with its details. Raises UnreadableError when they are of no use."""
    if not isinstance(source, ConnectionSettings):
        raise UnreadableError("source_gone")
    return meta.read_details(details, announced, source)
