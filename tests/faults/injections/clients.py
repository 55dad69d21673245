"""Too many clients, and clients that leave in the middle: the others are served, and nothing is forgotten."""

import asyncio
import contextlib
import time
from collections import Counter
from random import Random

import orjson

from deploy.local.servers.ports import HOST
from tests.faults.catalogue import Fault, Injection
from tests.faults.client import Door, NoAnswerError, NothingSentError
from tests.faults.histories import Request
from tests.faults.house import House

SERVED_WITHIN = 90.0  # what they asked for is worked off first, beside everything else on the machine
FASTEST = 600.0  # requests a second that one process can send beside everything else
AT_ONCE = 400  # connections of a burst; more clients wait, as in an accept queue
ASKED_FOR = (
    ("sales", "/v1/deals?limit=200"),
    ("handoff", "/v1/assignments?limit=100"),
    ("marketing", "/v1/leads"),
)
AT_WORK = """
SELECT application_name, state, query, now() - state_change AS since FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE $1 AND state LIKE 'idle in transaction%'
  AND state_change < now() - interval '2 seconds'
"""


async def leave_early(house: House, rng: Random) -> Injection:
    """Hundreds of requests whose clients hang up before the answer; no connection may stay taken."""
    service, path = rng.choice(ASKED_FOR)
    # A frozen database would hold connections, too, and longer than we wait.
    async with house.holding(f"{service}-api", "postgres"):
        waiting = [
            _send_and_hang_up(house, service, path, rng, after=rng.uniform(0, 0.05))
            for _ in range(rng.randint(150, 400))
        ]
        for first in range(0, len(waiting), 50):
            await asyncio.gather(*waiting[first : first + 50])
        began = time.monotonic()
        while wrong := await _held(house, service) or await _refusal(house, service):
            if time.monotonic() - began > SERVED_WITHIN:
                raise TimeoutError(f"{service}, clients having left: {wrong}.")
            await asyncio.sleep(0.1)
    figures = {"hung_up": float(len(waiting)), "served_again_seconds": time.monotonic() - began}
    return Injection(figures, victim=f"{service}-api")


async def _send_and_hang_up(house: House, service: str, path: str, rng: Random, *, after: float) -> None:
    headers = house.load.headers("admin", "boss")
    method, body = "GET", b""
    if service == "marketing":  # whether this lead is kept is for the service to decide: at most once
        method, person = "POST", {**house.load.person(), "campaign_id": None}
        body = orjson.dumps(person)
        key = f"hung-up-{rng.getrandbits(64):016x}"
        house.load.histories.note(Request("capture", key, size=1, outcome="unknown"))
        headers += f'content-type: application/json\r\nidempotency-key: "{key}"\r\n'
    head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\n{headers}content-length: {len(body)}\r\n\r\n"
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(HOST, house.homes[service])
        writer.write(head.encode() + body)
        await asyncio.sleep(after)
        writer.transport.abort()


async def _held(house: House, service: str) -> str:
    """Which transactions wait for somebody who is not there any more."""
    held = await house.rows(service, AT_WORK, f"{service}-api%")
    return f"{len(held)} connections still held, {dict(held[0])}" if held else ""


async def _refusal(house: House, service: str) -> str:
    """How it answers the next client, if not as it should."""
    paths = {"sales": "/v1/deals?limit=1", "handoff": "/v1/assignments?limit=1", "marketing": "/v1/campaigns"}
    headers = house.load.headers("admin", "boss")
    try:
        reply = await house.doors[service].ask("GET", paths[service], headers=headers)
    except (NothingSentError, NoAnswerError) as error:
        return repr(error)
    return "" if reply.status == 200 else f"{reply.status} {reply.body[:200].decode()}"


async def burst(house: House, rng: Random) -> Injection:
    """Ten times the pace, by clients that ask once: what is accepted is kept, the rest is shed honestly."""
    seconds, pace = rng.uniform(3, 5), min(10 * house.load.pace.leads, FASTEST)
    door = Door(house.homes["marketing"])
    statuses: Counter[str] = Counter()
    sending: set[asyncio.Task[None]] = set()
    room = asyncio.Semaphore(AT_ONCE)
    began = time.monotonic()
    count = int(seconds * pace)
    async with house.holding("marketing-api"):
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / pace - time.monotonic()))
            await room.acquire()
            task = asyncio.create_task(_one(house, door, f"burst-{rng.getrandbits(64):016x}", statuses))
            sending.add(task)
            task.add_done_callback(sending.discard)
            task.add_done_callback(lambda _: room.release())
        await asyncio.gather(*sending)
    door.close()
    wrong = {status for status in statuses if status not in ("202", "429", "503", "none")}
    if wrong:
        raise AssertionError(f"a burst was answered {wrong}")
    figures = {
        "sent": float(count),
        "accepted": float(statuses["202"]),
        "shed": float(statuses["429"] + statuses["503"]),
        "unanswered": float(statuses["none"]),
        "seconds": time.monotonic() - began,
    }
    return Injection(figures, victim="marketing-api")


async def _one(house: House, door: Door, key: str, statuses: Counter[str]) -> None:
    """One lead, asked for once; what became of it goes into the histories."""
    request = house.load.histories.note(Request("capture", key, size=1))
    headers = house.load.headers("admin", "boss") + f'idempotency-key: "{key}"\r\n'
    request.tries = 1
    try:
        reply = await door.ask("POST", "/v1/leads", house.load.person(), headers=headers)
    except NothingSentError:
        request.outcome = "refused"
        statuses["none"] += 1
    except NoAnswerError:
        statuses["none"] += 1
    else:
        statuses[str(reply.status)] += 1
        if reply.status == 202:
            request.outcome = "ok"
        elif reply.status < 500:
            request.outcome = "refused"


FAULTS = (
    Fault("clients that hang up", 3, leave_early),
    Fault("ten times the pace", 2, burst),
)
