"""Addresses are decided before a start: what is asked for, what was there last time, what is free."""

import json
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from deploy.local.servers.ports import free_port
from deploy.local.stack import environment as environments
from deploy.local.stack.environment import program_environment, settle
from deploy.local.stack.layout import Layout, StackError
from shared.services import SERVICES


@pytest.fixture
def place(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
def ports() -> dict[str, str]:
    return {name: str(free_port()) for name in environments.FIRST_PORTS}


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def test_a_taken_port_is_named_with_how_to_choose_another(
    place: Layout, ports: dict[str, str], taken: str
) -> None:
    with pytest.raises(
        StackError, match=rf"Port {taken}, where handoff is to listen.*\n.*make up HANDOFF_PORT="
    ):
        settle(place, {**ports, "HANDOFF_PORT": taken})


def test_a_start_keeps_what_the_last_one_chose(place: Layout, ports: dict[str, str]) -> None:
    first = settle(place, ports)
    environments.write(place, first)

    second = settle(place, {})

    changing = {"ADMIN_TOKEN"}
    assert {k: v for k, v in second.values.items() if k not in changing} == {
        k: v for k, v in first.values.items() if k not in changing
    }


def test_a_shell_that_has_read_the_env_file_still_means_our_own_servers(
    place: Layout, ports: dict[str, str]
) -> None:
    first = settle(place, ports)
    environments.write(place, first)

    second = settle(place, dict(first.values))

    assert second.own_postgres
    assert second.own_kafka


def test_addresses_of_existing_servers_are_used(place: Layout, ports: dict[str, str]) -> None:
    urls = {f"{name.upper()}_DATABASE_URL": f"postgresql://{name}@db.example/{name}" for name in SERVICES}

    found = settle(place, {**ports, **urls, "KAFKA_BOOTSTRAP": "kafka.example:9092"})

    assert not found.own_postgres
    assert not found.own_kafka
    assert found.database_url("sales") == "postgresql://sales@db.example/sales"


def test_how_an_existing_kafka_is_spoken_to_is_kept_with_its_address(
    place: Layout, ports: dict[str, str]
) -> None:
    spoken = {
        "KAFKA_BOOTSTRAP": "kafka.example.com:9093",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": "leadloop",
        "KAFKA_SASL_PASSWORD": "s3cret",
    }
    environments.write(place, settle(place, ports | spoken))
    again = settle(place, ports)
    elsewhere = settle(place, ports | {"KAFKA_BOOTSTRAP": "127.0.0.1:9"})

    assert {name: again.values[name] for name in spoken} == spoken
    assert again.kafka.kafka_sasl_password.get_secret_value() == "s3cret"
    assert "KAFKA_SASL_PASSWORD" not in elsewhere.values


def test_one_existing_database_of_three_is_a_mistake(place: Layout, ports: dict[str, str]) -> None:
    with pytest.raises(StackError, match="Set HANDOFF_DATABASE_URL, SALES_DATABASE_URL too"):
        settle(place, {**ports, "MARKETING_DATABASE_URL": "postgresql://m@db.example/m"})


def test_the_env_file_is_for_its_owner_and_for_shells(place: Layout, ports: dict[str, str]) -> None:
    environment = settle(place, ports)
    environments.write(place, environment)

    shell = 'set -a; . "$1"; printf %s "$SALES_URL $KAFKA_BOOTSTRAP $TOPIC_PREFIX"'
    said = subprocess.run(
        ["sh", "-c", shell, "sh", str(place.env)], capture_output=True, text=True, check=True
    )

    assert said.stdout == f"http://127.0.0.1:{ports['SALES_PORT']} {environment.values['KAFKA_BOOTSTRAP']} "
    assert stat.S_IMODE(place.env.stat().st_mode) == 0o600


def test_a_program_gets_no_other_services_secrets(place: Layout, ports: dict[str, str]) -> None:
    environment = settle(place, ports)

    sales = program_environment(place, environment, "sales")

    assert sales["SALES_DATABASE_URL"] == environment.database_url("sales")
    assert sales["PORT"] == ports["SALES_PORT"]
    for name in ("MARKETING_DATABASE_URL", "HANDOFF_DATABASE_URL", "ADMIN_TOKEN", "SECRETS_KEY"):
        assert name not in sales
        assert environment.values[name] not in sales.values()


def test_the_admin_token_is_signed_with_the_people_key(place: Layout, ports: dict[str, str]) -> None:
    environment = settle(place, ports)
    keys = json.loads((place.keys / "public" / "people.jwks.json").read_text())["keys"]
    assert "d" not in keys[0]  # the published set is public

    claims = jwt.decode(
        environment.values["ADMIN_TOKEN"],
        jwt.PyJWK(keys[0], algorithm="EdDSA").key,
        algorithms=["EdDSA"],
        audience=environment.values["AUTH_AUDIENCE"],
        issuer=environment.values["AUTH_ISSUER"],
    )

    assert claims["roles"] == ["admin"]
