"""PostgreSQL and Kafka that take TLS only. Both are known as `localhost`: as 127.0.0.1 they are nobody.

PostgreSQL is the one of the system's packages: the wheel's is built without TLS.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiokafka.protocol.admin import CreateAclsRequest

from deploy.local.servers import Kafka, Postgres, free_port
from deploy.local.servers.ports import HOST
from services.topics import Permission
from shared.messaging import topics
from tests.support.certificates import Authority

PACKAGES = Path("/usr/lib/postgresql")
MISSING = (
    "no PostgreSQL of the system's packages on this machine (the wheel's has no TLS), so what needs one over "
    "TLS was left out: apt-get install postgresql"
)
CERTIFIED = "certified"  # who shows a certificate of this name needs no password


def packaged() -> Path | None:
    """The folder of the newest PostgreSQL of the system's packages, or None."""
    found = [path.parents[1] for path in PACKAGES.glob("*/bin/postgres")]
    return max(found, key=lambda path: int(path.name), default=None)


def is_required() -> bool:
    """Whether its absence is a failure, as in CI."""
    return os.environ.get("LEADLOOP_TLS") == "required"


class SecurePostgres(Postgres):
    """Takes connections over TLS only."""

    locale = ("--locale", "C")  # older ones have no locales of their own
    files: Mapping[str, str] = {"cert": "server.crt", "key": "server.key", "ca": "ca.crt"}

    def __init__(self, home: Path, authority: Authority, programs: Path) -> None:
        super().__init__(home, programs=programs)
        self._authority = authority

    def prepare(self) -> None:
        super().prepare()
        made = self._authority.issue("postgres", "localhost")
        sources = {"cert": made.cert, "key": made.key, "ca": self._authority.ca}
        owner = self.data.stat()
        for name, file in self.files.items():
            target = self.data / file
            shutil.copyfile(sources[name], target)
            target.chmod(0o600)
            os.chown(target, owner.st_uid, owner.st_gid)

    def settings(self) -> str:
        ours = super().settings().replace("io_method = 'sync'\n", "")  # PostgreSQL 18 has it
        return ours + "ssl = on\n" + "".join(f"ssl_{name}_file = '{at}'\n" for name, at in self.files.items())

    def access(self) -> str:
        return f"hostssl all {CERTIFIED} {HOST}/32 cert\nhostssl all all {HOST}/32 scram-sha-256\n"

    def url(self, database: str, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@localhost:{self.port}/{database}"


class SecureKafka(Kafka):
    """Has a door for users (SASL) and one for certificates, both over TLS, and knows who may do what.

    The plain one is left for the servers' own use, and for `allow`: who comes there may do everything.
    """

    mechanisms = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

    def __init__(self, home: Path, authority: Authority, passwords: Mapping[str, str]) -> None:
        super().__init__(home)
        self._passwords = passwords
        self._authority = authority
        self._both = authority.issue("kafka", "localhost").both
        self.users_port, self.certificates_port = free_port(), free_port()

    @property
    def for_users(self) -> str:
        return f"localhost:{self.users_port}"

    @property
    def for_certificates(self) -> str:
        return f"localhost:{self.certificates_port}"

    def properties(self, data: Path) -> str:
        package = "org.apache.kafka.common.security"
        users = " ".join(f'user_{name}="{password}"' for name, password in self._passwords.items())
        modules = {name.lower(): f"{package}.scram.ScramLoginModule required;" for name in self.mechanisms}
        modules["plain"] = f"{package}.plain.PlainLoginModule required {users};"
        ours = {
            "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{self.controller_port},"
            f"USERS://{HOST}:{self.users_port},CERTIFICATES://{HOST}:{self.certificates_port}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.port},USERS://{self.for_users},"
            f"CERTIFICATES://{self.for_certificates}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,USERS:SASL_SSL,"
            "CERTIFICATES:SSL",
            "inter.broker.listener.name": "PLAINTEXT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self._both,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self._authority.ca,
            "listener.name.certificates.ssl.client.auth": "required",
            "listener.name.users.sasl.enabled.mechanisms": ",".join(self.mechanisms),
            **{f"listener.name.users.{name}.sasl.jaas.config": text for name, text in modules.items()},
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:ANONYMOUS;User:CN={CERTIFIED}",
        }
        return super().properties(data) + "".join(f"{name}={value}\n" for name, value in ours.items())

    def format_options(self) -> list[str]:
        return [
            word
            for name, password in self._passwords.items()
            for mechanism in self.mechanisms[1:]
            for word in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]


KINDS = {"topic": 2, "group": 3, "cluster": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
LITERAL, ALLOW = 3, 3


async def allow(bootstrap: str, user: str, permissions: Sequence[Permission], *, prefix: str = "") -> None:
    """What `kafka-acls.sh` does with the lines of docs/topic-access.md."""
    async with topics.admin(bootstrap) as client:
        for one in permissions:
            name = one.name if one.kind == "cluster" else prefix + one.name
            for operation in one.operations:
                answer = await client._send_request(
                    CreateAclsRequest(
                        KINDS[one.kind], name, LITERAL, f"User:{user}", "*", OPERATIONS[operation], ALLOW
                    )
                )
                assert [code for code, _ in answer.creation_responses] == [0], answer
