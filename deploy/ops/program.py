"""The program `leadloop`: everything an operator does that is not HTTP."""

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import typer

from deploy.ops.commands import operators

COMMANDS = {
    "reconcile": "deploy.ops.commands.reconcile",
    "rebuild": "deploy.ops.commands.rebuild",
    "backup": "deploy.ops.commands.backup",
    "restore": "deploy.ops.commands.backup",
    "drill": "deploy.ops.commands.backup",
}
# What plays and runs servers belongs to the local stack, which the image does not have.
LOCAL_COMMANDS = {"demo": "deploy.demo.commands"}
LOCAL_GROUPS = {"stack": "deploy.local.stack.commands"}
GROUPS = {
    "channels": "deploy.ops.commands.channels",
    "events": "deploy.ops.commands.events",
    "parked": "deploy.ops.commands.parked",
    "outbox": "deploy.ops.commands.outbox",
    "retention": "deploy.ops.commands.retention",
    "holds": "deploy.ops.commands.holds",
    "secrets": "deploy.ops.commands.secrets",
    "submissions": "deploy.ops.commands.submissions",
    "deliveries": "deploy.ops.commands.deliveries",
}


def program(asked: str | None) -> typer.Typer:
    """The commands. A group is loaded when asked for, or when help shows all: some bring much with them."""
    app = typer.Typer(
        help="Leadloop for operators.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for command in (operators.token, operators.prepare, operators.migrate, operators.topics):
        app.command()(command)
    commands, groups = COMMANDS, GROUPS
    if find_spec("deploy.local") and find_spec("supervisor"):
        commands, groups = COMMANDS | LOCAL_COMMANDS, GROUPS | LOCAL_GROUPS
    for name, module in commands.items():
        if asked in {None, "--help", name}:
            app.command(name)(getattr(import_module(module), name))
    for name, module in groups.items():
        if asked in {None, "--help", name}:
            app.add_typer(import_module(module).app, name=name)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point named in pyproject.toml."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # each command says itself what did not work
    given = list(sys.argv[1:] if arguments is None else arguments)
    program(given[0] if given else None)(given)
