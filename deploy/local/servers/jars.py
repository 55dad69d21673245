"""Apache Kafka's jars: fetched by jgo, one by one as pinned, and never used unless their hashes agree.

`kafka-jars.sha256` names every jar, so nothing is resolved at run time. After an upgrade of Kafka, write it
anew: `python -m deploy.local.servers.jars org.apache.kafka:kafka_2.13:<version>`, and read the difference.
"""

import hashlib
import os
import ssl
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers.processes import ServerError

PINS = Path(__file__).with_name("kafka-jars.sha256")
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"  # the binding without which Kafka logs nothing


@dataclass(frozen=True)
class Jar:
    coordinate: str
    sha256: str

    @property
    def file_name(self) -> str:
        _, name, version = self.coordinate.split(":")
        return f"{name}-{version}.jar"

    def is_right(self, path: Path) -> bool:
        return path.is_file() and _sha256(path) == self.sha256


def kafka_classpath() -> list[Path]:
    """Every jar of Kafka, fetched when missing; ServerError when one is not to be had, or not as pinned."""
    jars = [Jar(coordinate, sha256) for sha256, coordinate in map(str.split, PINS.read_text().splitlines())]
    folder = cache_folder() / "kafka-jars"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in jars if not jar.is_right(folder / jar.file_name)]
    if missing:
        _fetch(missing, folder)
    return [folder / jar.file_name for jar in jars]


def cache_folder() -> Path:
    """Where downloads are kept between checkouts; in the virtual environment when no home is usable."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "leadloop"
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, RuntimeError):
        return Path(sys.prefix) / "leadloop-cache"
    return folder


def _fetch(jars: list[Jar], folder: Path) -> None:
    """Fetch into a folder of our own, look at the hash there, and only then move into place."""
    _trust_what_the_machine_trusts()
    with tempfile.TemporaryDirectory(dir=folder) as arrivals, ThreadPoolExecutor(8) as threads:
        fetched = threads.map(lambda jar: _fetch_one(jar, Path(arrivals)), jars)
        for jar, path in zip(jars, fetched, strict=True):
            if not jar.is_right(path):
                message = (
                    f"{jar.coordinate} came with sha256 {_sha256(path)}, not the pinned {jar.sha256}. It was"
                    f" not used: something in between changed it, or {PINS.name} is not in step."
                )
                raise ServerError(message)
            path.replace(folder / jar.file_name)


def _fetch_one(jar: Jar, arrivals: Path) -> Path:
    from jgo.maven import MavenContext  # noqa: PLC0415 - costs 0.8 s, and is needed once

    group, name, version = jar.coordinate.split(":")
    mirror = os.environ.get("LEADLOOP_MAVEN_URL")
    context = MavenContext(repo_cache=arrivals, remote_repos={"central": mirror} if mirror else None)
    try:
        found = context.project(group, name).at_version(version).artifact().resolve()
    except (OSError, RuntimeError) as error:
        message = f"{jar.coordinate} could not be fetched (LEADLOOP_MAVEN_URL names a mirror): {error}"
        raise ServerError(message) from error
    return Path(found)


def _trust_what_the_machine_trusts() -> None:
    """jgo's HTTP client brings a list of authorities of its own, which knows nothing of a company's proxy."""
    if not {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} & set(os.environ):
        bundles = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *SYSTEM_BUNDLES)
        found = next((bundle for bundle in bundles if bundle and Path(bundle).is_file()), None)
        if found:
            os.environ["REQUESTS_CA_BUNDLE"] = found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pin(coordinates: Iterable[str]) -> None:
    import jgo  # noqa: PLC0415 - only for whoever upgrades Kafka

    jars = {
        f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}": _sha256(artifact.resolve())
        for coordinate in coordinates
        for artifact in jgo.resolve(coordinate)
        if artifact.packaging == "jar"
    }
    PINS.write_text("".join(f"{sha256}  {coordinate}\n" for coordinate, sha256 in sorted(jars.items())))


if __name__ == "__main__":
    _pin([*sys.argv[1:], LOGGING])
