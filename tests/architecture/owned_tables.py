"""Which slice owns which table, and what each slice's code reads and writes, in SQL and by its models."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from shared.services import SERVICES

ROOT = Path(__file__).parents[2]
WRITTEN = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|COPY)\s+(?:ONLY\s+)?\"?([a-z_]+)")
READ = re.compile(r"\b(?:FROM|JOIN|USING)\s+(?:ONLY\s+|LATERAL\s+)?\"?([a-z_]+)")
CHANGING = {"insert", "update", "delete"}  # SQLAlchemy's, and those of shared.database.bulk
COPYING = {"copy_records_to_table", "copy_to_table"}


@dataclass(frozen=True, order=True, slots=True)
class Use:
    """A slice's file reads or writes a table of its service."""

    file: str
    verb: str
    table: str


@cache
def owners(service: str) -> dict[str, str]:
    """The slice, as `area.slice`, that owns each table of a service."""
    return {table: slice_of(module) for (module, _), table in models(service).items()}


@cache
def models(service: str) -> dict[tuple[str, str], str]:
    """The table of every model, by the model's module and name."""
    base = import_module(f"services.{service}.tables").Base
    return {
        (mapper.class_.__module__, mapper.class_.__name__): mapper.local_table.name
        for mapper in base.registry.mappers
    }


def slice_of(module: str) -> str:
    """`services.sales.selling.deals.tables` is of `selling.deals`."""
    return ".".join(module.split(".")[2:4])


def sources(service: str) -> Iterator[tuple[str, str]]:
    """Module name and text of every file in a slice."""
    for path in sorted((ROOT / "services" / service).glob("*/*/**/*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[2] != "migrations":
            yield ".".join(parts), path.read_text()


def uses(service: str, module: str, text: str) -> set[Use]:
    """Every table this module's code names, and for what. What an object's attributes change is not seen."""
    tree = ast.parse(text)
    known = owners(service)
    found = {("writes", table) for table in _models_changed(service, tree)}
    for statement in _texts(tree):
        written = set(WRITTEN.findall(statement))
        found |= {("writes", table) for table in written}
        found |= {("reads", table) for table in READ.findall(statement)}
    return {Use(module, verb, table) for verb, table in found if table in known}


def _texts(tree: ast.Module) -> Iterator[str]:
    """String constants and formatted strings as wholes; docstrings are prose and left out."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = [str(part.value) if isinstance(part, ast.Constant) else "?" for part in node.values]
            yield "".join(pieces)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def _models_changed(service: str, tree: ast.Module) -> Iterator[str]:
    """Tables whose models are made, or given to a statement that changes rows."""
    imported = {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    known = models(service)

    def table_of(node: ast.expr) -> str | None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package, name = imported.get(node.value.id, ("", ""))
            return known.get((f"{package}.{name}", node.attr))
        return known.get(imported.get(node.id, ("", ""))) if isinstance(node, ast.Name) else None

    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        first = call.args[0] if call.args else None
        if table := table_of(call.func):
            yield table
        if first is not None and name in CHANGING and (table := table_of(first)):
            yield table
        if name in COPYING and isinstance(first, ast.Constant):
            yield str(first.value)


@cache
def floors(container: str) -> dict[str, int]:
    """The floor of everything in a container, by the import contracts; 0 is the highest."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        if container in contract.get("containers", ()):
            return {
                name.strip(" ()"): number
                for number, layer in enumerate(contract["layers"])
                for name in re.split(r"[|:]", layer)
            }
    return {}


def may_import(service: str, upper: str, lower: str) -> bool:
    """Whether one slice, as `area.slice`, stands above another."""
    area, other = upper.split(".")[0], lower.split(".")[0]
    container = f"services.{service}" if area != other else f"services.{service}.{area}"
    names = (area, other) if area != other else (upper.split(".")[1], lower.split(".")[1])
    floor = floors(container)
    return upper == lower or floor[names[0]] < floor[names[1]]


def violations(service: str, found: set[Use], read_all: frozenset[str]) -> set[Use]:
    """Uses of tables that are not the slice's own, nor of a slice below when it only reads."""
    return {use for use in found if not _allowed(service, use, read_all)}


def _allowed(service: str, use: Use, read_all: frozenset[str]) -> bool:
    own, owner = slice_of(use.file), owners(service)[use.table]
    if use.verb == "writes":
        return own == owner
    whole = own in read_all or own.split(".")[0] in read_all
    return whole or may_import(service, own, owner)


def all_violations(read_all: frozenset[str]) -> set[Use]:
    return {
        wrong
        for service in SERVICES
        for module, text in sources(service)
        for wrong in violations(service, uses(service, module, text), read_all)
    }
