"""The committed samples are the contract between the services; a released one is never edited."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services import topics
from services.handoff.subscriptions import subscriptions as handoff
from services.marketing.subscriptions import subscriptions as marketing
from services.sales.subscriptions import subscriptions as sales
from shared.database.sessions import Sessions
from shared.events.envelope import Event, all_events
from shared.messaging.subscriptions import Subscriptions
from tests.support.samples import delivered

SAMPLES = Path(__file__).parent / "samples"
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
PERSONAL = {"email", "phone", "name", "first_name", "last_name", "full_name", "address", "note", "text"}
assert topics.CONTRACTS  # imported for its events


def sample(event: type[Event]) -> Any:
    return json.loads((SAMPLES / f"{event.type}.json").read_text())


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.type)
def test_a_sample_is_read_and_written_back_unchanged(event: type[Event]) -> None:
    read = event.read((SAMPLES / f"{event.type}.json").read_bytes())

    written = json.loads(read.data())
    assert {name: written[name] for name in sample(event)} == sample(event)
    # What was added since the release has a default, and means what was meant before it was there.
    added = written.keys() - sample(event).keys()
    assert {name: written[name] for name in added} == {
        name: event.model_fields[name].default for name in added
    }


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.type)
def test_a_sample_fits_the_published_schema(event: type[Event]) -> None:
    schema = json.loads((SCHEMAS / f"{event.type}.json").read_text())

    jsonschema.validate(sample(event), schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.type)
def test_an_unknown_field_of_a_newer_publisher_is_ignored(event: type[Event]) -> None:
    newer = sample(event) | {"added_later": {"deep": [1]}}

    assert event.read(json.dumps(newer).encode()) == event.read(json.dumps(sample(event)).encode())


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.type)
def test_no_event_has_a_field_for_a_person(event: type[Event]) -> None:
    assert not PERSONAL & set(event.model_fields)


def test_every_sample_belongs_to_an_event() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == {event.type for event in all_events()}


async def deliver_every_sample(subscriptions: Subscriptions, sessions: Sessions) -> None:
    """Each type alone on a fresh database, in every order the handlers might meet them: none may raise."""
    for event in subscriptions.event_classes:
        await subscriptions.deliver(sessions, [delivered(event.model_validate(sample(event)))])
    for event in reversed(subscriptions.event_classes):
        await subscriptions.deliver(sessions, [delivered(event.model_validate(sample(event)))])


async def test_marketing_handles_every_sample_it_listens_to(marketing_sessions: Sessions) -> None:
    await deliver_every_sample(marketing, marketing_sessions)


async def test_handoff_handles_every_sample_it_listens_to(handoff_sessions: Sessions) -> None:
    await deliver_every_sample(handoff, handoff_sessions)


async def test_sales_handles_every_sample_it_listens_to(sales_sessions: Sessions) -> None:
    await deliver_every_sample(sales, sales_sessions)
