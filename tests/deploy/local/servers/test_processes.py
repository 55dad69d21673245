"""A server never outlives the program that started it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.servers import ports
from deploy.local.servers.ports import free_port, is_taken, wait_until
from deploy.local.servers.processes import Program, Running, ServerError

OWNER = """
import sys
from pathlib import Path
from deploy.local.servers.processes import Program, Running
server = Running(Program("sleeper", ["sleep", "1000"], Path(sys.argv[1])))
print(server.pid, flush=True)
sys.stdin.read()
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(99)
"""


def test_a_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "log")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        owner.kill()

    wait_until(lambda: not server.is_running(), seconds=10, what="the end of the server")


def test_what_does_not_listen_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = Running(Program("stubborn", [sys.executable, "-c", STUBBORN], log))
    wait_until(lambda: log.read_text() == "up\n", seconds=10, what="the start")

    server.stop(seconds=0.2)

    assert server.process.returncode == -signal.SIGKILL


def test_a_server_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    server = Running(Program("broken", ["sh", "-c", "echo no such setting; exit 3"], tmp_path / "log"))

    with pytest.raises(ServerError, match="broken ended at its start:\nno such setting"):
        server.wait_until_ready(lambda: False)
    server.stop()


def test_a_server_has_a_session_of_its_own(tmp_path: Path) -> None:
    server = Running(Program("sleeper", ["sleep", "1000"], tmp_path / "log"))
    try:
        assert os.getsid(server.pid) == server.pid  # Ctrl-C in our terminal is not for it
    finally:
        server.stop()


def test_a_free_port_is_not_taken() -> None:
    assert not is_taken(free_port())


def test_a_port_is_told_once_while_the_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr(ports, "PORTS", range(port, port + 1))

    with pytest.raises(OSError, match="every port"):
        free_port()


def test_a_port_is_not_told_to_another_process() -> None:
    port = free_port()
    program = (
        "from deploy.local.servers import ports; "
        f"ports.PORTS = range({port}, {port + 1}); print(ports.free_port())"
    )

    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (other.returncode, other.stdout) == (1, "")
    assert "every port" in other.stderr
