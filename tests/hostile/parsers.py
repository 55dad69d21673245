"""What a letter may cost: every parser that strangers reach, under every kind of text that once hurt one.

A line of PARSERS per parser, a line of FILLERS (or of tests/support/poisonous.py) per kind of text. Each pair
gets a budget of CPU time per kilobyte, in this thread, so that neighbours don't count. What takes time with
the square of the size is over it by a hundred times at 60 KB; recursion and errors nobody foresaw are
faults, too.
"""

import base64
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.marketing.acquisition.channels.rules import classify, self_reported
from services.marketing.capture.connectors.field_mapping import Defaults, identifier, moment, read_lead
from services.marketing.capture.connectors.generic import paths as generic
from services.marketing.capture.connectors.linkedin import adapter as linkedin
from services.marketing.capture.connectors.meta import adapter as meta
from services.marketing.capture.connectors.origin import read_address
from services.marketing.capture.connectors.rules import NoticeError, UnreadableError
from services.marketing.capture.connectors.server_api import adapter as server_api
from services.marketing.capture.connectors.tiktok import adapter as tiktok
from services.marketing.capture.connectors.web_form.rules import may_reach, nonce
from services.marketing.capture.deliveries.bodies import parse_form, parse_object
from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings, may_post
from services.marketing.people.consents.rules import read_consent
from services.marketing.people.contacts import normalize
from shared.auth.tokens import read as read_token
from shared.errors import ProblemError
from shared.http.limits import parse_json
from shared.http.paging import Cursor
from shared.observability import telemetry
from tests.hostile.figures import Figures
from tests.support.poisonous import BOUNDARY, JSON, POISONS, SIZE, URLENCODED, Poison

logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # it warns of each header that is too long

MILLISECONDS_PER_KB = 1.0  # a tenth of it is usual; what is quadratic takes seventy at this size
FORESEEN = (ProblemError, UnreadableError, NoticeError)

# Repeated until the size is reached.
FILLERS = (
    *(*';=&"\\[]{()<>@.-+%/:,|aA9', "%2", "%ff", "%25"),
    *("a.", "a@", "@a", "a@a.", "+1", "(+", "Dr.", "&amp;", "&#", "www."),
    *["http://", "<a", "href=", "a=b&", "a=b;", "xn--", "1e9", "0x", "T00:00", "+14:00", "utm_source=x&"],
    *(" ", "\t", "\n", "\r\n", "1 ", "- ", "' ", ". ", '\\"', '";x="', "\x01", "\x7f", "--a\r\n", "van der "),
    *("\u00a0", "\u2028", "\u200d", "\u0301", "\u202e", "\ufeff", "\ufdfa", "\u0130", "\u00df", "\u00e9"),
    *("\u0663", "\uff19", "\U0001f600", "\U0001f468\u200d", "\u65e5\u672c", "\u05e9\u05dc", "\u00aa\u00ba"),
)


class Parser(NamedTuple):
    """One parser: `parse` takes the text of the wanted size, as it would come in. `budget` in ms per KB."""

    name: str
    parse: Callable[[str], Any]
    budget: float = MILLISECONDS_PER_KB


CONNECTION = ConnectionSettings(UUID(int=1), "cn_x", "tiktok")
FORM = FormSettings(UUID(int=1), "pk_x", origins=frozenset(["https://*.shop.example"]))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _in_json(name: str) -> Callable[[str], bytes]:
    import orjson  # noqa: PLC0415 - only here

    return lambda text: orjson.dumps({name: text})


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _field(name: str) -> Callable[[str], Any]:
    return lambda text: read_lead({name: text}, Defaults())


def _part(before: str, after: str) -> Callable[[str], Any]:
    return lambda text: parse_form(_bytes(f"--a\r\n{before}{text}{after}\r\n--a--\r\n"), BOUNDARY)


_TOKEN_HEADER = _base64url(b'{"alg":"RS256","kid":"a"}')
PARSERS = (
    Parser("a form's body as JSON", lambda text: parse_form(_bytes(text), JSON)),
    Parser("a form's body, URL-encoded", lambda text: parse_form(_bytes(text), URLENCODED)),
    Parser("a form's body in parts", lambda text: parse_form(_bytes(text), BOUNDARY)),
    Parser("a part's header", _part("Content-Disposition: form-data; name=a; x=", "\r\n\r\nhi")),
    Parser("a part's quoted header", _part('Content-Disposition: form-data; name=a; x="', '"\r\n\r\nhi')),
    Parser("a part's name", _part('Content-Disposition: form-data; name="', '"\r\n\r\nhi')),
    Parser("a part's type", _part("Content-Disposition: form-data; name=a\r\nContent-Type: ", "\r\n\r\nhi")),
    Parser("a part's value", _part("Content-Disposition: form-data; name=a\r\n\r\n", "")),
    Parser("a content type", lambda text: parse_form(b"--a--", f"multipart/form-data; boundary={text}")),
    Parser("JSON of a body", lambda text: parse_json(_bytes(text))),
    Parser("a string in JSON", lambda text: parse_object(_in_json("a")(text))),
    Parser("a lead of a server", lambda text: server_api.read(_in_json("email")(text))),
    Parser("a lead's time of a server", lambda text: server_api.read(_in_json("occurred_at")(text))),
    Parser("the door's look at a body", lambda text: may_reach(_bytes(text))),
    Parser("the nonce of a page's view", lambda text: nonce(_bytes(f'name="_nonce"{text}'))),
    Parser("a page's origin", lambda text: may_post(FORM, text)),
    Parser("a webhook of Meta", lambda text: meta.read(_bytes(text))),
    Parser("a webhook of LinkedIn", lambda text: linkedin.read(_bytes(text))),
    Parser("a lead's name at LinkedIn", lambda text: linkedin.read(_in_json("leadGenFormResponse")(text))),
    Parser("a webhook of TikTok", lambda text: tiktok.read(_bytes(text), CONNECTION)),
    Parser("a lead of TikTok", lambda text: tiktok.read(_in_json("content")(text), CONNECTION)),
    *(
        Parser(f"the field {name}", _field(name))
        for name in (
            *("email", "phone", "name", "given_name", "company", "company_size", "country", "language"),
            *("job_title", "message", "utm_source", "gclid", "page", "page_url", "landing_page", "referrer"),
        )
    ),
    Parser("a field's name", lambda text: read_lead({text: "x"}, Defaults())),
    Parser("an e-mail address", normalize.email),
    Parser("a telephone number", normalize.phone),
    Parser("a telephone number of a country", lambda text: normalize.phone(text, "DE")),
    Parser("a company's address", normalize.company_domain),
    Parser("a country", normalize.country),
    Parser("a language", normalize.language),
    Parser("a time zone", normalize.time_zone),
    Parser("a company's size", normalize.company_size),
    Parser("a line of text", normalize.line),
    Parser("a fact", normalize.fact),
    Parser("a moment", moment),
    Parser("an identifier", identifier),
    Parser("a path into a body", generic.parse_path),
    Parser("a link's source", lambda text: classify({"source": text}, {})),
    Parser("a link's medium", lambda text: classify({"medium": text}, {})),
    Parser("a link's campaign", lambda text: classify({"campaign": text}, {})),
    Parser("a click's id", lambda text: classify({}, {"gclid": text})),
    Parser("a referrer", lambda text: classify({}, {}, text)),
    Parser("an address with tags", lambda text: read_address(f"https://a.example/?{text}")),
    Parser("how somebody heard of us", lambda text: self_reported({"how_did_you_hear": text})),
    Parser("a consent", lambda text: read_consent({"consent_marketing": text})),
    Parser("a consent's name", lambda text: read_consent({text: "yes"})),
    Parser("a token", read_token),
    Parser("a token's header", lambda text: read_token(f"{_base64url(_bytes(text))}.e30.AA")),
    Parser("a token's claims", lambda text: read_token(f"{_TOKEN_HEADER}.{_base64url(_bytes(text))}.AA")),
    Parser(
        "an issuer in a token",
        lambda text: read_token(f"{_TOKEN_HEADER}.{_base64url(_in_json('iss')(text))}.AA"),
    ),
    Parser("a page's cursor", Cursor.parse),
    Parser("a trace's header", telemetry.follow),
)


def cases() -> Iterator[tuple[str, float, int, Callable[[], Any]]]:
    """Name, budget, size and work of every pair."""
    for parser in PARSERS:
        for filler in FILLERS:
            text = (filler * (SIZE // len(filler) + 1))[:SIZE]
            size = len(_bytes(text))
            yield f"{parser.name}, {filler!r}", parser.budget, size, partial(parser.parse, text)
    for poison in POISONS:
        yield (
            f"a form's body, {poison.name}",
            MILLISECONDS_PER_KB,
            len(poison.body),
            partial(_as_lead, poison),
        )


def _as_lead(poison: Poison) -> Any:
    return read_lead(parse_form(poison.body, poison.content_type or None), Defaults())


def spent(work: Callable[[], Any]) -> tuple[float, str]:
    """CPU milliseconds of this thread, and what was raised that nobody foresaw."""
    began = time.thread_time()
    wrong = ""
    try:
        work()
    except FORESEEN:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, a stranger has caused it
        wrong = type(error).__name__
    return (time.thread_time() - began) * 1000, wrong


def attack(
    only: Callable[[str], bool] = lambda _: True, *, tick: Callable[[str], None] = lambda _: None
) -> Figures:
    """Every parser under every text. What is over its budget is tried again: only twice over counts."""
    found = Figures(
        "parsers", f"No text costs a parser more than {MILLISECONDS_PER_KB:g} ms of CPU a kilobyte."
    )
    tried, worst, of = 0, 0.0, ""
    for name, budget, size, work in cases():
        if not only(name):
            continue
        tick(name)
        tried += 1
        milliseconds, wrong = spent(work)
        allowed = budget * max(1.0, size / 1024)
        if milliseconds > allowed:
            milliseconds = min(milliseconds, spent(work)[0])
        if wrong:
            found.faults.append(f"{name}: {wrong}")
        if milliseconds > allowed:
            found.faults.append(f"{name}: {milliseconds:.0f} ms of {allowed:.0f} for {size / 1024:.0f} KB")
        if milliseconds / size * 1024 > worst:
            worst, of = milliseconds / size * 1024, name
    found.counts = {"tried": tried, "worst ms per KB": worst, "of": of}
    return found
