"""Shared code knows no service and no business topic, not even by string."""

import re
from pathlib import Path

import pytest

from services.topics import topic_names
from shared.services import SERVICES

ROOT = Path(__file__).parents[2]
# The published contracts, the one list of services, and the settings that say where each is reached.
MAY_NAME_THEM = tuple(ROOT / "shared" / name for name in ("events", "services.py", "settings.py"))
NAMES = sorted({*topic_names(), *SERVICES}, key=len, reverse=True)
# A name counts when it stands for itself or before something: `sales_manager` is a person's role.
NAMED = re.compile(rf"(?<![A-Za-z_])(?:{'|'.join(map(re.escape, NAMES))})(?![A-Za-z]|_manager)", re.I)


def names_in(text: str) -> list[str]:
    """Services and topics named in this text."""
    return NAMED.findall(text)


def test_shared_names_no_service_and_no_topic() -> None:
    files = [
        path
        for path in (ROOT / "shared").rglob("*")
        if path.suffix in {".py", ".mako"} and not any(path.is_relative_to(free) for free in MAY_NAME_THEM)
    ]

    assert files
    found = {str(path.relative_to(ROOT)): named for path in files if (named := names_in(path.read_text()))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        'import_module(f"services.marketing.tables")',
        "from services.sales import base",
        'topics or ["sales.rates"]',
        '"""Only Marketing stores names."""',
        "settings.handoff_url",
        '"dead.handoff"',
    ],
)
def test_a_name_would_be_found(text: str) -> None:
    assert names_in(text)


def test_a_role_of_a_person_is_no_service() -> None:
    assert names_in('SALES_MANAGER = "sales_manager"') == []
