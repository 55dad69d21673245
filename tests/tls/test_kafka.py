"""Every client of Kafka goes over TLS and signs on as the settings say, or not at all."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from deploy.ops.addresses import Addresses
from deploy.ops.reconcile.servers import UnreachableError
from deploy.ops.reconcile.topics import TopicLog
from services.topics import permissions_of_operator, permissions_of_worker, topic_names
from shared import clock
from shared.kafka_settings import KafkaSettings
from shared.messaging import brokers, topics
from shared.messaging.brokers import Brokers
from shared.messaging.producer import Producer, broker_answers
from tests.support.loop import until
from tests.support.secure_servers import SecureKafka, allow
from tests.tls.conftest import KEY_PASSWORD, PASSWORD, Papers

Given = dict[str, Any]


def user(kafka: SecureKafka, papers: Papers, mechanism: str = "SCRAM-SHA-512") -> Given:
    return {
        "kafka_bootstrap": kafka.for_users,
        "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": mechanism,
        "kafka_sasl_username": "marketing",
        "kafka_sasl_password": PASSWORD,
        "kafka_ssl_ca_file": papers.authority.ca,
    }


def certified(kafka: SecureKafka, papers: Papers) -> Given:
    return {
        "kafka_bootstrap": kafka.for_certificates,
        "kafka_security_protocol": "SSL",
        "kafka_ssl_ca_file": papers.authority.ca,
        "kafka_ssl_cert_file": papers.client.cert,
        "kafka_ssl_key_file": papers.client.key,
        "kafka_ssl_key_password": KEY_PASSWORD,
    }


def by_address(kafka: SecureKafka) -> Given:
    return {"kafka_bootstrap": f"127.0.0.1:{kafka.users_port}"}


RIGHT: dict[str, Callable[[SecureKafka, Papers], Given]] = {
    "a password in the clear, inside TLS": lambda kafka, papers: user(kafka, papers, "PLAIN"),
    "SCRAM-SHA-256": lambda kafka, papers: user(kafka, papers, "SCRAM-SHA-256"),
    "SCRAM-SHA-512": user,
    "a certificate": certified,
    "another name of the host, where the setting allows it": lambda kafka, papers: (
        user(kafka, papers) | by_address(kafka) | {"kafka_ssl_check_hostname": False}
    ),
}
WITHOUT = {"kafka_sasl_mechanism": None, "kafka_sasl_username": "", "kafka_sasl_password": ""}
WRONG: dict[str, tuple[Callable[[SecureKafka, Papers], Given], str]] = {
    "an authority of strangers": (
        lambda kafka, papers: user(kafka, papers) | {"kafka_ssl_ca_file": papers.stranger.ca},
        "its certificate is refused: unable to get local issuer certificate",
    ),
    "another name of the host": (
        lambda kafka, papers: user(kafka, papers) | by_address(kafka),
        "its certificate is refused: IP address mismatch",
    ),
    "no TLS": (
        lambda kafka, papers: {"kafka_bootstrap": kafka.for_users},
        "does it take TLS or sign-on only (KAFKA_SECURITY_PROTOCOL)?",
    ),
    "a wrong password": (
        lambda kafka, papers: user(kafka, papers) | {"kafka_sasl_password": "guessed"},
        "Authentication failed",
    ),
    "no certificate": (
        lambda kafka, papers: (
            certified(kafka, papers) | {"kafka_ssl_cert_file": None, "kafka_ssl_key_file": None}
        ),
        "localhost",
    ),
    "TLS where there is none": (
        lambda kafka, papers: user(kafka, papers) | {"kafka_bootstrap": kafka.bootstrap},
        "TLS failed",
    ),
}


def spoken(given: Given) -> Brokers:
    return brokers.of(KafkaSettings(**given))


@pytest.fixture(scope="module", autouse=True)
async def rights(kafka: SecureKafka) -> None:
    await topics.create(kafka.bootstrap, topic_names())
    await allow(kafka.bootstrap, "marketing", permissions_of_worker("marketing"))
    await allow(kafka.bootstrap, "operator", permissions_of_operator())

    async def coordinated() -> object:
        return await topics.lags(kafka.bootstrap, ["marketing"])

    await until(coordinated, "a new server has somebody who looks after groups")


@pytest.mark.parametrize("settings", RIGHT.values(), ids=RIGHT)
async def test_every_client_gets_through(
    settings: Callable[[SecureKafka, Papers], Given], kafka: SecureKafka, papers: Papers
) -> None:
    where = spoken(settings(kafka, papers))

    assert await broker_answers(where)
    assert await brokers.reason(where) is None
    await topics.check(where, ["sales.deals"])
    assert await topics.lags(where, ["marketing"], patience=20) == {"marketing": 0}
    producer = Producer(where)
    await producer.open()
    await producer.close()


@pytest.mark.parametrize(("settings", "reason"), WRONG.values(), ids=WRONG)
async def test_no_client_gets_through(
    settings: Callable[[SecureKafka, Papers], Given], reason: str, kafka: SecureKafka, papers: Papers
) -> None:
    where = spoken(settings(kafka, papers))

    assert not await broker_answers(where)
    assert await topics.lags(where, ["marketing"], patience=5) is None
    with pytest.raises((KafkaError, OSError)):
        await Producer(where).open()
    with pytest.raises(KafkaError) as refusal:
        async with topics.admin(where, patience=0):
            pass
    assert reason in str(refusal.value)
    with pytest.raises(UnreachableError) as unreachable:
        async with TopicLog.opened(Addresses({}, where)):
            pass
    assert reason in str(unreachable.value)


async def test_who_has_no_right_to_a_topic_can_not_send_to_it(kafka: SecureKafka, papers: Papers) -> None:
    sent = await _send(spoken(user(kafka, papers)), "marketing.leads", "sales.deals")

    assert sent == {"marketing.leads": True, "sales.deals": False}


async def _send(where: Brokers, *names: str) -> dict[str, bool]:
    producer = Producer(where)
    await producer.open()
    rows = [
        {
            "id": number, "topic": name, "key": "k", "data": b"{}", "event_id": clock.new_id(), "version": 1,
            "type": "leadloop.marketing.made_up.v1", "created_at": clock.now(), "traceparent": None,
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    try:
        answer = await producer.send(rows, at_most=Counter())
    finally:
        await producer.close()
    return {name: number in answer.acknowledged for number, name in enumerate(names)}
