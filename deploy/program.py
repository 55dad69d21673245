"""The program `leadloop`: everything an operator does that is not HTTP."""

import typer

from deploy.commands import operators, stack

app = typer.Typer(
    help="Leadloop for operators.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.add_typer(stack.app, name="stack")
app.command()(operators.token)
app.command()(operators.migrate)
app.command()(operators.topics)


def main() -> None:
    """The entry point named in pyproject.toml."""
    app()
