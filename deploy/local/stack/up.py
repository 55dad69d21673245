"""`make up`: servers first, both at once; then schemas and topics; then the services, until all are ready."""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from deploy.local.servers.kafka import Kafka
from deploy.local.servers.postgres import Postgres
from deploy.local.servers.processes import Program, tail
from deploy.local.stack import environment as environments
from deploy.local.stack import ownership
from deploy.local.stack.environment import Environment, program_environment
from deploy.local.stack.health import readiness
from deploy.local.stack.layout import PROGRAMS, Layout, ServiceProgram, StackError
from deploy.local.stack.supervision import SERVERS, Supervisor
from deploy.local.stack.supervision import SERVICES as SERVICE_GROUP
from shared.services import SERVICES

READY_SECONDS = 180
Say = Callable[[str], None]


def up(layout: Layout, say: Say) -> bool:
    """Bring the stack up. False when it was up already. StackError or ServerError say what is in the way."""
    layout.home.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(layout):
        supervisor = Supervisor(layout)
        if supervisor.is_running():
            return _complete(layout, supervisor, say)
        if orphans := ownership.leftovers(layout):
            say(f"ending {len(orphans)} processes of an earlier start whose supervisor is gone")
            ownership.end(orphans, seconds=10)
        environment = environments.settle(layout, os.environ)
        environments.write(layout, environment)
        _start(layout, supervisor, environment, say)
        return True


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Only one command starts or stops this stack at a time; the next one waits."""
    with layout.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(layout: Layout, supervisor: Supervisor, environment: Environment, say: Say) -> None:
    postgres = Postgres(layout.home, environment.port("POSTGRES_PORT")) if environment.own_postgres else None
    kafka = (
        Kafka(layout.home, environment.port("KAFKA_PORT"), environment.port("KAFKA_CONTROLLER_PORT"))
        if environment.own_kafka
        else None
    )
    servers = [server for server in (postgres, kafka) if server is not None]
    say("preparing PostgreSQL and Kafka")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda server: server.prepare(), servers))
        programs = {
            SERVERS: [_logged(server.program(), layout) for server in servers],
            SERVICE_GROUP: [_service(program, environment, layout) for program in PROGRAMS],
        }
        supervisor.start({group: members for group, members in programs.items() if members})
        say("starting them, migrating the databases, making the topics")
        try:
            schemas = threads.submit(_make_schemas, postgres, environment)
            topics = threads.submit(_make_topics, kafka, environment)
            schemas.result()
            topics.result()
        except BaseException:
            supervisor.stop()  # half a start would look like a whole one to the next `make up`
            raise
    say("starting the services and their workers")
    if programs[SERVICE_GROUP]:
        supervisor.start_group(SERVICE_GROUP)
    wait_until_ready(layout, supervisor, environment)


def _complete(layout: Layout, supervisor: Supervisor, say: Say) -> bool:
    """Start what has given up or was stopped; True when there was something to start."""
    environment = environments.read(layout)
    if environment is None:
        raise StackError(f"The stack runs, but {layout.env} is gone. Run `make down`, then `make up`.")
    resting = [
        process for process in supervisor.processes() if process.state in {"STOPPED", "EXITED", "FATAL"}
    ]
    for process in resting:
        say(f"starting {process.name}, which was {process.state.lower()}")
        supervisor.start_process(process)
    wait_until_ready(layout, supervisor, environment)
    return bool(resting)


def wait_until_ready(layout: Layout, supervisor: Supervisor, environment: Environment) -> None:
    """Return when every API and worker says it is ready. StackError shows the log of one that does not."""
    waiting = list(PROGRAMS)
    deadline = time.monotonic() + READY_SECONDS
    with ThreadPoolExecutor(6) as threads:
        while waiting:
            answers = list(threads.map(lambda program: readiness(environment, program), waiting))
            missing = {
                program: answer for program, answer in zip(waiting, answers, strict=True) if answer != "ready"
            }
            waiting = list(missing)
            given_up = any(process.state == "FATAL" for process in supervisor.processes())
            if waiting and (given_up or time.monotonic() > deadline):
                raise StackError(_why_not(layout, missing))
            time.sleep(0.2)  # noqa: TID251 - between two rounds of questions


def _why_not(layout: Layout, missing: Mapping[ServiceProgram, str]) -> str:
    """Each program that is not ready, with the end of the first one's log."""
    lines = [f"{program.name} did not become ready: {answer}" for program, answer in missing.items()]
    log = layout.logs / f"{next(iter(missing)).name}.log"
    return "\n".join(
        [*lines, f"The end of {log}:", tail(log, 8), "The rest stays up: make status, make down."]
    )


def _make_schemas(postgres: Postgres | None, environment: Environment) -> None:
    from services.migrate import migrate  # noqa: PLC0415 - loads SQLAlchemy while PostgreSQL starts

    if postgres is not None:
        postgres.wait_until_answering()
        for service in SERVICES:
            postgres.create_service(service, environment.database_password(service))
    asyncio.run(migrate({service: environment.database_url(service) for service in SERVICES}))


def _make_topics(kafka: Kafka | None, environment: Environment) -> None:
    from services.topics import create_topics  # noqa: PLC0415 - loads aiokafka while Kafka starts
    from shared.messaging import brokers  # noqa: PLC0415 - as above

    if kafka is not None:
        kafka.wait_until_answering()
    asyncio.run(create_topics(brokers.of(environment.kafka), environment.values["TOPIC_PREFIX"]))


def _logged(program: Program, layout: Layout) -> Program:
    return replace(program, log=layout.logs / f"{program.name}.log")


def _service(program: ServiceProgram, environment: Environment, layout: Layout) -> Program:
    return Program(
        name=program.name,
        command=program.command,
        log=layout.logs / f"{program.name}.log",
        environment=program_environment(layout, environment, program.service),
    )
