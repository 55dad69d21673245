"""docs/settings.md, made from the settings classes."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from shared.services import SERVICES
from shared.settings import CommonSettings

INTRO = """\
# Settings

Everything is set by environment variables; there is no configuration file. The local stack writes its own
into `.leadloop/env`, and Docker reads them from the env file. A setting that is missing or not valid stops
the start and is named, without its value. At the start a service also refuses a database or broker whose
settings could lose what was acknowledged (`fsync`, `synchronous_commit`, replication), and says which.

"""
HEAD = "| name | default | what it is |\n|---|---|---|\n"


def pages() -> dict[Path, str]:
    """The one page."""
    parts = [INTRO, "## All services\n\n", HEAD, *_rows(CommonSettings, but=())]
    for service in SERVICES:
        settings = import_module(f"services.{service}.settings").Settings
        parts += [f"\n## {service.capitalize()}\n\n", HEAD, *_rows(settings, but=CommonSettings.model_fields)]
    return {Path("docs/settings.md"): "".join(parts)}


def _rows(settings: type[CommonSettings], but: Any) -> Iterator[str]:
    for name, field in settings.model_fields.items():
        if name in but and field.default == but[name].default:
            continue
        yield f"| `{name.upper()}` | {_default(field)} | {_description(field)} |\n"


def _description(field: FieldInfo) -> str:
    text = (field.description or "").replace("|", "\\|").strip()
    if get_origin(field.annotation) is Literal:
        text += " One of " + ", ".join(f"`{choice}`" for choice in get_args(field.annotation)) + "."
    return text


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**, secret" if field.annotation is SecretStr else "**required**"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        return "secret"
    return f"`{default}`" if default not in (None, "") else ""
