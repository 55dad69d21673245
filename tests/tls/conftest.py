"""Servers that take TLS only, for all tests here; and strangers' certificates beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services import migrate
from shared.database.addresses import read
from tests.support import secure_servers
from tests.support.certificates import Authority, Certificate
from tests.support.secure_servers import CERTIFIED, SecureKafka, SecurePostgres

PASSWORD = "for-tests-only"
KEY_PASSWORD = "opens the key"


@dataclass(frozen=True)
class Papers:
    """Whom our servers' certificates are signed by, somebody else, and what a client shows of its own."""

    authority: Authority
    stranger: Authority
    client: Certificate


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    authority, stranger = Authority(folder / "ours"), Authority(folder / "theirs", "somebody else")
    return Papers(authority, stranger, authority.issue(CERTIFIED, password=KEY_PASSWORD))


@pytest.fixture(scope="session")
def kafka(papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    passwords = dict.fromkeys(("marketing", "operator"), PASSWORD)
    server = SecureKafka(tmp_path_factory.mktemp("kafka"), papers.authority, passwords)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres(papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecurePostgres]:
    programs = secure_servers.packaged()
    if programs is None:
        if secure_servers.is_required():
            pytest.fail(secure_servers.MISSING)
        pytest.skip(secure_servers.MISSING)
    server = SecurePostgres(tmp_path_factory.mktemp("postgres"), papers.authority, programs)
    server.start()
    yield server
    server.stop()
    server.data_dirs.remove()


@pytest.fixture(scope="session")
async def plain_url(postgres: SecurePostgres) -> str:
    """Of a role and its empty database, without a word about TLS."""
    return postgres.create_service("marketing", PASSWORD)


@dataclass(frozen=True)
class Urls:
    """One database by good and by bad URLs; `database` and `role` stand for others of the same server."""

    plain: str
    papers: Papers

    def good(self, mode: str = "verify-full", url: str = "") -> str:
        return f"{url or self.plain}?sslmode={mode}&sslrootcert={self.papers.authority.ca}"

    def of_a_stranger(self) -> str:
        return f"{self.plain}?sslmode=verify-full&sslrootcert={self.papers.stranger.ca}"

    def of_another_host(self) -> str:
        return self.good().replace("@localhost:", "@127.0.0.1:")

    def without_tls(self) -> str:
        return f"{self.plain}?sslmode=disable"

    def certified(self) -> str:
        """As the role that shows a certificate instead of a password."""
        address = read(self.plain)
        shown = self.papers.client
        return (
            f"postgresql://{CERTIFIED}@localhost:{address.ports[0]}/{address.database}?sslmode=verify-full"
            f"&sslrootcert={self.papers.authority.ca}&sslcert={shown.cert}&sslkey={shown.key}"
            f"&sslpassword={KEY_PASSWORD.replace(' ', '%20')}"
        )


@pytest.fixture(scope="session")
async def urls(plain_url: str, papers: Papers, postgres: SecurePostgres) -> Urls:
    found = Urls(plain_url, papers)
    await migrate.upgrade(found.good(), "marketing")
    postgres.run_sql(f"CREATE ROLE {CERTIFIED} LOGIN IN ROLE marketing INHERIT;")
    return found


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"
