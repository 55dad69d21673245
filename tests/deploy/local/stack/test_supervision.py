"""Processes come back after a crash, and none is left after a stop."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.servers.ports import wait_until
from deploy.local.servers.processes import Program
from deploy.local.stack import ownership
from deploy.local.stack.layout import Layout
from deploy.local.stack.supervision import SERVERS, SERVICES, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(1000)"]


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setenv("SALES_DATABASE_URL", "postgresql://sales:password@127.0.0.1/sales")
    layout = Layout(tmp_path)
    supervisor = Supervisor(layout)
    supervisor.start(
        {
            SERVERS: [Program("server", SLEEP, layout.home / "server.log")],
            SERVICES: [
                Program(
                    "service", SLEEP, layout.home / "service.log", environment={"RATE": "5%", "WORD": "it's"}
                )
            ],
        }
    )
    supervisor.start_group(SERVICES)
    yield supervisor
    if supervisor.is_running():
        supervisor.stop()
    ownership.end(ownership.leftovers(layout), seconds=5)


def pid_of(supervisor: Supervisor, name: str) -> int:
    found = next(process for process in supervisor.processes() if process.name == name)
    return found.pid if found.state in {"RUNNING", "STARTING"} else 0


def test_a_killed_process_is_started_again_and_counted(supervisor: Supervisor) -> None:
    first = pid_of(supervisor, "service")

    psutil.Process(first).kill()

    wait_until(lambda: pid_of(supervisor, "service") not in {0, first}, seconds=15, what="the restart")
    assert ownership.restarts(supervisor.layout) == {"server": 0, "service": 1}


def test_a_process_gets_its_own_settings_and_no_credentials_of_the_shell(supervisor: Supervisor) -> None:
    process = psutil.Process(pid_of(supervisor, "service"))
    # For a moment after its fork it still has supervisord's own environment.
    wait_until(lambda: "RATE" in process.environ(), seconds=15, what="the service's own environment")
    environment = process.environ()

    assert environment["RATE"] == "5%"
    assert environment["WORD"] == "it's"
    assert "SALES_DATABASE_URL" not in environment


def test_a_stop_leaves_nothing(supervisor: Supervisor) -> None:
    everything = [psutil.Process(pid) for pid in (supervisor.pid(), pid_of(supervisor, "server"))]
    everything.append(psutil.Process(pid_of(supervisor, "service")))

    supervisor.stop()

    wait_until(lambda: not any(map(psutil.Process.is_running, everything)), seconds=10, what="the end of all")
    assert not supervisor.is_running()


def test_what_a_dead_supervisor_leaves_behind_is_known_and_ended(supervisor: Supervisor) -> None:
    psutil.Process(supervisor.pid()).kill()
    wait_until(lambda: not supervisor.is_running(), seconds=10, what="the end of supervisord")

    left = ownership.leftovers(supervisor.layout)
    assert len(left) == 2
    assert os.getpid() not in {process.pid for process in left}

    ownership.end(left, seconds=5)
    assert ownership.leftovers(supervisor.layout) == []


def test_a_folder_too_deep_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    deep = Supervisor(Layout(tmp_path / ("x" * 100)))

    assert len(str(deep.socket)) < 90
    deep.socket.parent.rmdir()
