"""Runs one of our programs and ends it, as SIGKILL would, the n-th time it comes to a named point.

`python -m tests.faults.crashing POINT NTH MODULE`. The product has no hooks for this: the functions around
a point are wrapped here, in the child process, before the program starts.
"""

import os
import runpy
import signal
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

Wrapped = Callable[..., Awaitable[Any]]
Counts = Callable[[Any, tuple[Any, ...]], bool]
Point = tuple[str, str, Counts]  # module, function in it, and whether this answer to these arguments counts


def _anything(*_: Any) -> bool:
    return True


def _something(answer: Any, _: Any) -> bool:
    return bool(answer)


# After each of these functions has answered, the process ends before anything else happens.
POINTS: dict[str, Point] = {
    # The relay: rows are fetched and their topic's partitions known, nothing is sent.
    "relay.fetched": ("shared.messaging.producer", "Producer._size", _something),
    # The relay: Kafka has acknowledged, the rows are still pending.
    "relay.sent": ("shared.messaging.producer", "Producer.send", lambda sent, _: bool(sent.acknowledged)),
    # The consumer: event ids are claimed, effects are not yet committed.
    "consumer.in_transaction": ("shared.messaging.inbox", "claim", _something),
    # The consumer: the database has committed, Kafka does not know it.
    "consumer.committed": (
        "shared.messaging.delivery",
        "Delivery.apply",
        lambda result, _: result.handled > 0,
    ),
    # The intake: leads and their events are written, not yet committed.
    "intake.in_transaction": (
        "services.marketing.capture.submissions.jobs",
        "process_submissions",
        _anything,
    ),
    # The front door: deliveries are committed, nobody has been answered.
    "door.committed": ("services.marketing.capture.deliveries.group_commit", "store", _something),
    # Every other route: the effect and the stored answer are committed, nobody has been answered.
    "route.committed": (
        "shared.http.transactions",
        "RequestTransaction.commit",
        lambda _, own: not own[0].reading,
    ),
}


def arm(point: str, nth: int) -> None:
    """Wrap the function of this point."""
    module, path, counts = POINTS[point]
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    original: Wrapped = getattr(owner, name)
    passed = 0

    async def wrapped(*arguments: Any, **more: Any) -> Any:
        nonlocal passed
        answer = await original(*arguments, **more)
        passed += counts(answer, arguments)
        if passed >= nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, wrapped)


def main() -> None:
    _, point, nth, module = sys.argv
    arm(point, int(nth))
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
