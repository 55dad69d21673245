"""docs/topic-access.md, made from what each service sends and listens to."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.topics import Permission, permissions_of_operator, permissions_of_worker
from shared.services import SERVICES

INTRO = """\
# Who may do what in Kafka

Made from the events each service publishes and the subscriptions it has. One user of Kafka per worker, and
one for operators (`leadloop topics`, `reconcile`, `rebuild`); the APIs do not speak to Kafka. Whoever may
write to a topic is believed by those who read it, so nobody else may. With `TOPIC_PREFIX`, put it before
every topic and group.

The broker needs `authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer` and
`allow.everyone.if.no.acl.found=false`. The whole stack runs with exactly these in `make tls`.
"""


def pages() -> dict[Path, str]:
    """The one page."""
    users = {service: permissions_of_worker(service) for service in SERVICES}
    parts = [INTRO]
    for user, permissions in (users | {"operator": permissions_of_operator()}).items():
        parts.append(f"\n## {user.capitalize()}\n\n| | name | operations |\n|---|---|---|\n")
        parts += [f"| {one.kind} | `{one.name}` | {', '.join(one.operations)} |\n" for one in permissions]
        parts += ["\n```sh\n", *_commands(user, permissions), "```\n"]
    return {Path("docs/topic-access.md"): "".join(parts)}


def _commands(user: str, permissions: Sequence[Permission]) -> Iterator[str]:
    """One line for all that get the same."""
    groups: dict[tuple[str, Sequence[str]], list[str]] = {}
    for one in permissions:
        groups.setdefault((one.kind, one.operations), []).append(one.name)
    for (kind, operations), names in groups.items():
        on = " --cluster" if kind == "cluster" else "".join(f" --{kind} {name}" for name in names)
        may = "".join(f" --operation {operation}" for operation in operations)
        yield f"kafka-acls.sh --bootstrap-server … --add --allow-principal User:{user}{on}{may}\n"
