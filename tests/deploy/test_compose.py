"""The compose file holds together: the example names what is asked for, and everything is watched."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.stack.layout import PROGRAMS, ROOT
from shared.auth.key_files import PEOPLE, private_key
from shared.services import SERVICES as NAMES

TEXT = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
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


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nothing_takes_more_than_its_share_of_the_machine(name: str) -> None:
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name]["cpus"]


def test_backups_have_a_place_that_outlives_the_container() -> None:
    where = "/var/backups/leadloop"

    assert f"backups:{where}" in SERVICES["leadloop"]["volumes"]
    assert where in DOCKERFILE


def test_the_image_is_run_by_number_and_made_of_fixed_versions() -> None:
    assert "USER 10001:10001\n" in DOCKERFILE
    bases = re.findall(r"^ARG (?:PYTHON|POSTGRES)=(\S+)", DOCKERFILE, re.MULTILINE)
    others = [service["image"] for service in SERVICES.values() if "build" not in service]
    assert len(bases) == 2
    assert all(re.search(r":\d+\.\d+(\.\d+)?", image) for image in [*bases, *others])


def test_the_image_has_the_programs_of_a_backup_as_new_as_the_server() -> None:
    server = re.search(r"postgres:(\d+)", SERVICES["postgres"]["image"])
    client = re.search(r"postgresql-client-(\d+)", DOCKERFILE)

    assert server
    assert client
    assert int(client[1]) >= int(server[1])


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_is_given_its_own_key_and_the_public_ones(program: Any) -> None:
    service = SERVICES[program.name]
    keys = Path("/var/lib/leadloop/keys")

    assert set(service["volumes"]) == {
        f"keys-public:{keys / 'public'}:ro",
        f"keys-{program.service}:{keys / program.service}:ro",
    }
    assert service["environment"]["SERVICE_KEY_FILE"] == str(private_key(keys, program.service))
    for name in ("AUTH_JWKS_URL", "SERVICE_JWKS_URL"):
        assert str(keys / "public") in service["environment"][name]


def test_the_setup_writes_every_key_into_a_volume_of_its_own() -> None:
    given = dict(volume.split(":", 1) for volume in SERVICES["setup"]["volumes"])

    assert given == {f"keys-{name}": f"/var/lib/leadloop/keys/{name}" for name in ("public", PEOPLE, *NAMES)}
    for folder in given.values():
        assert folder in DOCKERFILE, (
            "a new volume is root's, where the image has no folder of its user for it"
        )
