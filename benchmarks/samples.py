"""What a busy day looks like: a filled-in form, and the events that follow from it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared import clock
from shared.events.envelope import Event
from shared.events.handoff import LeadAccepted
from shared.events.marketing import LeadQualified
from shared.events.sales import DealClosed

LATELY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
COUNTRIES = ("DE", "AT", "CH", "FR", "NL")
INDUSTRIES = ("software", "machinery", "logistics", "health")
COMPANIES = 500
FORM = """{{\
"email": "ada.{number:010d}@bench-{company:03d}-example.com", \
"first_name": "Ada", \
"last_name": "Example {number:010d}", \
"phone": "+49151{phone:08d}", \
"company": "Bench {company:03d} GmbH", \
"job_title": "Head of Operations", \
"country": "DE", \
"message": "We would like to see how this works for a team of forty; could someone call us this week?", \
"utm_source": "google", \
"utm_medium": "cpc", \
"utm_campaign": "spring-{campaign}", \
"landing_url": "https://www.example.com/pricing?utm_source=google&gclid=Cj0KCQiA{number:010d}"\
}}"""


def form_body(number: int) -> bytes:
    """A filled-in form of twelve fields; each number is another person, of one of 500 companies."""
    company = number % COMPANIES
    return FORM.format(number=number, company=company, phone=number % 10**8, campaign=number % 8).encode()


class Request:
    """The same form post again and again, each time by another person. Cheap to make."""

    def __init__(self, path: str, port: int) -> None:
        self._head = (
            f"POST {path} HTTP/1.1\r\n"
            f"host: 127.0.0.1:{port}\r\n"
            "user-agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\n"
            "accept: application/json\r\n"
            "origin: https://www.example.com\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(form_body(0))}\r\n"
        ).encode()

    def for_person(self, number: int, traceparent: bytes = b"") -> bytes:
        trace = b"traceparent: %s\r\n" % traceparent if traceparent else b""
        return self._head + trace + b"\r\n" + form_body(number)


def traceparent(run: int, number: int) -> bytes:
    """A trace of its own for each lead, by which its events are recognised."""
    return b"00-%016x%016x-%016x-01" % (run, number + 1, number + 1)


def lead_qualified(number: int, *, lead_id: UUID | None = None) -> LeadQualified:
    """One qualified lead, with everything known about it."""
    lead_id = lead_id or clock.new_id()
    moment = LATELY + timedelta(seconds=number)
    return LeadQualified.model_construct(
        version=1,
        lead_id=lead_id,
        cycle=1,
        contact_id=clock.new_id(),
        received_at=moment,
        qualified_at=moment + timedelta(milliseconds=40),
        backfilled=False,
        source="web_form",
        campaign_id=UUID(int=0xC0DE_0000 + number % 8),
        channel="paid_search",
        hand_raiser=False,
        score=50 + number % 50,
        fit=30,
        engagement=20 + number % 50,
        reasons=("job_title_senior", "company_size_fits", "country_served", "asked_for_demo"),
        scoring_model=1,
        country=COUNTRIES[number % len(COUNTRIES)],
        region="BY",
        language="de",
        time_zone="Europe/Berlin",
        company_id=UUID(int=0xACE_0000 + number % COMPANIES),
        company_name=f"Bench {number % COMPANIES:03d} GmbH",
        company_domain=f"bench-{number % COMPANIES:03d}-example.com",
        company_size=40 + number % 1000,
        industry=INDUSTRIES[number % len(INDUSTRIES)],
        traceparent=traceparent(1, number).decode(),
    )


def lead_accepted(number: int) -> LeadAccepted:
    """A lead that a rep took."""
    qualified = lead_qualified(number)
    return LeadAccepted(
        version=2,
        hop=1,
        rep_id=UUID(int=0x5E11_0000 + number % 20),
        team_id=UUID(int=0x7EA_0000),
        assigned_at=qualified.qualified_at,
        accepted_at=qualified.qualified_at + timedelta(minutes=4),
        **{
            name: getattr(qualified, name)
            for name in (
                "lead_id", "cycle", "contact_id", "qualified_at", "source", "campaign_id", "score", "country",
                "company_id", "company_name", "company_domain", "company_size", "industry", "traceparent",
            )
        },
    )  # fmt: skip


def deal_won(number: int, *, lead_id: UUID, contact_id: UUID) -> DealClosed:
    """A deal won with this lead."""
    amount = 450_000 + 1_000 * (number % 977)
    return DealClosed(
        version=3,
        deal_id=clock.new_id(),
        lead_id=lead_id,
        cycle=1,
        contact_ids=(contact_id,),
        origin="lead",
        amount_minor=amount,
        currency="EUR",
        reporting_amount_minor=amount,
        reporting_currency="EUR",
        rate="1",
        closed_on=(LATELY + timedelta(days=14)).date(),
        closed_at=LATELY + timedelta(days=14),
        rep_id=UUID(int=0x5E11_0000 + number % 20),
        outcome="won",
        traceparent=traceparent(1, number).decode(),
    )


def outbox_row(event: Event, moment: datetime) -> dict[str, object]:
    """An event as the outbox holds it, for feeding Kafka without a database."""
    return {
        "id": 0,
        "created_at": moment,
        "event_id": clock.new_id(),
        "topic": event.topic,
        "key": event.key,
        "type": event.type,
        "version": event.version,
        "traceparent": event.traceparent,
        "data": event.data(),
    }
