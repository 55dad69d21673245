"""What another system is told at once about the leads it sends. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.marketing.capture.connectors.server_api import adapter
from services.marketing.capture.sources.rules import OUR_FIELDS
from shared.errors import FieldError

MOST_NAMES = 200
LONGEST_NAME = 300
MOST_TOLD = 20
TIME = "It is neither a time with a zone after the year 2000, such as 2026-11-23T09:30:00Z, nor unix seconds."
OBJECT = "It is an object of names or JSON paths, and our fields."


def faults_of(lead: Mapping[str, Any], pointer: str = "") -> Iterator[FieldError]:
    """What is wrong with one lead. `pointer` leads to it."""
    is_dated, occurred_at = adapter.when(lead)
    if is_dated and occurred_at is None:
        yield {"pointer": f"{pointer}/occurred_at", "detail": TIME}
    yield from faults_of_mapping(lead.get("mapping"), f"{pointer}/mapping")


def faults_of_batch(values: Mapping[str, Any], leads: list[dict[str, Any]]) -> Iterator[FieldError]:
    """What is wrong with a batch, and with each lead in it."""
    yield from faults_of_mapping(values.get("mapping"), "/mapping")
    for number, lead in enumerate(leads):
        yield from faults_of(lead, f"/leads/{number}")
        if lead.get("test") is True:
            detail = "A test is sent alone, or all of a batch is one: put `test` beside `leads`."
            yield {"pointer": f"/leads/{number}/test", "detail": detail}


def faults_of_mapping(mapping: Any, pointer: str) -> Iterator[FieldError]:
    """Names that lead to no field of ours."""
    if mapping is None:
        return
    if not isinstance(mapping, dict) or len(mapping) > MOST_NAMES:
        yield {"pointer": pointer, "detail": f"{OBJECT} It has up to {MOST_NAMES} of them."}
        return
    for name, target in mapping.items():
        where = f"{pointer}/{name[:60].replace('~', '~0').replace('/', '~1')}"
        if not 0 < len(name) <= LONGEST_NAME:
            yield {"pointer": where, "detail": f"A name has 1 to {LONGEST_NAME} characters."}
        elif not isinstance(target, str) or target not in OUR_FIELDS:
            known = ", ".join(sorted(OUR_FIELDS))
            yield {"pointer": where, "detail": f"There is no such field; there are {known}."}
