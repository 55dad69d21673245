"""The worker of marketing, relay, consumer and intake: `python -m services.marketing.worker`."""

from functools import partial

import uvloop

from services.marketing import backlog
from services.marketing.acquisition.channels.rules import OWN_DOMAINS
from services.marketing.capture.connectors.registry import open_clients
from services.marketing.capture.connectors.web_form.client import open_challenges
from services.marketing.capture.deliveries.group_commit import CHANNEL
from services.marketing.capture.form_health.jobs import look_at_forms
from services.marketing.capture.retention.jobs import KEPT
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.rules import OUR_ORIGINS, origin_of
from services.marketing.capture.submissions.alarm_job import tell_desk
from services.marketing.capture.submissions.fetch_job import DetailsFetcher
from services.marketing.capture.submissions.jobs import process_with_care, read_deliveries
from services.marketing.funnel.leads.jobs import claim_earlier_touches
from services.marketing.settings import Settings
from services.marketing.subscriptions import subscriptions
from shared.worker.run import Worker, run
from shared.worker.timers import Timer


def main() -> None:
    uvloop.run(work(Settings()))


async def work(settings: Settings) -> None:
    """Until it is told to stop."""
    OWN_DOMAINS.update(settings.own_sites)
    OUR_ORIGINS.add(origin_of(settings.public_address))
    sealer = Sealer(*settings.keys_of_secrets())
    async with open_clients(settings, sealer) as clients, open_challenges(settings) as challenges:
        details = DetailsFetcher(clients)
        fresh = partial(read_deliveries, verify=challenges.verify)
        careful = partial(process_with_care, verify=challenges.verify)
        timers = [
            Timer("intake", fresh, every=1.0, wake_channel=CHANNEL),
            Timer("careful_intake", careful, every=0.5),
            Timer("desk", tell_desk, every=10.0),
            Timer("fetch", details.fetch, every=0.5),
            Timer("claims", claim_earlier_touches, every=30.0),
            Timer("form_health", look_at_forms, every=60.0),
        ]
        await run(Worker(settings, subscriptions, timers, backlog.QUEUES, KEPT))


if __name__ == "__main__":
    main()
