"""Stops servers whose owner is gone. Runs alone, with the standard library only; see processes.py.

Reads `+pid signal` and `-pid 0` lines. At the end of the input it sends each pid still watched its signal,
and SIGKILL ten seconds later. The owner forgets a pid before it can be used again, as it has not been reaped.
"""

import contextlib
import os
import signal
import sys
import time

PATIENCE_SECONDS = 10


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watched: dict[int, int] = {}
    for line in sys.stdin:
        pid, number = line[1:].split()
        if line[0] == "+":
            watched[int(pid)] = int(number)
        else:
            watched.pop(int(pid), None)
    for pid, stop_signal in watched.items():
        send(pid, stop_signal)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(alive, watched)) and time.monotonic() < deadline:
        time.sleep(0.1)  # noqa: TID251 - nothing to import the one from
    for pid in watched:
        if alive(pid):
            send(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
