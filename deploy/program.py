"""The program `leadloop`: everything an operator does that is not HTTP."""

from importlib.util import find_spec

import typer

from deploy.commands import operators

app = typer.Typer(
    help="Leadloop for operators.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
if find_spec("supervisor"):  # the image runs where a platform keeps the processes up
    from deploy.commands import stack

    app.add_typer(stack.app, name="stack")
app.command()(operators.token)
app.command()(operators.prepare)
app.command()(operators.migrate)
app.command()(operators.topics)


def main() -> None:
    """The entry point named in pyproject.toml."""
    app()
