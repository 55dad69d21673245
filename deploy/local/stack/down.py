"""`make down` keeps the data, `make reset` drops them. Neither leaves a process."""

import shutil
import time
from collections.abc import Callable

import psutil

from deploy.local.servers.postgres import Postgres
from deploy.local.stack import environment as environments
from deploy.local.stack import ownership
from deploy.local.stack.layout import Layout
from deploy.local.stack.supervision import Supervisor
from deploy.local.stack.up import one_at_a_time

OURS = ("kafka", "keys", "logs")


def down(layout: Layout) -> bool:
    """Stop everything and keep the data. False when nothing ran."""
    if not layout.home.exists():
        return False
    with one_at_a_time(layout):
        return _stop(layout)


def reset(layout: Layout, say: Callable[[str], None]) -> None:
    """Stop everything and delete what the stack has made. Servers of yours are left as they are."""
    if not layout.home.exists():
        return
    with one_at_a_time(layout):
        _stop(layout)
        environment = environments.read(layout)
        if environment is not None and not (environment.own_postgres and environment.own_kafka):
            say("the servers named in the environment keep their data: only what lay here is deleted")
        Postgres(layout.home).data_dirs.remove()
        for name in OURS:
            shutil.rmtree(layout.home / name, ignore_errors=True)
        for path in layout.home.iterdir():
            if not path.is_dir() and path != layout.lock:
                path.unlink()


def _stop(layout: Layout) -> bool:
    supervisor = Supervisor(layout)
    runs = supervisor.is_running()
    if runs:
        supervisor_process = psutil.Process(supervisor.pid())
        supervisor.stop()
        deadline = time.monotonic() + 5
        while supervisor_process.is_running() and time.monotonic() < deadline:
            time.sleep(0.05)  # noqa: TID251 - it is no child of ours to wait for
    orphans = ownership.leftovers(layout)
    ownership.end(orphans, seconds=10)
    return runs or bool(orphans)
