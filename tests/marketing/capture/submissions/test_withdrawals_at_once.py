"""Taking back while the same people send more: whoever is first, rows and sums agree."""

import asyncio

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import submit, work_off
from tests.marketing.capture.submissions.taking_back import SPAM, form_of, person, rows, withdraw
from tests.support.keys import Keys

PEOPLE = ("ada", "eva", "ida", "lea")
# As reconcile counts them: leads that stand, and first cycles that stand.
COUNTED = """
SELECT (SELECT count(*) FROM leads WHERE withdrawn_at IS NULL)::int,
       (SELECT count(*) FROM lead_cycles c JOIN leads l ON l.id = c.lead_id AND l.first_cycle = c.cycle
        WHERE c.qualified_at IS NOT NULL AND c.withdrawn_at IS NULL)::int
"""
SUMS = "SELECT sum(leads)::int, sum(mqls)::int FROM lead_days"
STANDING = """
SELECT count(*)::int FROM leads l WHERE l.withdrawn_at IS NULL AND NOT EXISTS (
    SELECT FROM submissions s WHERE s.lead_id = l.id AND s.state IN ('created', 'merged'))
"""


@pytest.mark.parametrize("first", ["the request", "the intake"])
async def test_both_at_once_leave_no_lead_without_a_submission(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys, first: str
) -> None:
    form = await form_of(marketing, keys)
    for name in PEOPLE:
        await submit(marketing, form, person(name))
    await work_off(marketing_sessions)
    for name in PEOPLE:
        await submit(marketing, form, person(name, message="Once more"))

    work = [withdraw(marketing, keys, **SPAM), work_off(marketing_sessions)]
    await asyncio.gather(*(work if first == "the request" else reversed(work)))
    await work_off(marketing_sessions)

    assert await rows(marketing_sessions, STANDING) == [(0,)]
    assert await rows(marketing_sessions, SUMS) == await rows(marketing_sessions, COUNTED)
    versions = await rows(
        marketing_sessions,
        "SELECT l.event_version = count(*) AND l.event_version = max(o.version) FROM leads l "
        "JOIN outbox o ON o.key = l.id::text GROUP BY l.id, l.event_version",
    )
    assert versions == [(True,)] * len(PEOPLE)
