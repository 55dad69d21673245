"""`python -m tests.hostile`: strangers, forgers and broken clients against the product, and what they got."""

import asyncio
import random
import signal
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared import clock
from tests.hostile import access, floods, forgery, house, parsers, schemas, wire
from tests.hostile.figures import Figures, as_markdown, shown
from tests.support.loop import Loop

TREE = Path(__file__).resolve().parents[2]
console = Console()
Tick = Callable[[str], None]  # says what is going on


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of everything: the short run belongs to every change, the long one to a report."""

    long: bool
    seed: int


async def forge(_: Loop | None, extent: Extent, tick: Tick) -> list[Figures]:
    attempts = 1_002_000 if extent.long else 51_000
    return [await asyncio.to_thread(forgery.attack, attempts, extent.seed, tick=lambda _: None)]


async def weigh(_: Loop | None, __: Extent, tick: Tick) -> list[Figures]:
    return [await asyncio.to_thread(parsers.attack, tick=lambda _: None)]


async def play_schemas(loop: Loop | None, extent: Extent, tick: Tick) -> list[Figures]:
    assert loop is not None
    return await schemas.attack(loop, long=extent.long, seed=extent.seed, tick=tick)


async def knock(loop: Loop | None, extent: Extent, tick: Tick) -> list[Figures]:
    assert loop is not None
    return await access.attack(loop, tick=tick)


async def besiege(loop: Loop | None, extent: Extent, tick: Tick) -> list[Figures]:
    assert loop is not None
    return await wire.attack(loop, long=extent.long, tick=tick)


async def crowd(loop: Loop | None, extent: Extent, tick: Tick) -> list[Figures]:
    assert loop is not None
    return await floods.attack(loop, long=extent.long, seed=extent.seed)


Attack = Callable[[Loop | None, Extent, Tick], Awaitable[list[Figures]]]
ATTACKS: dict[str, Attack] = {
    "access": knock,
    "forgery": forge,
    "parsers": weigh,
    "schemas": play_schemas,
    "wire": besiege,
    "floods": crowd,  # the last one: afterwards this address guesses no more
}
WITHOUT_SERVERS = {"forgery", "parsers"}


async def play(names: Sequence[str], extent: Extent) -> list[Figures]:
    """Every attack after the other; those that need running services share them."""
    found: list[Figures] = []
    async with AsyncExitStack() as stack:
        loop: Loop | None = None
        if set(names) - WITHOUT_SERVERS:
            with console.status("starting the three services"):
                loop = await stack.enter_async_context(house.attacked())
        for name in names:
            with console.status(name) as status:
                figures = await ATTACKS[name](loop, extent, status.update)
            for each in figures:
                show(each)
            found += figures
    return found


def show(figures: Figures) -> None:
    console.print(
        f"[bold]{figures.attack}[/]: " + ", ".join(f"{n} {shown(v)}" for n, v in figures.counts.items())
    )
    for fault in figures.faults[:20]:
        console.print(f"  [red]broken:[/] {fault}", highlight=False)


def commit() -> str:
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=TREE, capture_output=True, text=True)
    return said.stdout.strip() or "no commit"


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(ATTACKS)}. Repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed makes the same attempts.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a markdown report here.")] = None,
    *,
    long: Annotated[bool, typer.Option("--long", help="As much as a report needs.")] = False,
) -> None:
    """Exit code 1 when a promise was broken."""
    unknown = set(only or ()) - ATTACKS.keys()
    if unknown:
        raise typer.BadParameter(f"no such attack: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, stop)
    extent = Extent(long, seed if seed is not None else random.randrange(1 << 32))
    console.print(f"seed {extent.seed}")
    try:
        with house.servers():
            found = asyncio.run(play(only or list(ATTACKS), extent))
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
        raise typer.Exit(130) from None
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(as_markdown(found, when=clock.now(), commit=commit(), seed=extent.seed, long=long))
    raise typer.Exit(0 if all(figures.held for figures in found) else 1)


if __name__ == "__main__":
    typer.run(main)
