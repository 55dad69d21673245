"""The worker of sales, relay and consumer: `python -m services.sales.worker`."""

import uvloop

from services.sales.settings import Settings
from services.sales.subscriptions import subscriptions
from shared.worker.run import Worker, run


def main() -> None:
    uvloop.run(run(Worker(Settings(), subscriptions)))


if __name__ == "__main__":
    main()
