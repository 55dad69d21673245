"""A process whose clock is hours off, or jumps: deadlines run on the database's clock, so nothing changes.

Needs libfaketime (Debian and Ubuntu: `apt-get install faketime`; or the PyPI package). Where it is
missing these faults are not in the catalogue, and MISSING says so.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from random import Random

from tests.faults.catalogue import Fault, Injection
from tests.faults.house import WORKERS, House

PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1")
HOUR = 3600  # a hot offer may be answered for so long


def library() -> Path | None:
    """Where libfaketime is on this machine."""
    found = [path for place in PLACES for path in Path("/").glob(place.lstrip("/"))]
    package = find_spec("libfaketime")
    if package is not None and package.submodule_search_locations:
        found += Path(package.submodule_search_locations[0]).glob("**/libfaketimeMT.so*")
    return found[0] if found else None


async def off(sign: int, house: House, rng: Random) -> Injection:
    """Started with its clock two hours ahead or behind: far enough for every hot offer to look overdue."""
    return await _with_clock(house, rng, [sign * 2 * HOUR + rng.randint(-300, 300)])


async def jumps(house: House, rng: Random) -> Injection:
    """Set again and again while it works, ahead and back."""
    return await _with_clock(house, rng, [rng.randint(-2 * HOUR, 2 * HOUR) for _ in range(rng.randint(3, 8))])


async def _with_clock(house: House, rng: Random, offsets: list[int]) -> Injection:
    name = rng.choice(WORKERS)
    found = library()
    assert found is not None
    clock = house.folder / f"{name}.clock"
    settings = {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    async with house.holding(name):
        program = house.programs[name]
        _set(clock, offsets[0])
        program.overrides.update(settings)
        try:
            await program.restart()
            await program.ready()
            for offset in offsets:
                _set(clock, offset)
                await house.pause(rng.uniform(1, 3))
        finally:
            for setting in settings:
                del program.overrides[setting]
            await program.restart()
        ready = await program.ready()
    expired = await house.rows("handoff", "SELECT count(*) FROM assignments WHERE state = 'expired'")
    if expired[0][0]:
        raise AssertionError(f"{expired[0][0]} offers expired by the clock of {name}.")
    figures = {"ready_again_seconds": ready, "largest_offset_seconds": float(max(map(abs, offsets)))}
    return Injection(figures, victim=name)


def _set(clock: Path, offset: int) -> None:
    """Written beside and renamed: the process may look at any moment."""
    new = clock.with_suffix(".new")
    new.write_text(f"{offset:+}\n")
    new.rename(clock)


MISSING = "" if library() else "clock jumps (no libfaketime here; Debian, Ubuntu: apt-get install faketime)"
FAULTS = (
    (
        Fault("clock two hours ahead", 2, partial(off, 1)),
        Fault("clock two hours behind", 2, partial(off, -1)),
        Fault("clock jumps", 2, jumps),
    )
    if library()
    else ()
)
