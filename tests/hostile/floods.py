"""Somebody who wants to be many: forged addresses, more networks than can be remembered, guessed keys.

Addresses and memory are tried on the product's own functions, guesses on the running door beside a healthy
client, which gets 2xx only.
"""

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from random import Random

import httpx

from services.marketing.capture.connectors.quotas import GUESSES
from shared.http.client_address import MOST_HOPS, TrustedProxies, network_of
from shared.rate_limits import MOST_KEYS, RateLimit
from tests.hostile.figures import Figures
from tests.hostile.wire import form_key, healthy
from tests.support.loop import Loop

OURS = "10.0.0.0/8, fd00::/8"
ATTACKERS = ("198.51.100.7", "2001:db8:66::1", "[2001:db8:66::1]:443", "198.51.100.7:50123")
LIES = (
    *("203.0.113.9", "10.1.2.3", "fd00::5", "::ffff:10.0.0.1", "127.0.0.1", "[::1]:80", "0.0.0.0", "unknown"),
    *("", "_hidden", "10.0.0.1:999999", "1.2.3.4.5", "é\xa0", "for=10.0.0.1", '"10.0.0.1"', "10.0.0.1\t"),
    *("x" * 5_000, "10.0.0.1 10.0.0.1", "%2C", "::" * 40),
)
LARGEST = 6 * 2**20  # bytes
NETWORKS = 200_000


async def attack(loop: Loop, *, long: bool, seed: int) -> list[Figures]:
    forged = await asyncio.to_thread(forge_addresses, Random(seed), 500_000 if long else 20_000)
    return [forged, await asyncio.to_thread(fill_memory), await guess(loop, 20_000 if long else 2_000)]


def forge_addresses(random: Random, attempts: int) -> Figures:
    """Whatever a sender writes before what our proxies add, it is counted for where it came from."""
    found = Figures("Forged addresses", "Nobody chooses the network that their requests are counted for.")
    proxies, nobodys = TrustedProxies(OURS), TrustedProxies()
    for _ in range(attempts):
        attacker = random.choice(ATTACKERS)
        lies = [random.choice(LIES) for _ in range(random.randrange(0, 2 * MOST_HOPS))]
        hops = [f"10.0.0.{number}" for number in range(random.randrange(0, 4))]
        direct = {
            network_of(nobodys.client(attacker, headers(random, lies))),
            network_of(proxies.client(attacker, headers(random, lies))),
        }
        behind = network_of(proxies.client("10.9.9.9", headers(random, [*lies, attacker, *hops])))
        if {*direct, behind} != {network_of(attacker)}:
            found.faults.append(
                f"{attacker} behind {hops} was taken for {direct | {behind}} by {lies!r:.300}"
            )
    found.counts = {"chains": attempts, "believed": len(found.faults)}
    return found


def headers(random: Random, entries: list[str]) -> Iterator[tuple[bytes, bytes]]:
    """The chain in one line or in two, as proxies may leave it; and the header that is not ours to read."""
    cut = random.randrange(0, len(entries) + 1)
    for part in (entries[:cut], entries[cut:]):
        if part:
            yield b"x-forwarded-for", ", ".join(part).encode("latin-1", "replace")
    yield b"forwarded", b"for=203.0.113.99"


def fill_memory() -> Figures:
    """More networks than places: memory stays as it is, and who floods goes on being refused."""
    found = Figures(
        "A flood of networks", "The memory of quotas is bounded, and nobody is forgotten by filling it."
    )
    limit = RateLimit(burst=300, per_second=1)
    while not limit.take("flooder").wait:
        pass
    tracemalloc.start()
    let_in = 0
    for number in range(NETWORKS):
        limit.take(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::/64")
        if number % 100 == 0:
            let_in += limit.take("flooder").wait == 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found.counts = {
        "networks": NETWORKS,
        "remembered": len(limit),
        "peak KiB": peak // 1024,
        "let in": let_in,
    }
    if len(limit) > MOST_KEYS or peak > LARGEST:
        found.faults.append(f"{len(limit)} networks are remembered, in {peak:,} bytes")
    # A second or two go by meanwhile, each of which lets one in.
    if let_in > 60:
        found.faults.append(f"who floods was let in {let_in} times")
    return found


async def guess(loop: Loop, attempts: int) -> Figures:
    """Wrong keys, each with another forged address: after a few they are refused without asking anybody."""
    found = Figures("A flood of unknown keys", "Who guesses keys is told to wait, and disturbs nobody else.")
    key, statuses, waits = await form_key(loop), Counter[int](), []
    async with httpx.AsyncClient(base_url=loop.url("marketing")) as client, AsyncExitStack() as stack:
        # From the guesser's own address: that the form is known to this door is what tells it apart.
        first = await client.post(f"/v1/forms/{key}/submissions", json={"email": "first@besieged-gmbh.com"})
        first.raise_for_status()
        seen = await stack.enter_async_context(healthy(loop, key))
        for number in range(attempts):
            address = {"x-forwarded-for": f"203.0.113.{number % 250}"}
            answer = await client.post(f"/v1/forms/pk_no{number}/submissions", json={}, headers=address)
            statuses[answer.status_code] += 1
            if answer.status_code == 429:
                waits.append(answer.headers.get("retry-after", ""))
    found.faults += seen.faults()
    if set(statuses) - {404, 429} or statuses[404] > GUESSES + 30 or not waits:
        found.faults.append(f"guesses were answered {dict(statuses)}")
    if not all(wait.isdigit() and 1 <= int(wait) <= 600 for wait in waits):
        found.faults.append(f"they were told to wait {sorted(set(waits))[:5]}")
    found.counts = {
        **{f"answered {status}": count for status, count in sorted(statuses.items())},
        "healthy answers": seen.statuses.total(),
        "healthy p99 ms": seen.percentile(0.99),
    }
    return found
