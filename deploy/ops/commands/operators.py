"""`leadloop token`, `migrate`, `topics`."""

import asyncio
import os
from typing import Annotated

import typer

from deploy.ops.addresses import database_urls, errors, home, kafka
from shared.auth.key_files import TOKEN_HOURS, NoKeyError, make_keys, people_token

ROLES = ("admin", "marketer", "sales_manager", "rep", "analyst", "finance")
MOST_MINUTES = 30 * 24 * 60
USUAL_MINUTES = TOKEN_HOURS * 60


def token(
    role: Annotated[list[str], typer.Option(help=f"One or more of {', '.join(ROLES)}.")],
    subject: Annotated[str, typer.Option(help="Whose token: a rep is known by it.")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=MOST_MINUTES, help="Good for so many.")] = USUAL_MINUTES,
) -> None:
    """Print a token of a person, signed with the local stack's key."""
    if unknown := [name for name in role if name not in ROLES]:
        errors.print(f"leadloop: no role {unknown[0]!r}; there are {', '.join(ROLES)}.")
        raise typer.Exit(2)
    try:
        named = subject or f"local-{role[0]}"
        print(people_token(home() / "keys", subject=named, roles=role, seconds=minutes * 60))
    except NoKeyError as error:
        errors.print(f"leadloop: {error}")
        raise typer.Exit(1) from error


def prepare() -> None:
    """Everything before the first start, as often as you like: keys, schemas, topics."""
    make_keys(home() / "keys")
    migrate()
    topics()


def migrate() -> None:
    """Bring the three databases to the newest schema."""
    from services.migrate import migrate as run  # noqa: PLC0415 - loads SQLAlchemy and Alembic
    from shared.database.failures import NOT_REACHABLE, reason_of  # noqa: PLC0415 - loads the driver

    urls = database_urls()
    try:
        asyncio.run(run(urls))
    except (*NOT_REACHABLE, TimeoutError) as error:
        errors.print(f"leadloop: a database does not answer: {reason_of(error) or error}")
        raise typer.Exit(1) from error
    print("The three databases are at the newest schema.")


def topics() -> None:
    """Make the topics that are missing."""
    from services.topics import create_topics  # noqa: PLC0415 - loads aiokafka
    from shared.messaging.producer import BrokerError  # noqa: PLC0415 - as above

    try:
        made = asyncio.run(create_topics(kafka(), os.environ.get("TOPIC_PREFIX", "")))
    except (BrokerError, OSError) as error:
        errors.print(f"leadloop: {error}")
        raise typer.Exit(1) from error
    print("\n".join(made) if made else "Every topic is there.")
