"""Our own web forms."""

from dataclasses import replace

from services.marketing.acquisition.channels.rules import host_of
from services.marketing.capture.connectors.field_mapping import Defaults, as_text, read_lead
from services.marketing.capture.connectors.rules import CapturedLead, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_form
from services.marketing.capture.sources.rules import FormSettings
from shared.errors import ProblemError


def read(body: bytes, content_type: str | None, form: FormSettings) -> list[CapturedLead]:
    """The one lead in a form post. Raises UnreadableError when the body is none (the door checked it)."""
    try:
        values = parse_form(body, content_type)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    trap = as_text(values.pop(form.honeypot_field, None)) if form.honeypot_field else ""
    hosts = frozenset(map(host_of, form.origins))
    lead = read_lead(values, Defaults(form.mapping, form.language, form.country, form.hand_raiser, hosts))
    return [replace(lead, trapped=True) if trap else lead]
