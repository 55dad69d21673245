"""The compose file holds together: the example names what is asked for, and everything is watched."""

import re
from typing import Any

import pytest
import yaml

from deploy.local.stack.layout import PROGRAMS, ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
ONCE = {"setup", "leadloop"}


def test_the_example_names_every_secret_that_is_asked_for() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", TEXT))
    given = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert asked
    assert asked <= given


def test_every_program_of_the_stack_is_there() -> None:
    assert {program.name for program in PROGRAMS} <= set(SERVICES)
    for program in PROGRAMS:
        assert SERVICES[program.name]["command"] == ["python", *program.command[1:]]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONCE))
def test_what_stays_up_is_watched(name: str) -> None:
    assert "healthcheck" in SERVICES[name]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_waits_for_the_setup_and_can_write_nowhere(program: Any) -> None:
    service = SERVICES[program.name]

    assert service["depends_on"]["setup"] == {"condition": "service_completed_successfully"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    others = {other.service for other in PROGRAMS} - {program.service}
    assert not {f"{other.upper()}_DATABASE_URL" for other in others} & set(service["environment"])
