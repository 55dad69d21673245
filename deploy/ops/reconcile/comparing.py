"""Comparing two sides in bounded memory: hashes of buckets first, then the entries of those that differ.

Each database sums up its side by itself: a count and a sum of hashes for each of a thousand buckets of
keys. Only buckets that differ are read, sorted by key, both sides at once, and merged.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from deploy.ops.reconcile.equations.shape import Equation, Side, Since
from deploy.ops.reconcile.findings import Difference
from deploy.ops.reconcile.servers import Databases

BUCKETS = 1024
KEPT = 1000  # differences of one equation remembered by key; beyond that only counted
CHUNK = 2000

SUMMED = """
SELECT (hashtextextended(key, 0) & {mask})::int AS bucket, count(*) AS entries,
       sum(hashtextextended(key || E'\\x1f' || value, 1)) AS digest
FROM ({sql}) AS side GROUP BY 1
"""
LISTED = """
SELECT key, value FROM ({sql}) AS side
WHERE $1::int[] IS NULL OR (hashtextextended(key, 0) & {mask})::int = ANY($1)
ORDER BY key COLLATE "C", value COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """How one reading went. `differences` are the first ones by key, `count` is of all."""

    left: int
    right: int | None
    count: int
    differences: tuple[Difference, ...]


async def compare(databases: Databases, equation: Equation, since: Since) -> Compared:
    """Read both sides once. Raises UnreachableError."""
    if equation.right is None:
        found = await _merged(databases, equation.left, None, since, None)
        return Compared(found.count, None, found.count, found.differences)
    left, right = await asyncio.gather(
        _summed(databases, equation.left, since), _summed(databases, equation.right, since)
    )
    totals = sum(entries for entries, _ in left.values()), sum(entries for entries, _ in right.values())
    differing = sorted(
        bucket for bucket in left.keys() | right.keys() if left.get(bucket) != right.get(bucket)
    )
    buckets: Sequence[int] | None = differing
    if not databases.same_hash:  # servers of different builds: their hashes say nothing about each other
        buckets = None
    elif not differing:
        return Compared(*totals, 0, ())
    found = await _merged(databases, equation.left, equation.right, since, buckets)
    return Compared(*totals, found.count, found.differences)


async def _summed(databases: Databases, side: Side, since: Since) -> dict[int, tuple[int, int]]:
    async with databases.reading(side.service) as connection:
        rows = await connection.fetch(SUMMED.format(sql=since.fill(side.sql), mask=BUCKETS - 1))
    return {row["bucket"]: (row["entries"], row["digest"]) for row in rows}


@dataclass(slots=True)
class _Found:
    count: int
    differences: tuple[Difference, ...]


async def _merged(
    databases: Databases, left: Side, right: Side | None, since: Since, buckets: Sequence[int] | None
) -> _Found:
    kept: list[Difference] = []
    count = 0
    async with (
        aclosing(_entries(databases, left, since, buckets)) as lefts,
        aclosing(_entries(databases, right, since, buckets)) as rights,
    ):
        async for difference in _unequal(lefts, rights):
            count += 1
            if len(kept) < KEPT:
                kept.append(difference)
    return _Found(count, tuple(kept))


async def _entries(
    databases: Databases, side: Side | None, since: Since, buckets: Sequence[int] | None
) -> AsyncGenerator[tuple[str, str]]:
    """Sorted by key, one per key: what should be there once and is there twice is joined by a plus."""
    if side is None:
        return
    last: str | None = None
    values = ""
    async with databases.reading(side.service) as connection:
        sql = LISTED.format(sql=since.fill(side.sql), mask=BUCKETS - 1)
        async for key, value in connection.cursor(sql, buckets, prefetch=CHUNK):
            if key == last:
                values += f" + {value}"
                continue
            if last is not None:
                yield last, values
            last, values = key, value
    if last is not None:
        yield last, values


async def _unequal(
    lefts: AsyncIterator[tuple[str, str]], rights: AsyncIterator[tuple[str, str]]
) -> AsyncIterator[Difference]:
    left, right = await _next(lefts), await _next(rights)
    while left or right:
        if left and right and left[0] == right[0]:
            if left[1] != right[1]:
                yield Difference(left[0], left[1], right[1])
            left, right = await _next(lefts), await _next(rights)
        elif left and (not right or left[0] < right[0]):
            yield Difference(left[0], left[1], None)
            left = await _next(lefts)
        elif right:
            yield Difference(right[0], None, right[1])
            right = await _next(rights)


async def _next(entries: AsyncIterator[tuple[str, str]]) -> tuple[str, str] | None:
    """The next entry; None behind the last."""
    async for entry in entries:
        return entry
    return None
