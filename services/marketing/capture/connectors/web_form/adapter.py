"""Our own web forms."""

from dataclasses import replace

from services.marketing.acquisition.channels.rules import host_of
from services.marketing.capture.connectors.field_mapping import Defaults, as_text, read_lead
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.connectors.web_form.rules import NONCE_FIELD, TEST_FIELD, is_test
from services.marketing.capture.deliveries.bodies import parse_form
from services.marketing.capture.sources.challenges import PROVIDERS
from services.marketing.capture.sources.rules import FormSettings, may_post
from shared.errors import ProblemError


def read(
    body: bytes, content_type: str | None, form: FormSettings, origin: str | None = None
) -> list[CapturedLead]:
    """The one lead in a form post.

    Raises NoticeError for a test, UnreadableError when nothing can be made of the body.
    """
    try:
        values = parse_form(body, content_type)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    if is_test(values.pop(TEST_FIELD, None)):
        raise NoticeError("test")
    values.pop(NONCE_FIELD, None)
    trap = as_text(values.pop(form.honeypot_field, None)) if form.honeypot_field else ""
    hosts = frozenset(map(host_of, form.origins))
    lead = read_lead(values, Defaults(form.mapping, form.language, form.country, form.hand_raiser, hosts))
    if trap:
        lead = replace(lead, trapped=True)
    if provider := PROVIDERS.get(form.challenge or ""):
        # Which is no answer: see the names that are ignored.
        lead = replace(lead, challenge_token=as_text(values.get(provider.field)))
    # Asked of the form as it is now: another origin in its list, and a replay lets the lead in.
    return [lead if may_post(form, origin) else replace(lead, faults=(*lead.faults, "origin_refused"))]
