"""The marketing worker's intake by itself: `python -m benchmarks.subjects.intake FIRST`, with DATABASE_URL.

Turns waiting deliveries into submissions, contacts, touches and leads until none is left; prints how long
that took once the first FIRST of them were done.
"""

import asyncio
import json
import os
import sys
import time

from services.marketing.capture.submissions.jobs import process_deliveries
from shared.database.sessions import create_engine, create_sessions
from shared.observability import collector, logs


async def take_all(first: int) -> dict[str, float]:
    engine = create_engine(os.environ["DATABASE_URL"], application="leadloop-bench")
    sessions = create_sessions(engine)
    done = 0
    while done < first:
        done += await process_deliveries(sessions)
    began, used = time.perf_counter(), time.process_time()
    while await process_deliveries(sessions):
        pass
    found = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used}
    await engine.dispose()
    return found


def main() -> None:
    logs.configure(service="marketing", program="bench", level="WARNING")
    collector.leave_alone_what_is_loaded()  # as the worker does
    print(json.dumps(asyncio.run(take_all(int(sys.argv[1])))))


if __name__ == "__main__":
    main()
