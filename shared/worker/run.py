"""A service's worker process: relay, consumer and timers side by side, with a health page of their own."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from shared.database import schema_state
from shared.database.failures import NOT_REACHABLE
from shared.database.notify import OUTBOX_CHANNEL, Wakeup, listen
from shared.database.safety import UnsafeServerError, check_database
from shared.database.sessions import Sessions, create_engine, create_sessions
from shared.messaging import topics
from shared.messaging.backlog import PLUMBING, Queue
from shared.messaging.consumer import STUCK_AFTER, Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.producer import BrokerError
from shared.messaging.relay import Relay
from shared.messaging.subscriptions import Subscriptions
from shared.messaging.watchdog import Watchdog
from shared.observability import collector, logs, metrics
from shared.settings import CommonSettings
from shared.worker import retention
from shared.worker.health import Health, serve
from shared.worker.retention import Kept
from shared.worker.timers import Timer, tick
from shared.worker.upkeep import MEASURE_EVERY, UPKEEP_EVERY, Measure, Upkeep

STOP_WITHIN = 20.0

log = get_logger()


@dataclass(slots=True)
class Worker:
    """Everything a service does besides answering HTTP."""

    settings: CommonSettings
    subscriptions: Subscriptions
    timers: Sequence[Timer] = ()
    queues: Sequence[Queue] = ()  # what can wait in it, besides events
    kept: Sequence[Kept] = ()  # what goes in it when its days are over, besides the plumbing's
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return f"{self.settings.service}-worker"


async def run(worker: Worker) -> None:
    """Run until SIGTERM or SIGINT. Raises UnsafeServerError before any work when a server is unsafe."""
    settings = worker.settings
    logs.configure(service=settings.service, program="worker", level=settings.log_level)
    collector.leave_alone_what_is_loaded()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stopping.set)

    relay = Relay(
        settings.database_url, settings.kafka_bootstrap, prefix=settings.topic_prefix, name=worker.name
    )
    engine = create_engine(settings.database_url, pool_size=settings.database_pool, application=worker.name)
    sessions = create_sessions(engine, announce=relay.wakeup.ring)
    metrics.watch_pool(engine)
    health = Health(engine, settings.migrations)
    server = await serve(health, settings.host, settings.worker_port)
    try:
        if await _servers_are_ready(worker, engine):
            await _work(worker, relay, sessions, health)
    finally:
        await engine.dispose()
        server.close()
        log.info("worker_stopped")


async def _servers_are_ready(worker: Worker, engine: AsyncEngine) -> bool:
    """Wait until both servers answer and the schema is there; False when asked to stop meanwhile.

    On an older schema there is no work: a consumer that joined its group would take partitions from those
    that can handle them, and park events that are fine.
    """
    settings = worker.settings
    while not worker.stopping.is_set():
        try:
            await check_database(engine)
            async with engine.connect() as connection:
                current = await schema_state.state(connection, settings.migrations) == "current"
            heard = sorted(worker.subscriptions.topics)
            await topics.check(settings.kafka_bootstrap, heard, prefix=settings.topic_prefix)
        except UnsafeServerError:
            raise
        except (BrokerError, *NOT_REACHABLE) as error:
            log.warning("servers_not_reachable", error_type=type(error).__name__)
        else:
            if current:
                return True
            log.warning("migrations_missing", reason="run `leadloop migrate`")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker.stopping.wait(), 1)
    return False


async def _work(worker: Worker, relay: Relay, sessions: Sessions, health: Health) -> None:
    settings = worker.settings
    consumer = Consumer(
        Delivery(worker.subscriptions, sessions),
        sorted(worker.subscriptions.topics),
        bootstrap=settings.kafka_bootstrap,
        group=worker.subscriptions.group,
        prefix=settings.topic_prefix,
        session_seconds=settings.consumer_session_seconds,
    )
    measure = Measure((*PLUMBING, *worker.queues), worker.subscriptions.group, consumer)
    health.consumer = consumer
    health.details = lambda: {"pool": metrics.pool_of(health.engine), **measure.found}
    watchdog = Watchdog(
        "consumer", lambda: consumer.alive_at, patience=STUCK_AFTER, bootstrap=settings.kafka_bootstrap
    )
    watchdog.start()
    bells = {timer.wake_channel: Wakeup() for timer in worker.timers if timer.wake_channel}
    timers = [
        *worker.timers,
        Timer("upkeep", Upkeep(settings, (*retention.PLUMBING, *worker.kept)).keep_up, every=UPKEEP_EVERY),
        Timer("measure", measure.look, every=MEASURE_EVERY),
    ]
    loops = [
        relay.run(worker.stopping),
        _consume(consumer, worker.stopping),
        *(tick(timer, sessions, bells.get(timer.wake_channel or ""), worker.stopping) for timer in timers),
    ]
    listening = asyncio.create_task(
        listen(
            settings.database_url,
            {OUTBOX_CHANNEL: relay.wakeup, **bells},
            application=f"{worker.name}-listen",
        )
    )
    running = [asyncio.create_task(loop) for loop in loops]
    log.info("worker_started")
    stopped = asyncio.create_task(worker.stopping.wait())
    try:
        await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
    finally:
        worker.stopping.set()
        health.stopping = True
        for bell in (relay.wakeup, *bells.values()):
            bell.ring()
        done, late = await asyncio.wait(running, timeout=STOP_WITHIN)
        for task in [*late, listening, stopped]:
            task.cancel()
        watchdog.stop()
    for task in done:
        task.result()


async def _consume(consumer: Consumer, stopping: asyncio.Event) -> None:
    """A consumer that fails is replaced by a new one: aiokafka's clients don't mend themselves."""
    while not stopping.is_set():
        try:
            await consumer.run(stopping)
        except (BrokerError, OSError, TimeoutError) as error:
            log.warning("consumer_interrupted", error_type=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 1)
