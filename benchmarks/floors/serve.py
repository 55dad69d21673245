"""Serves a floor's app as our services are served: `python -m benchmarks.floors.serve module:app PORT`."""

import sys
from importlib import import_module

import uvicorn


def main() -> None:
    name, port = sys.argv[1:]
    module, _, attribute = name.partition(":")
    config = uvicorn.Config(
        getattr(import_module(module), attribute),
        host="127.0.0.1",
        port=int(port),
        http="httptools",
        ws="none",
        loop="uvloop",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=1024,
        timeout_keep_alive=75,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
