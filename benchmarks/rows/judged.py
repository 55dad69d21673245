"""What a glance costs: what looks at every form, touch and request, alone in one process."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.datastructures import Headers, State
from starlette.types import Scope

from benchmarks.figures import Effort, Goal, Report, Spread, lines_of
from benchmarks.samples import form_body
from services.marketing.acquisition.channels.rules import classify
from services.marketing.capture.connectors.quotas import DoorQuotas
from services.marketing.capture.connectors.web_form.rules import may_reach
from services.marketing.capture.sources.rules import FormSettings
from services.marketing.settings import Settings
from shared.auth.access import Role, allow
from shared.auth.authentication import Authenticator
from shared.database.admission import Admission
from shared.database.sessions import create_engine, create_sessions
from shared.http.client_address import TrustedProxies, client_network
from shared.settings import CommonSettings

NAME = "judged"
TITLE = "A glance"
LOOK = "the door's look at a body that has an address"
LOOK_IN_VAIN = "the door's look at a body of the same size that has none"
CHANNEL = "channel rules, each touch another source, medium, campaign, referrer and click id"
RIGHTS = "a remembered token: who calls, and whether they may"
QUOTA = "what a form's door counts of a request: its client behind a proxy, its network, its form's hour"
MOST_US = {LOOK: 10, LOOK_IN_VAIN: 10, CHANNEL: 10, RIGHTS: 20, QUOTA: 15}
EACH = 2_000  # calls of a run
TOKENS, TOKEN_SIZE = 500, 1_000
Run = Mapping[str, float]
Calls = Sequence[Callable[[], object]]


async def measure(effort: Effort) -> Report:
    """Microseconds a call: runs of many calls, as often as time allows."""
    report = Report(
        NAME,
        TITLE,
        f"Runs of {EACH:,} calls in one process, the middle run of each repeat. No two calls are "
        "alike, so that nothing the rules remember answers one: dearer than a day's touches are. "
        f"Tokens (RS256, {TOKEN_SIZE:,} characters of claims): {TOKENS:,} are remembered and come in turns.",
    )
    subjects: dict[str, Callable[[int], Calls]] = {
        LOOK: partial(_looks, form_body),
        LOOK_IN_VAIN: partial(_looks, _nobody),
        CHANNEL: _touches,
        QUOTA: _posts(),
    }
    first = count(step=EACH)
    samples: dict[str, list[Run]] = {subject: [] for subject in MOST_US}
    for _ in range(effort.repeats):
        subjects[RIGHTS] = await _requests()
        for subject, calls in subjects.items():
            samples[subject].append({"µs a call": _middle(calls, first, effort.seconds / len(MOST_US))})
    report.lines = lines_of(samples)
    report.goals = [
        Goal(f"{subject}, µs", Spread.of([run["µs a call"] for run in runs]), at_most=MOST_US[subject])
        for subject, runs in samples.items()
    ]
    return report


def _looks(body: Callable[[int], bytes], first: int) -> Calls:
    return [partial(may_reach, body(number)) for number in range(first, first + EACH)]


def _nobody(number: int) -> bytes:
    """A form in which there is neither an @ nor a number that could be a telephone's."""
    return form_body(number).replace(b"@", b" at ").translate(None, b"0123456789").replace(b"%", b"~")


def _touches(first: int) -> Calls:
    """One of four has no tags, so that its referrer is asked."""
    calls: list[Callable[[], object]] = []
    for number in range(first, first + EACH):
        told = {"source": f"partner-{number}", "medium": f"cpc {number}", "campaign": f"spring-{number}"}
        utm = told if number % 4 else {}
        clicks = {"gclid": f"EAIa{number}"} if number % 3 == 0 else {}
        calls.append(partial(classify, utm, clicks, f"www.site-{number}.example/page"))
    return calls


def _posts() -> Callable[[int], Calls]:
    """Each from a network that was not met before, so that the limit is always full and has to make room."""
    quotas = DoorQuotas(Settings(marketing_database_url="postgresql://nobody@127.0.0.1:1/none"))
    state = State({"trusted_proxies": TrustedProxies("127.0.0.1,10.0.0.0/8")})
    form = FormSettings(UUID(int=1), "pk_bench")

    def post(scope: Scope) -> None:
        quotas.is_program(quotas.take_post(client_network(scope)))
        quotas.hours.is_unusual(form)

    def calls(first: int) -> Calls:
        made: list[Callable[[], object]] = []
        for number in range(first, first + EACH):
            client = f"198.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}, 10.0.0.7".encode()
            headers = [(b"host", b"a"), (b"content-type", b"a"), (b"x-forwarded-for", client)]
            app = SimpleNamespace(state=state)
            scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": headers, "app": app}
            made.append(partial(post, scope))
        return made

    return calls


async def _requests() -> Callable[[int], Calls]:
    """Requests with a credential that has been seen before, as the route meets them: bytes of a header."""
    with TemporaryDirectory() as folder:
        key = rsa.generate_private_key(65537, 2048)
        url = _key_set(key, folder)
        settings = CommonSettings(auth_issuer="bench", auth_jwks_url=url, service_jwks_url=url)
        engine = create_engine("postgresql://nobody@127.0.0.1:1/none")  # never asked
        authenticator = Authenticator("sales", settings, create_sessions(engine), Admission(1))
        claims = {"iss": "bench", "aud": "leadloop", "roles": ["rep"], "exp": int(time.time()) + 86_400}
        sent = [
            jwt.encode(
                {**claims, "sub": f"rep-{number}", "padding": "x" * TOKEN_SIZE}, key, "RS256", {"kid": "one"}
            ).encode()
            for number in range(TOKENS)
        ]
        access = allow(Role.REP, Role.SALES_MANAGER, servers="deals:write")

        def decide(token: bytes) -> None:
            scope = {"type": "http", "headers": [(b"host", b"a"), (b"authorization", b"Bearer " + token)]}
            asked = authenticator.caller(Headers(scope=scope))
            try:
                asked.send(None)
            except StopIteration as answer:
                access.check(answer.value)
            else:
                raise AssertionError("a token that is remembered waits for nobody")

        def calls(first: int) -> Calls:
            authenticator.forget()  # so that none ends within the run
            for token in sent:
                decide(token)
            return [partial(decide, sent[number % TOKENS]) for number in range(first, first + EACH)]

        await authenticator.fetch_keys()
        await engine.dispose()
    return calls


def _key_set(key: rsa.RSAPrivateKey, folder: str) -> str:
    path = Path(folder, "keys.json")
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    path.write_text(json.dumps({"keys": [{**public, "kid": "one"}]}))
    return path.as_uri()


def _middle(make: Callable[[int], Calls], first: Iterator[int], seconds: float) -> float:
    runs: list[float] = []
    ends = time.perf_counter() + seconds
    while not runs or time.perf_counter() < ends:
        calls = make(next(first))
        began = time.perf_counter_ns()
        for call in calls:
            call()
        runs.append((time.perf_counter_ns() - began) / 1_000 / len(calls))
    return sorted(runs)[len(runs) // 2]
