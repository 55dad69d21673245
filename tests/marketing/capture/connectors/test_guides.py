"""What the guides tell people to enter can be entered, and no tool is without its guide."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.marketing.capture.connectors.generic.presets import PRESETS
from services.marketing.capture.connectors.registry import WITH_CONNECTIONS
from services.marketing.capture.sources.rules import KINDS
from services.marketing.capture.sources.schemas import NewConnection

GUIDES = Path(__file__).parents[4] / "docs" / "guides"
BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted(page for page in GUIDES.glob("*.md") if page.name != "README.md")


def connections() -> list[tuple[str, dict[str, Any]]]:
    return [(page.name, json.loads(block)) for page in PAGES for block in BLOCK.findall(page.read_text())]


@pytest.mark.parametrize(("page", "body"), connections())
def test_a_connection_of_a_guide_can_be_made(page: str, body: dict[str, Any]) -> None:
    connection = NewConnection.model_validate(body)
    kind = KINDS[connection.kind]

    kind.check_settings(kind.expand(connection.settings))
    assert not kind.lacks_secrets(connection.secrets.keys() | kind.ours), page
    assert set(connection.secrets) <= set(kind.secrets)


def test_every_kind_and_every_preset_has_a_guide() -> None:
    told = [body for _, body in connections()]

    assert {body["kind"] for body in told} == WITH_CONNECTIONS
    named = {body["settings"]["preset"] for body in told if body.get("settings")}
    assert named == set(PRESETS) - {"standard_webhooks"}  # of no tool: the index tells of it


def test_every_guide_is_in_the_index() -> None:
    index = (GUIDES / "README.md").read_text()

    assert [page.name for page in PAGES if f"({page.name})" not in index] == []


def test_every_guide_says_how_to_test_and_what_can_go_wrong() -> None:
    for page in PAGES:
        text = page.read_text().lower()
        if page.name != "microsoft.md":
            assert "test" in text, page.name
            assert "## what can go wrong" in text, page.name
