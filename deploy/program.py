"""The program `leadloop`: everything an operator does that is not HTTP."""

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import typer

from deploy.commands import operators

GROUPS = {
    "stack": "deploy.commands.stack",
    "parked": "deploy.commands.parked",
    "outbox": "deploy.commands.outbox",
    "submissions": "deploy.commands.submissions",
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
    for name, module in GROUPS.items():
        missing = name == "stack" and find_spec("supervisor") is None  # in the image a platform does its work
        if asked in {None, "--help", name} and not missing:
            app.add_typer(import_module(module).app, name=name)
    if asked in {None, "--help", "demo"} and find_spec("supervisor"):
        app.command()(import_module("deploy.commands.demo").demo)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point named in pyproject.toml."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # each command says itself what did not work
    given = list(sys.argv[1:] if arguments is None else arguments)
    program(given[0] if given else None)(given)
