"""What `make status` shows: a row for each process, and what waits to be sent or read."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from deploy.local.servers.ports import is_taken
from deploy.local.stack.environment import Environment
from deploy.local.stack.health import readiness
from deploy.local.stack.layout import PROGRAMS, Layout
from deploy.local.stack.ownership import restarts
from deploy.local.stack.supervision import Supervised, Supervisor


@dataclass(frozen=True)
class Row:
    """One process. Memory is its proportional share (PSS) with its children's, in bytes, if known."""

    name: str
    pid: int | None
    health: str
    memory: int | None
    restarts: int
    seconds: int


def rows(layout: Layout, supervisor: Supervisor, environment: Environment) -> list[Row]:
    """Every process of the running stack, supervisord last."""
    health = _health(environment)
    counted = restarts(layout)
    found = [_row(process, health, counted) for process in supervisor.processes()]
    pid = supervisor.pid()
    own = Row("supervisord", pid, "running", memory(pid, alone=True), 0, _age(pid))
    return [*sorted(found, key=lambda row: _place(row.name)), own]


def memory(pid: int, *, alone: bool = False) -> int | None:
    """Proportional set size of a process and its children: shared pages are counted once over all of them."""
    try:
        process = psutil.Process(pid)
        family = [process] if alone else [process, *process.children(recursive=True)]
        return sum(_share(member) for member in family)
    except psutil.Error:
        return None


def _share(process: psutil.Process) -> int:
    try:
        figures = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(figures, "pss", 0) or figures.uss)


def _row(process: Supervised, health: Mapping[str, str], counted: Mapping[str, int]) -> Row:
    up = process.state in {"RUNNING", "STARTING"} and process.pid > 0
    return Row(
        name=process.name,
        pid=process.pid or None,
        health=health.get(process.name, "?") if up else process.state.lower(),
        memory=memory(process.pid) if up else None,
        restarts=counted.get(process.name, 0),
        seconds=int(time.time()) - process.since if up else 0,
    )


def _health(environment: Environment) -> dict[str, str]:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda program: readiness(environment, program), PROGRAMS))
    found = {program.name: answer for program, answer in zip(PROGRAMS, answers, strict=True)}
    for name, own in (("postgres", environment.own_postgres), ("kafka", environment.own_kafka)):
        if own:
            found[name] = "ready" if is_taken(environment.port(f"{name.upper()}_PORT")) else "no answer"
    return found


def _age(pid: int) -> int:
    return int(time.time() - psutil.Process(pid).create_time())


def _place(name: str) -> int:
    order = ["postgres", "kafka", *(program.name for program in PROGRAMS)]
    return order.index(name) if name in order else len(order)
