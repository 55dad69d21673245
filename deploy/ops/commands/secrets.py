"""`leadloop secrets reseal`: the second of three steps that change SECRETS_KEY; see docs/production.md."""

import typer

from deploy.ops.addresses import setting
from deploy.ops.commands.databases import Service, ask
from deploy.ops.terminal import fail
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.resealing import Resealed
from services.marketing.capture.sources.resealing import reseal as reseal_all
from services.marketing.settings import read_keys
from shared.database.sessions import Sessions
from shared.settings import SettingsError

app = typer.Typer(help="The secrets of connections.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The secrets of connections."""


@app.command()
def reseal() -> None:
    """Seal with the newest of SECRETS_KEY what older ones sealed. May run while all goes on, and again."""
    try:
        sealer = Sealer(*read_keys(setting("SECRETS_KEY")))
    except SettingsError as error:
        raise fail(str(error)) from error

    async def work(sessions: Sessions) -> Resealed:
        return await reseal_all(sessions, sealer)

    found = ask(Service.MARKETING, work)
    print(f"{found.anew} sealed with the newest key, {found.already} had it already.")
    if found.digests:
        print(
            f"{found.digests} are hashes, from before secrets were sealed: give those connections new ones."
        )
    if found.unopened:
        raise fail(
            f"{found.unopened} can't be opened with these keys: add the key they were stored with, "
            "or give those connections new ones."
        )
