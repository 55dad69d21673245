"""A broker that is busy for a moment is asked again; any other trouble is told at once."""

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, NodeNotReadyError

from deploy.ops.reconcile import topics


class Broker:
    """Answers after some refusals."""

    def __init__(self, *refusals: type[KafkaError]) -> None:
        self.refusals = list(refusals)

    async def ask(self) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        return "answer"


async def test_a_busy_broker_is_asked_again() -> None:
    assert (
        await topics._patiently(Broker(NodeNotReadyError, GroupCoordinatorNotAvailableError).ask) == "answer"
    )


async def test_other_trouble_is_told_at_once() -> None:
    broker = Broker(KafkaError, KafkaError)

    with pytest.raises(KafkaError):
        await topics._patiently(broker.ask)
    assert len(broker.refusals) == 1


async def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "PATIENCE", 0)

    with pytest.raises(NodeNotReadyError):
        await topics._patiently(Broker(*[NodeNotReadyError] * 3).ask)
