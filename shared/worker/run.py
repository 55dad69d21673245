"""A service's worker process: relay, consumer and timers side by side, with a health page of their own."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from shared.database import edge_tables
from shared.database.notify import OUTBOX_CHANNEL, Wakeup, listen
from shared.database.sessions import (
    NOT_REACHABLE,
    Sessions,
    UnsafeServerError,
    check_database,
    create_engine,
    create_sessions,
    driver,
)
from shared.messaging import outbox_partitions, topics
from shared.messaging.consumer import STUCK_AFTER, Consumer
from shared.messaging.delivery import HORIZON, Delivery
from shared.messaging.pacing import Pace
from shared.messaging.producer import BrokerError
from shared.messaging.relay import Relay
from shared.messaging.subscriptions import Subscriptions
from shared.messaging.watchdog import Watchdog
from shared.observability import logs, telemetry
from shared.settings import CommonSettings
from shared.worker.health import Health, serve

UPKEEP_EVERY = 600.0
STOP_WITHIN = 20.0

log = get_logger()
timer_items = Counter(
    "leadloop_timer_items_total", "Items a timer worked on.", ["timer"], registry=telemetry.registry
)
timer_failures = Counter(
    "leadloop_timer_failures_total", "Runs of a timer that failed.", ["timer"], registry=telemetry.registry
)
pending_events = Gauge(
    "leadloop_outbox_pending", "Events not yet acknowledged by Kafka.", registry=telemetry.registry
)


@dataclass(frozen=True, slots=True)
class Timer:
    """Work that is looked for again and again: `work` returns how many items it did.

    It is called again at its pace while it finds something, else after `every` seconds or when its
    wake-up channel is notified. It opens its own transactions; what it raises is logged and
    tried again, with a growing pause.
    """

    name: str
    work: Callable[[Sessions], Awaitable[int]]
    every: float = 1.0
    wake_channel: str | None = None


@dataclass(slots=True)
class Worker:
    """Everything a service does besides answering HTTP."""

    settings: CommonSettings
    subscriptions: Subscriptions
    timers: Sequence[Timer] = ()
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return f"{self.settings.service}-worker"


async def run(worker: Worker) -> None:
    """Run until SIGTERM or SIGINT. Raises UnsafeServerError before any work when a server is unsafe."""
    settings = worker.settings
    logs.configure(service=settings.service, program="worker", level=settings.log_level)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stopping.set)

    relay = Relay(
        settings.database_url, settings.kafka_bootstrap, prefix=settings.topic_prefix, name=worker.name
    )
    engine = create_engine(settings.database_url, pool_size=settings.database_pool, application=worker.name)
    sessions = create_sessions(engine, announce=relay.wakeup.ring)
    health = Health(engine, settings.service)
    server = await serve(health, settings.host, settings.worker_port)
    try:
        if await _servers_are_safe(worker, engine):
            await _work(worker, relay, sessions, health)
    finally:
        await engine.dispose()
        server.close()
        log.info("worker_stopped")


async def _servers_are_safe(worker: Worker, engine: AsyncEngine) -> bool:
    """Wait until both servers answer, then check their settings; False when asked to stop meanwhile."""
    settings = worker.settings
    while not worker.stopping.is_set():
        try:
            await check_database(engine)
            await topics.check(
                settings.kafka_bootstrap,
                sorted(worker.subscriptions.topics) or ["sales.rates"],
                prefix=settings.topic_prefix,
            )
        except UnsafeServerError:
            raise
        except (BrokerError, *NOT_REACHABLE) as error:
            log.warning("servers_not_reachable", error_type=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(worker.stopping.wait(), 1)
        else:
            return True
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
    health.consumer = consumer
    watchdog = Watchdog(
        "consumer", lambda: consumer.alive_at, patience=STUCK_AFTER, bootstrap=settings.kafka_bootstrap
    )
    watchdog.start()
    bells = {timer.wake_channel: Wakeup() for timer in worker.timers if timer.wake_channel}
    timers = [
        *worker.timers,
        Timer("upkeep", _keep_up, every=UPKEEP_EVERY),
        Timer("measure", _measure, every=5),
    ]
    loops = [
        relay.run(worker.stopping),
        _consume(consumer, worker.stopping),
        *(_tick(timer, sessions, bells.get(timer.wake_channel or ""), worker.stopping) for timer in timers),
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


async def _tick(timer: Timer, sessions: Sessions, bell: Wakeup | None, stopping: asyncio.Event) -> None:
    bell = bell or Wakeup()
    stop = asyncio.create_task(_ring_at_stop(bell, stopping))
    failures = done = 0
    pace = Pace()
    while not stopping.is_set():
        await pace.next_round(of=done)
        try:
            done = await timer.work(sessions)
        except Exception as error:
            failures += 1
            timer_failures.labels(timer.name).inc()
            log.warning("timer_failed", timer=timer.name, attempt=failures, exc_info=error)
            await bell.wait(min(0.2 * 2**failures, 10))
            continue
        failures = 0
        timer_items.labels(timer.name).inc(done)
        if not done:
            await bell.wait(timer.every)
    stop.cancel()


async def _ring_at_stop(bell: Wakeup, stopping: asyncio.Event) -> None:
    await stopping.wait()
    bell.ring()


async def _keep_up(sessions: Sessions) -> int:
    """Daily partitions ahead, old ones dropped; ids and answers past their time go in small bites."""
    async with sessions.begin() as session:
        await outbox_partitions.make_ahead(session)
    async with sessions.begin() as session:
        await outbox_partitions.drop_old(session)
    async with sessions.begin() as session:
        connection = await driver(session)
        gone = await connection.execute(
            "DELETE FROM inbox WHERE event_id IN "
            "(SELECT event_id FROM inbox WHERE done_at < now() - $1::interval LIMIT 5000)",
            2 * HORIZON,
        )
        answers = await edge_tables.forget_answers(session)
    return 1 if gone == "DELETE 5000" or answers == edge_tables.BITE else 0


async def _measure(sessions: Sessions) -> int:
    async with sessions.begin() as session:
        connection = await driver(session)
        pending_events.set(await connection.fetchval("SELECT count(*) FROM outbox_pending"))
    return 0
