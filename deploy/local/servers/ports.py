"""Finding ports on the loopback address."""

import random
import socket
import time
from collections.abc import Callable

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port that nothing listens on, and that no other process is told while this one runs.

    It lies below those that systems give to outgoing connections. A UDP socket of the same number
    is the reservation: it keeps other processes from choosing the port, and nobody from listening on it.
    """
    for port in random.sample(PORTS, len(PORTS)):
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind((HOST, port))
        except OSError:
            reservation.close()
            continue
        if is_taken(port):
            reservation.close()
            continue
        reservation.detach()  # nothing closes it any more, but the end of this process
        return port
    message = f"every port from {PORTS.start} to {PORTS.stop} is taken"
    raise OSError(message)


def is_taken(port: int) -> bool:
    """True when a server that binds `port` on the loopback address would fail."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll `condition` until it holds; TimeoutError names what did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            message = f"{what} did not happen within {seconds:.0f} s"
            raise TimeoutError(message)
        time.sleep(0.05)  # noqa: TID251 - this is the one place that waits for a condition
