"""Runs a service: one process, uvloop and httptools, and a stop that loses nobody.

SIGTERM: `/readyz` says 503 at once, so that balancers look elsewhere; the doors stay open for
`stop_delay_seconds`; then no new connections, and what is being answered may take 20 seconds.
"""

import asyncio
import signal
import socket
from types import FrameType

import structlog
import uvicorn

from shared.http.receive_deadline import DeadlineProtocol
from shared.http.service import Service
from shared.observability import collector, logs
from shared.settings import CommonSettings

FINISH_SECONDS = 20
KEEP_ALIVE_SECONDS = 75  # longer than the usual 60 s of a proxy, which should be the one to close

log = structlog.get_logger()


class _Server(uvicorn.Server):
    """uvicorn's server with a delay between the signal and the closing of the door, and exit code 0."""

    def __init__(self, config: uvicorn.Config, app: Service, delay: float) -> None:
        super().__init__(config)
        self._app = app
        self._delay = delay
        self._asked = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._asked or sig == signal.SIGINT or self._loop is None:
            self.should_exit = True  # asked again, or by a person at the keyboard: don't wait
            return
        self._asked = True
        self._app.state.health.stopping = True
        self._loop.call_soon_threadsafe(self._close_later)

    def _close_later(self) -> None:
        log.info("stopping", delay=self._delay)
        asyncio.get_running_loop().call_later(self._delay, self._close)

    def _close(self) -> None:
        self.should_exit = True


def server_of(app: Service, settings: CommonSettings) -> uvicorn.Server:
    """The server of an app, not yet running; `serve` runs it."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=DeadlineProtocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=1024,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    return _Server(config, app, settings.stop_delay_seconds)


def serve(app: Service, settings: CommonSettings) -> None:
    """Answer requests until SIGTERM or SIGINT. Raises SystemExit(1) when the start fails."""
    logs.configure(service=settings.service, program="api", level=settings.log_level)
    server = server_of(app, settings)
    collector.leave_alone_what_is_loaded()
    server.run()
    if not server.started:
        raise SystemExit(1)
