"""Which processes on this machine belong to the stack, and how to end them. Never by their names."""

import signal
from collections.abc import Sequence

import psutil

from deploy.local.stack.layout import Layout

MARK = "LEADLOOP_STACK"  # in the environment of every process of the stack


def leftovers(layout: Layout) -> list[psutil.Process]:
    """Processes of the stack's last start that still run, known by the random mark they carry."""
    if not layout.mark.exists():
        return []
    mark = layout.mark.read_text()
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # not ours to read, so not ours
    return found


def end(processes: Sequence[psutil.Process], *, seconds: float) -> None:
    """Ask each to stop, and kill what is still there after `seconds`."""
    for process in processes:
        # SIGTERM would make PostgreSQL wait for its clients; SIGINT ends their sessions.
        _signal(process, signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, stubborn = psutil.wait_procs(processes, timeout=seconds)
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=5)


def restarts(layout: Layout) -> dict[str, int]:
    """How often each process was started again since the stack came up."""
    counted: dict[str, int] = {}
    if layout.supervisor_log.exists():
        for line in layout.supervisor_log.read_text(errors="replace").splitlines():
            _, spawned, rest = line.partition(" INFO spawned: '")
            if spawned:
                name = rest.partition("'")[0]
                counted[name] = counted.get(name, -1) + 1
    return counted


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
