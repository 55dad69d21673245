"""A database's URL means the same to everybody who connects, or is refused by the name of what is wrong."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from shared.database.addresses import read
from shared.database.sessions import create_engine
from shared.settings import SettingsError

PLAIN = "postgresql://role:s3cret@db.example.com:6432/leads"
# What a URL says, and some of what each side then gets of it.
READ: list[tuple[str, dict[str, Any]]] = [
    (PLAIN, {"host": ["db.example.com"], "port": [6432], "user": "role", "password": "s3cret"}),
    ("postgres://role@h/leads", {"host": ["h"], "port": [5432], "password": None, "database": "leads"}),
    ("postgresql+asyncpg://r:p%40%2F%3A+x@h/d%20b", {"password": "p@/:+x", "database": "d b"}),
    ("postgresql://r:p@a:1,b:2/d", {"host": ["a", "b"], "port": [1, 2]}),
    ("postgresql://r:p@[::1]:5433/d", {"host": ["::1"], "port": [5433]}),
    ("postgresql://%2Frun%2Fpostgresql/d", {"host": ["/run/postgresql"]}),
    ("postgresql:///d?host=/run/postgresql&user=r", {"host": ["/run/postgresql"], "user": "r"}),
    ("postgresql://h/?dbname=d&password=p&port=99", {"database": "d", "password": "p", "port": [99]}),
    (PLAIN + "?connect_timeout=7", {"timeout": 7.0}),
    (PLAIN + "?connect_timeout=0", {"timeout": None}),
    (PLAIN, {"timeout": 3, "target_session_attrs": None, "dsn": None}),
    (PLAIN + "?target_session_attrs=read-write", {"target_session_attrs": "read-write"}),
    (PLAIN + "?sslmode=require", {"dsn": "postgresql://?sslmode=require"}),
    (PLAIN + "?ssl=require", {"dsn": "postgresql://?sslmode=require"}),
    (
        PLAIN + "?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/me.pem&sslkey=/me.key&sslpassword=a%26b",
        {
            "dsn": "postgresql://?"
            + urlencode(
                {
                    "sslmode": "verify-full",
                    "sslrootcert": "/ca.pem",
                    "sslcert": "/me.pem",
                    "sslkey": "/me.key",
                    "sslpassword": "a&b",
                }
            )
        },
    ),
]
REFUSED = [
    (PLAIN + "?sslmod=require", "sslmod is not known"),
    (PLAIN + "?channel_binding=require", "channel_binding is not known"),
    (PLAIN + "?sslmode=on", "sslmode is one of disable, allow"),
    (PLAIN + "?ssl=true", "sslmode is one of disable, allow"),
    (PLAIN + "?sslmode=require&ssl=disable", "sslmode is given twice"),
    (PLAIN + "?sslrootcert=/ca.pem", "sslrootcert is looked at with sslmode=verify-full"),
    (PLAIN + "?sslrootcert=/ca.pem&sslmode=prefer", "sslrootcert is looked at with sslmode=verify-full"),
    (PLAIN + "?sslrootcert=system&sslmode=require", "sslmode has to be verify-full"),
    (PLAIN + "?sslmode=disable&sslcert=/me.pem", "sslcert says how TLS is spoken"),
    (PLAIN + "?sslmode=require&sslkey=/me.key", "sslkey is the key of a certificate"),
    (PLAIN + "?connect_timeout=soon", "connect_timeout is a whole number"),
    (PLAIN + "?target_session_attrs=master", "target_session_attrs is one of any"),
    ("mysql://role:s3cret@h/d", "begins with postgresql://"),
    ("postgresql://role:s3cret@h:port/d", "port that is no number"),
]


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGSSLMODE", "PGSSLROOTCERT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("url", "expected"), READ, ids=[url for url, _ in READ])
def test_the_driver_gets_what_the_url_says(url: str, expected: dict[str, Any]) -> None:
    given = read(url).driver_arguments("us")

    assert {name: given[name] for name in expected} == expected


@pytest.mark.parametrize("url", [url for url, _ in READ])
def test_a_url_written_again_means_the_same(url: str) -> None:
    assert read(read(url).url).driver_arguments("us") == read(url).driver_arguments("us")


@pytest.mark.parametrize(("url", "what"), REFUSED, ids=[url for url, _ in REFUSED])
def test_what_is_wrong_is_named_and_the_password_is_not(url: str, what: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        create_engine(url)

    assert what in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_the_programs_of_postgresql_get_the_same_in_their_environment() -> None:
    url = PLAIN + (
        "?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/me.pem&sslkey=/me.key&connect_timeout=7"
        "&application_name=blue&options=-c%20work_mem%3D8MB&target_session_attrs=read-write"
    )

    assert read(url).program_environment("leadloop-backup", "-c lock_timeout=0") == {
        "PGHOST": "db.example.com",
        "PGPORT": "6432",
        "PGUSER": "role",
        "PGPASSWORD": "s3cret",
        "PGDATABASE": "leads",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/ca.pem",
        "PGSSLCERT": "/me.pem",
        "PGSSLKEY": "/me.key",
        "PGCONNECT_TIMEOUT": "7",
        "PGAPPNAME": "leadloop-backup (blue)",
        "PGOPTIONS": "-c work_mem=8MB -c lock_timeout=0",
        "PGTARGETSESSIONATTRS": "read-write",
    }


@pytest.mark.parametrize(
    ("content", "parameter", "what"),
    [
        (None, "sslrootcert", "can't be read"),
        ("no certificate", "sslrootcert", "is not a PEM file"),
        ("no certificate", "sslcert", "is not a PEM file"),
        (None, "sslcrl", "can't be read"),
    ],
)
def test_a_file_that_is_no_use_is_named_before_anybody_connects(
    tmp_path: Path, content: str | None, parameter: str, what: str
) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsError, match=what) as refusal:
        create_engine(f"{PLAIN}?sslmode=require&{parameter}={file}")

    assert parameter in str(refusal.value)
    assert str(file) in str(refusal.value)


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_without_an_authority_nobody_can_be_verified(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(SettingsError, match=f"sslrootcert is missing: sslmode={mode}"):
        create_engine(f"{PLAIN}?sslmode={mode}")
