"""The worker of marketing, relay, consumer and intake: `python -m services.marketing.worker`."""

import asyncio

from services.marketing.capture.front_door import CHANNEL
from services.marketing.capture.intake import take_in
from services.marketing.settings import Settings
from services.marketing.subscriptions import subscriptions
from shared.worker import Timer, Worker, run


def main() -> None:
    settings = Settings()
    timers = [Timer("intake", take_in, every=1.0, wake_channel=CHANNEL)]
    asyncio.run(run(Worker(settings, subscriptions, timers)))


if __name__ == "__main__":
    main()
