"""How the producer sends."""

from shared.messaging.producer import Producer


async def test_the_producer_waits_for_every_replica_and_numbers_its_batches(kafka_bootstrap: str) -> None:
    producer = Producer(kafka_bootstrap)
    await producer.open()
    try:
        sender = producer._client._sender  # type: ignore[union-attr]
        # With one broker a weaker setting looks alike until the day it loses: so the setting is looked at.
        assert sender._acks == -1
        assert sender._txn_manager is not None
    finally:
        await producer.close()
