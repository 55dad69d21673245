"""No jar is used that is not the pinned one."""

import hashlib
from pathlib import Path

import pytest

from deploy.local.servers import jars
from deploy.local.servers.jars import Jar
from deploy.local.servers.processes import ServerError

GOOD = Jar("org.example:good:1.0", hashlib.sha256(b"good").hexdigest())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pins = tmp_path / "pins"
    pins.write_text(f"{GOOD.sha256}  {GOOD.coordinate}\n")
    monkeypatch.setattr(jars, "PINS", pins)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "leadloop" / "kafka-jars"


def serve(monkeypatch: pytest.MonkeyPatch, content: bytes) -> list[str]:
    asked: list[str] = []

    def fetch(jar: Jar, arrivals: Path) -> Path:
        asked.append(jar.coordinate)
        path = arrivals / jar.file_name
        path.write_bytes(content)
        return path

    monkeypatch.setattr(jars, "_fetch_one", fetch)
    return asked


def test_a_jar_that_is_not_the_pinned_one_is_refused_and_not_kept(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, b"changed on the way")

    with pytest.raises(ServerError, match=r"org\.example:good:1\.0 came with sha256 .* not the pinned"):
        jars.kafka_classpath()

    assert list(cache.iterdir()) == []


def test_a_jar_is_fetched_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serve(monkeypatch, b"good")

    assert jars.kafka_classpath() == jars.kafka_classpath() == [cache / "good-1.0.jar"]
    assert asked == [GOOD.coordinate]


def test_a_jar_damaged_in_the_cache_is_fetched_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serve(monkeypatch, b"good")
    jars.kafka_classpath()
    (cache / "good-1.0.jar").write_bytes(b"goo")

    jars.kafka_classpath()

    assert len(asked) == 2
    assert (cache / "good-1.0.jar").read_bytes() == b"good"


def test_every_jar_of_kafka_is_pinned() -> None:
    lines = [line.split() for line in jars.PINS.read_text().splitlines()]
    pinned = {coordinate: sha256 for sha256, coordinate in lines}

    assert {"org.apache.kafka:kafka_2.13:4.3.1", "org.apache.kafka:kafka-clients:4.3.1", jars.LOGGING} <= set(
        pinned
    )
    assert all(len(sha256) == 64 for sha256 in pinned.values())
