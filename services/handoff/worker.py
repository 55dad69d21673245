"""Handoff's worker: `python -m services.handoff.worker`."""

import uvloop

from services.handoff import backlog
from services.handoff.handshake.assignments.jobs import expire_offers, offer_pool
from services.handoff.settings import Settings
from services.handoff.subscriptions import subscriptions
from shared.database.sessions import Sessions
from shared.worker.run import Worker, run
from shared.worker.timers import Timer


def create(settings: Settings) -> Worker:
    async def deadlines(sessions: Sessions) -> int:
        async with sessions.begin() as session:
            return await expire_offers(session, hop_cap=settings.offer_hops)

    async def pool(sessions: Sessions) -> int:
        async with sessions.begin() as session:
            return await offer_pool(session, hop_cap=settings.offer_hops)

    timers = [Timer("deadlines", deadlines, every=1), Timer("pool", pool, every=1)]
    return Worker(settings, subscriptions, timers, backlog.QUEUES)


def main() -> None:
    uvloop.run(run(create(Settings())))


if __name__ == "__main__":
    main()
